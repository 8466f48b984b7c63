//! Below libp2p: plain TCP connections that say nothing, or what somebody else once said.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use althing_protocol::hash::sha256;
use libp2p::futures::StreamExt as _;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, PeerId};

use super::swarm::swarm;
use super::{Options, Told};

/// Connections without a word that it holds open.
const MUTE: usize = 400;

/// Peers with keys of their own.
const PEERS: u64 = 60;

/// The socket behind an address.
fn socket(address: &Multiaddr) -> SocketAddr {
    let mut parts = address.iter();
    match (parts.next(), parts.next()) {
        (Some(Protocol::Ip4(ip)), Some(Protocol::Tcp(port))) => (ip, port).into(),
        other => panic!("no TCP address: {other:?}"),
    }
}

/// The address from which the flood comes: on loopback, and another one than that of honest nodes.
const FROM: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 66)), 0);

async fn connect(to: SocketAddr) -> std::io::Result<tokio::net::TcpStream> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(FROM)?;
    socket.connect(to).await
}

/// Carries what comes to an address of this process on to the node, from the flood's own address. Answers where.
async fn through(to: SocketAddr) -> Multiaddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            tokio::spawn(async move {
                if let Ok(mut there) = connect(to).await {
                    // Ends when either side does.
                    drop(tokio::io::copy_bidirectional(&mut here, &mut there).await);
                }
            });
        }
    });
    format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
}

/// Connections without end: mute ones, and peers under many names.
pub(super) fn flood(runtime: &tokio::runtime::Runtime, options: &Options) {
    let to = socket(&options.to);
    runtime.spawn(async move {
        let mut held = VecDeque::new();
        loop {
            held.extend(connect(to).await);
            if held.len() > MUTE {
                held.pop_front();
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    runtime.block_on(async {
        let way = through(to).await;
        let (told, mut heard) = tokio::sync::mpsc::unbounded_channel::<Told>();
        for n in 0..PEERS {
            let (told, to, name) = (told.clone(), way.clone(), options.name.clone());
            tokio::spawn(async move {
                let seed = sha256(&[b"hostile peer\0", name.as_bytes(), &n.to_be_bytes()]);
                let mut swarm = swarm(seed, false);
                loop {
                    drop(swarm.dial(to.clone()));
                    loop {
                        let mut news = Told::default();
                        let over = match swarm.select_next_some().await {
                            SwarmEvent::ConnectionEstablished { .. } => {
                                news.connected = 1;
                                false
                            }
                            SwarmEvent::ConnectionClosed { .. } => {
                                news.closed = 1;
                                true
                            }
                            SwarmEvent::OutgoingConnectionError { .. } => {
                                news.refused = 1;
                                true
                            }
                            _ => continue,
                        };
                        if told.send(news).is_err() || over {
                            break;
                        }
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
        let mut all = Told::default();
        while let Some(news) = heard.recv().await {
            all.connected = all.connected + news.connected - news.closed.min(all.connected);
            all.closed += news.closed;
            all.refused += news.refused;
            all.sent += 1;
            println!("{all}");
        }
    });
}

/// What one peer sends to a node while it connects, word by word as it stands on the wire.
#[must_use]
pub fn handshake(to: &Multiaddr) -> Vec<u8> {
    let target = socket(to);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, recorded) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let server = TcpStream::connect(target).unwrap();
        let (mut from, mut back) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || drop(std::io::copy(&mut from, &mut back)));
        let (mut client, mut server) = (client, server);
        let mut buffer = [0; 4096];
        while let Ok(n) = client.read(&mut buffer) {
            if n == 0 || server.write_all(&buffer[..n]).is_err() || sender.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let through: Multiaddr = format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap();
    let peer: PeerId = runtime.block_on(async {
        let mut swarm = swarm([9; 32], false);
        swarm.dial(through).unwrap();
        loop {
            if let SwarmEvent::ConnectionEstablished { peer_id, .. } = swarm.select_next_some().await {
                return peer_id;
            }
        }
    });
    assert!(to.iter().any(|part| part == Protocol::P2p(peer)), "it reached the node");
    // With the runtime the connection goes, and with that the recording ends.
    drop(runtime);
    recorded.iter().flatten().collect()
}

/// Sends bytes to a node and answers how many came back before it hung up, or for two seconds.
#[must_use]
pub fn knock(to: &Multiaddr, bytes: &[u8]) -> usize {
    let mut stream = TcpStream::connect(socket(to)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    // The node may hang up in the middle.
    drop(stream.write_all(bytes));
    let mut all = 0;
    let mut buffer = [0; 4096];
    while let Ok(n) = stream.read(&mut buffer) {
        if n == 0 {
            break;
        }
        all += n;
    }
    all
}
