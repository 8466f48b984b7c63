//! The swarm: transports, the protocols spoken on it, and the limits under which connections come.

use std::time::Duration;

use libp2p::allow_block_list::{self, BlockedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::NetworkBehaviour;
use libp2p::{Swarm, SwarmBuilder, identify, memory_connection_limits, noise, ping, tcp, yamux};

use super::codec::{Codec, FILES, PEERS, SYNC, WITNESS};
use super::{Error, crowding, gossip, limit};

/// Protocols that share the connections. The limits come first so that they refuse before others allocate.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) crowding: crowding::Behaviour,
    pub(super) banned: allow_block_list::Behaviour<BlockedPeers>,
    pub(super) connections: connection_limits::Behaviour,
    pub(super) memory: memory_connection_limits::Behaviour,
    pub(super) gossip: gossip::Gossipsub,
    pub(super) identify: identify::Behaviour,
    pub(super) ping: ping::Behaviour,
    pub(super) sync: request_response::Behaviour<Codec>,
    pub(super) peers: request_response::Behaviour<Codec>,
    pub(super) witness: request_response::Behaviour<Codec>,
    pub(super) files: request_response::Behaviour<Codec>,
}

/// A swarm that listens nowhere yet. `per_address` as in [`super::Config`].
///
/// # Errors
/// [`Error::Key`] for bytes that are no key, [`Error::Setup`] when libp2p refuses our settings.
pub(super) fn swarm(mut seed: [u8; 32], per_address: Option<u32>) -> Result<Swarm<Behaviour>, Error> {
    let key = Keypair::ed25519_from_bytes(&mut seed).map_err(|_| Error::Key)?;
    let setup = |what: &dyn std::fmt::Display| Error::Setup { why: what.to_string() };
    let mut muxer = yamux::Config::default();
    muxer.set_max_num_streams(limit::MUXED_STREAMS);
    let builder = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, move || muxer)
        .map_err(|e| setup(&e))?
        .with_quic_config(|mut config| {
            config.max_concurrent_stream_limit = u32::try_from(limit::MUXED_STREAMS).unwrap_or(64);
            config.max_stream_data = 4 << 20;
            config.max_connection_data = 8 << 20;
            config
        });
    let swarm = builder
        .with_behaviour(|key| behaviour(key, per_address).map_err(Box::<dyn std::error::Error + Send + Sync>::from))
        .map_err(|e| setup(&e))?
        .with_swarm_config(|config| {
            config
                .with_idle_connection_timeout(limit::IDLE)
                .with_max_negotiating_inbound_streams(limit::MUXED_STREAMS)
        })
        .build();
    Ok(swarm)
}

fn behaviour(key: &Keypair, per_address: Option<u32>) -> Result<Behaviour, String> {
    let limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(limit::PENDING_IN))
        .with_max_pending_outgoing(Some(limit::PENDING_OUT))
        .with_max_established_incoming(Some(limit::INBOUND))
        .with_max_established_outgoing(Some(limit::OUTBOUND))
        .with_max_established_per_peer(Some(limit::PER_PEER));
    let identify = identify::Config::new("/althing/1".to_owned(), key.public())
        .with_agent_version(concat!("althing/", env!("CARGO_PKG_VERSION")).to_owned())
        .with_interval(Duration::from_secs(300))
        .with_cache_size(limit::BOOK);
    let sync = request_response::Config::default()
        .with_request_timeout(limit::REQUEST_TIME)
        .with_max_concurrent_streams(limit::STREAMS);
    let peers = request_response::Config::default()
        .with_request_timeout(limit::REQUEST_TIME)
        .with_max_concurrent_streams(limit::PEERS_STREAMS);
    let witness = request_response::Config::default()
        .with_request_timeout(limit::REQUEST_TIME)
        .with_max_concurrent_streams(limit::PEERS_STREAMS);
    let files = request_response::Config::default()
        .with_request_timeout(limit::REQUEST_TIME)
        .with_max_concurrent_streams(limit::files::STREAMS);
    Ok(Behaviour {
        crowding: crowding::Behaviour::new(per_address),
        banned: allow_block_list::Behaviour::default(),
        connections: connection_limits::Behaviour::new(limits),
        memory: memory_connection_limits::Behaviour::with_max_bytes(most_memory()),
        gossip: gossip::gossipsub()?,
        identify: identify::Behaviour::new(identify),
        ping: ping::Behaviour::new(ping::Config::new().with_interval(limit::PING)),
        sync: request_response::Behaviour::new([(SYNC, ProtocolSupport::Full)], sync),
        peers: request_response::Behaviour::new([(PEERS, ProtocolSupport::Full)], peers),
        witness: request_response::Behaviour::new([(WITNESS, ProtocolSupport::Full)], witness),
        files: request_response::Behaviour::new([(FILES, ProtocolSupport::Full)], files),
    })
}

fn most_memory() -> usize {
    let held = memory_stats::memory_stats().map_or(0, |now| now.physical_mem);
    limit::MEMORY_LEAST.max(held + limit::MEMORY)
}
