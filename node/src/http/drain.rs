//! Whoever is refused while still sending is told why.
//!
//! A handler that needs no more of a request's body just answers. If the connection ended then, what is still under way
//! would meet a closed port, and the system throws away the answer together with it (RFC 9112, section 9.6): a browser
//! that sends a file that is too large would show "connection reset", not the reason. So what is left is read, to
//! nobody's use, up to [`DRAINED`] bytes, for [`TIME`], and as long as
//! something comes within [`DRAIN_TIME`].

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::sync::oneshot;

use crate::limit::http::{DRAIN_TIME, DRAINED, TIME};

/// Answers once the request has been read, if that takes no longer than it may.
pub(crate) async fn drained(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    // Whoever waits for a word before sending is not sending: reading would be that word.
    let waits = parts.headers.contains_key(header::EXPECT);
    let (give, mut given_back) = oneshot::channel();
    let lent = Lent {
        body: Some(body),
        begun: false,
        back: Some(give),
    };
    let response = next.run(Request::from_parts(parts, Body::new(lent))).await;
    if let Ok(rest) = given_back.try_recv()
        && (rest.begun || !waits)
    {
        // Both bounds: who sends a byte now and then would hold the connection for as long as they like.
        drop(tokio::time::timeout(TIME, rest.drain()).await);
    }
    response
}

/// What a handler did not read.
struct Rest {
    body: Body,
    begun: bool,
}

impl Rest {
    async fn drain(mut self) {
        let mut left = DRAINED;
        while left > 0 {
            let next = std::future::poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx));
            let Ok(Some(Ok(frame))) = tokio::time::timeout(DRAIN_TIME, next).await else {
                return;
            };
            left = left.saturating_sub(frame.data_ref().map_or(1, Bytes::len));
        }
    }
}

/// A body that comes back when its reader lets go of it early.
struct Lent {
    body: Option<Body>,
    begun: bool,
    back: Option<oneshot::Sender<Rest>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.begun = true;
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take())
            && !body.is_end_stream()
        {
            let begun = self.begun;
            drop(back.send(Rest { body, begun }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::stream;

    use super::*;

    #[tokio::test]
    async fn whoever_never_ends_is_heard_up_to_the_bound() {
        let sent = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&sent);
        let piece = Bytes::from(vec![0; 1 << 20]);
        let endless = stream::repeat_with(move || {
            count.fetch_add(piece.len(), Ordering::Relaxed);
            Ok::<_, Infallible>(piece.clone())
        });
        let body = Body::from_stream(endless);
        Rest { body, begun: true }.drain().await;
        assert_eq!(sent.load(Ordering::Relaxed), DRAINED);
    }
}
