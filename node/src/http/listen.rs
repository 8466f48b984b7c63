//! Connections: there are only so many, none may be silent for long, and each sends a whole head of a request soon.

use std::io::IoSlice;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{self, AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep, sleep};

use crate::limit::http::{CONNECTIONS, HEAD, HEADERS, SILENCE};

/// How long to wait when the system has no connection to give: no files left, say.
const BREATH: Duration = Duration::from_millis(50);

/// From where a request comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remote(pub(crate) SocketAddr);

/// Serves until `closing` says so; then requests under way are finished and nothing else is begun. A connection has
/// `head` to send the head of a request.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut closing: watch::Receiver<bool>, head: Duration) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut protocol = http1::Builder::new();
    protocol.timer(TokioTimer::new()).header_read_timeout(head);
    protocol.max_headers(HEADERS).max_buf_size(HEAD);
    let router = TowerToHyperService::new(router);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let accept = async {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = accept => next,
            _ = closing.wait_for(|closing| *closing) => break,
        };
        let Ok((stream, addr)) = accepted else {
            sleep(BREATH).await;
            continue;
        };
        let requests = Requests {
            router: router.clone(),
            remote: Remote(addr),
        };
        let stream = Watched::new(stream, place);
        connections.spawn(one(protocol.clone(), stream, requests, closing.clone()));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn one(protocol: http1::Builder, stream: Watched, requests: Requests, mut closing: watch::Receiver<bool>) {
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), requests));
    tokio::select! {
        // Whatever ends it early is the client's to notice.
        _ = connection.as_mut() => return,
        _ = closing.wait_for(|closing| *closing) => {}
    }
    connection.as_mut().graceful_shutdown();
    drop(connection.await);
}

/// The requests of one connection.
struct Requests {
    router: TowerToHyperService<Router>,
    remote: Remote,
}

impl Service<hyper::Request<Incoming>> for Requests {
    type Response = <TowerToHyperService<Router> as Service<hyper::Request<Incoming>>>::Response;
    type Error = <TowerToHyperService<Router> as Service<hyper::Request<Incoming>>>::Error;
    type Future = <TowerToHyperService<Router> as Service<hyper::Request<Incoming>>>::Future;

    fn call(&self, mut request: hyper::Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(ConnectInfo(self.remote));
        self.router.call(request)
    }
}

/// A connection that ends when it was silent for too long.
#[derive(Debug)]
pub(crate) struct Watched {
    stream: TcpStream,
    silence: Pin<Box<Sleep>>,
    _place: Option<OwnedSemaphorePermit>,
}

impl Watched {
    fn new(stream: TcpStream, place: Option<OwnedSemaphorePermit>) -> Self {
        // Answers are small and wait for nothing.
        drop(stream.set_nodelay(true));
        Self {
            stream,
            silence: Box::pin(sleep(SILENCE)),
            _place: place,
        }
    }

    fn moved(&mut self) {
        self.silence.as_mut().reset(Instant::now() + SILENCE);
    }

    fn check(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        ready!(self.silence.as_mut().poll(cx));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "nothing moved for too long"))
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Pending => self.check(cx).map(Err),
            done => {
                self.moved();
                done
            }
        }
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write(cx, buf) {
            Poll::Pending => self.check(cx).map(Err),
            done => {
                self.moved();
                done
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match Pin::new(&mut self.stream).poll_write_vectored(cx, bufs) {
            Poll::Pending => self.check(cx).map(Err),
            done => {
                self.moved();
                done
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use axum::routing::get;

    use super::*;

    /// Serves until it is dropped.
    fn server(head: Duration) -> (tokio::runtime::Runtime, SocketAddr, watch::Sender<bool>) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let addr = listener.local_addr().unwrap();
        let (close, closing) = watch::channel(false);
        let router = Router::new().route("/", get(|| async { "here" }));
        runtime.spawn(serve(listener, router, closing, head));
        (runtime, addr, close)
    }

    fn answer(addr: SocketAddr, parts: &[&str], pause: Duration) -> String {
        let mut stream = TcpStream::connect(addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        for part in parts {
            if stream.write_all(part.as_bytes()).is_err() {
                break;
            }
            std::thread::sleep(pause);
        }
        let mut text = Vec::new();
        drop(stream.read_to_end(&mut text));
        String::from_utf8_lossy(&text).into_owned()
    }

    #[test]
    fn a_head_that_comes_drop_by_drop_ends_the_connection() {
        let (_runtime, addr, _close) = server(Duration::from_millis(300));
        let whole = ["GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"];
        assert!(answer(addr, &whole, Duration::ZERO).ends_with("here"));
        let mut drops = vec!["GET / HTTP/1.1\r\n"];
        drops.extend(["X-A: b\r\n"; 20]);
        drops.push("Connection: close\r\n\r\n");
        let start = std::time::Instant::now();
        let said = answer(addr, &drops, Duration::from_millis(50));
        assert!(!said.contains("here"), "{said}");
        assert!(start.elapsed() < Duration::from_secs(5));
        // Nothing at all is no head either.
        let start = std::time::Instant::now();
        assert_eq!(answer(addr, &[], Duration::ZERO), "");
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }

    #[test]
    fn heads_have_so_many_headers_and_bytes() {
        let (_runtime, addr, _close) = server(Duration::from_secs(5));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(HEADERS + 1));
        assert!(answer(addr, &[&many], Duration::ZERO).starts_with("HTTP/1.1 431 "));
        let long = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "b".repeat(2 * HEAD));
        assert!(!answer(addr, &[&long], Duration::ZERO).contains("here"));
    }

    #[test]
    fn closing_ends_what_idles() {
        let (runtime, addr, close) = server(Duration::from_secs(60));
        let mut idle = TcpStream::connect(addr).unwrap();
        idle.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut some = [0; 8];
        idle.read_exact(&mut some).unwrap();
        close.send_replace(true);
        let mut rest = Vec::new();
        idle.read_to_end(&mut rest).unwrap();
        assert!(rest.ends_with(b"here"));
        drop(runtime);
    }
}
