//! The protocols of a node, without any of its manners.

use std::io;
use std::time::Duration;

use libp2p::futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use libp2p::gossipsub::{self, ConfigBuilder, Message, MessageAuthenticity, MessageId, ValidationMode};
use libp2p::identity::Keypair;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::NetworkBehaviour;
use libp2p::{StreamProtocol, Swarm, SwarmBuilder, identify, noise, tcp, yamux};

#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) gossip: gossipsub::Behaviour,
    pub(super) identify: identify::Behaviour,
    pub(super) sync: request_response::Behaviour<Rude>,
    pub(super) files: request_response::Behaviour<Rude>,
}

/// What to put on a stream.
#[derive(Debug, Clone)]
pub(super) enum Send {
    /// A frame, as it should be.
    Frame(Vec<u8>),
    /// These bytes.
    Raw(Vec<u8>),
    /// The beginning of a frame, then a byte now and then, for ever.
    Endless,
}

/// Reads and writes frames, or does not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rude {
    /// Answers are never read.
    pub(super) deaf: bool,
}

impl request_response::Codec for Rude {
    type Protocol = StreamProtocol;
    type Request = Send;
    type Response = Send;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Send>
    where
        T: AsyncRead + Unpin + std::marker::Send,
    {
        read(io).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Send>
    where
        T: AsyncRead + Unpin + std::marker::Send,
    {
        if self.deaf {
            std::future::pending::<()>().await;
        }
        read(io).await
    }

    async fn write_request<T>(&mut self, _: &StreamProtocol, io: &mut T, what: Send) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + std::marker::Send,
    {
        write(io, what).await
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, io: &mut T, what: Send) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + std::marker::Send,
    {
        write(io, what).await
    }
}

async fn read<T: AsyncRead + Unpin>(io: &mut T) -> io::Result<Send> {
    let mut head = [0; 4];
    io.read_exact(&mut head).await?;
    let mut frame = Vec::new();
    io.take(u64::from(u32::from_be_bytes(head)))
        .read_to_end(&mut frame)
        .await?;
    Ok(Send::Frame(frame))
}

async fn write<T: AsyncWrite + Unpin>(io: &mut T, what: Send) -> io::Result<()> {
    match what {
        Send::Frame(frame) => {
            let length = u32::try_from(frame.len()).unwrap();
            io.write_all(&length.to_be_bytes()).await?;
            io.write_all(&frame).await
        }
        Send::Raw(bytes) => io.write_all(&bytes).await,
        Send::Endless => {
            io.write_all(&[0, 1, 0, 0]).await?;
            loop {
                io.write_all(&[0xa1]).await?;
                io.flush().await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// A swarm with a key of its own, drawn from a seed.
pub(super) fn swarm(mut seed: [u8; 32], deaf: bool) -> Swarm<Behaviour> {
    let key = Keypair::ed25519_from_bytes(&mut seed).unwrap();
    SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(
            tcp::Config::default().nodelay(true),
            noise::Config::new,
            yamux::Config::default,
        )
        .unwrap()
        .with_behaviour(|key| {
            let config = ConfigBuilder::default()
                .validation_mode(ValidationMode::Anonymous)
                .validate_messages()
                .message_id_fn(|message: &Message| {
                    MessageId::new(althing_protocol::entry::wire_hash(&message.data).as_bytes())
                })
                .max_transmit_size(1 << 20)
                .build()
                .unwrap();
            let sync = request_response::Config::default()
                .with_request_timeout(Duration::from_secs(120))
                .with_max_concurrent_streams(10_000);
            let name = StreamProtocol::new("/althing/sync/1");
            let chunks = StreamProtocol::new("/althing/files/1");
            Behaviour {
                gossip: gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config).unwrap(),
                identify: identify::Behaviour::new(identify::Config::new("/althing/1".to_owned(), key.public())),
                sync: request_response::Behaviour::with_codec(
                    Rude { deaf },
                    [(name, ProtocolSupport::Full)],
                    sync.clone(),
                ),
                files: request_response::Behaviour::with_codec(Rude { deaf }, [(chunks, ProtocolSupport::Full)], sync),
            }
        })
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(600)))
        .build()
}
