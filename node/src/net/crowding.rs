//! How many connections one address may have, those being set up included.
//!
//! An IPv6 address counts as its network of 64 bits: whoever has one address there has them all. Loopback is exempt
//! unless the owner asks for a number: many nodes of one owner, or a proxy, come from there. Only connections from
//! outside count.

use std::convert::Infallible;
use std::net::IpAddr;
use std::task::{Context, Poll};

use hashbrown::HashMap;
use libp2p::core::Endpoint;
use libp2p::core::transport::PortUse;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{
    ConnectionClosed, ConnectionDenied, ConnectionId, FromSwarm, ListenFailure, NetworkBehaviour, THandler,
    THandlerInEvent, THandlerOutEvent, ToSwarm, dummy,
};
use libp2p::{Multiaddr, PeerId};
use thiserror::Error;

use crate::limit;

/// Refuses connections before anything is spent on them.
#[derive(Debug)]
pub(super) struct Behaviour {
    most: u32,
    loopback: bool,
    connections: HashMap<ConnectionId, IpAddr>,
    /// As many keys as there are connections at most, which other limits bound.
    counts: HashMap<IpAddr, u32>,
}

/// An address has its connections.
#[derive(Debug, Error)]
#[error("{address} has {most} connections here already")]
pub(super) struct Crowded {
    address: IpAddr,
    most: u32,
}

impl Behaviour {
    /// With the default, or with a number that holds for loopback, too.
    pub(super) fn new(most: Option<u32>) -> Self {
        Self {
            most: most.unwrap_or(limit::PER_ADDRESS),
            loopback: most.is_some(),
            connections: HashMap::new(),
            counts: HashMap::new(),
        }
    }

    fn enter(&mut self, id: ConnectionId, remote: &Multiaddr) -> Result<(), Crowded> {
        let Some(address) = network(remote).filter(|address| self.loopback || !address.is_loopback()) else {
            return Ok(());
        };
        let count = self.counts.entry(address).or_insert(0);
        if *count >= self.most {
            let most = self.most;
            if *count == 0 {
                self.counts.remove(&address);
            }
            return Err(Crowded { address, most });
        }
        *count += 1;
        self.connections.insert(id, address);
        Ok(())
    }

    fn leave(&mut self, id: ConnectionId) {
        let Some(address) = self.connections.remove(&id) else {
            return;
        };
        if let Some(count) = self.counts.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(&address);
            }
        }
    }
}

/// What counts as one address.
fn network(address: &Multiaddr) -> Option<IpAddr> {
    address.iter().find_map(|part| match part {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(match ip.to_ipv4_mapped() {
            Some(ip) => IpAddr::V4(ip),
            None if ip.is_loopback() => IpAddr::V6(ip),
            None => IpAddr::V6((ip.to_bits() & !u128::from(u64::MAX)).into()),
        }),
        _ => None,
    })
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.enter(id, remote).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm<'_>) {
        match event {
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. })
            | FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => self.leave(connection_id),
            _ => {}
        }
    }

    fn on_connection_handler_event(&mut self, _: PeerId, _: ConnectionId, event: THandlerOutEvent<Self>) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Self::ToSwarm, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(ip: &str) -> Multiaddr {
        format!("/{}/{ip}/tcp/1", if ip.contains(':') { "ip6" } else { "ip4" })
            .parse()
            .unwrap()
    }

    /// How many of these get in.
    fn enter(behaviour: &mut Behaviour, ids: std::ops::Range<usize>, ip: impl Fn(usize) -> String) -> usize {
        ids.filter(|n| behaviour.enter(ConnectionId::new_unchecked(*n), &from(&ip(*n))).is_ok())
            .count()
    }

    #[test]
    fn an_address_has_its_connections_and_gets_them_back() {
        let most = usize::try_from(limit::PER_ADDRESS).unwrap();
        let mut all = Behaviour::new(None);
        assert_eq!(enter(&mut all, 0..50, |_| "192.0.2.1".into()), most);
        assert_eq!(enter(&mut all, 50..60, |_| "192.0.2.2".into()), most.min(10));
        all.leave(ConnectionId::new_unchecked(0));
        assert_eq!(enter(&mut all, 100..110, |_| "192.0.2.1".into()), 1);
        assert_eq!(
            enter(&mut all, 200..300, |n| format!("2001:db8::{n:x}")),
            most,
            "one network"
        );
        for n in 0..300 {
            all.leave(ConnectionId::new_unchecked(n));
        }
        assert!(all.counts.is_empty() && all.connections.is_empty());
    }

    #[test]
    fn loopback_counts_only_when_asked() {
        for (most, expected) in [(None, 100), (Some(3), 3), (Some(0), 0)] {
            let mut all = Behaviour::new(most);
            assert_eq!(enter(&mut all, 0..100, |_| "127.0.0.1".into()), expected);
            assert!(all.counts.len() <= 1);
        }
    }
}
