//! Which peers this node knows, where they are, and when to try them again.
//!
//! At most [`limit::BOOK`] peers with [`limit::ADDRESSES`] addresses each. Peers that the owner named (bootstrap,
//! invitations) are never forgotten for peers that only met us. Kept in one small file of the data folder, so that a
//! restarted node finds its way back without being told again; a file that cannot be read is started anew.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use serde::{Deserialize, Serialize};

use super::limit;

/// Largest file that is read.
const FILE: u64 = 1 << 20;

/// The book.
#[derive(Debug, Default)]
pub(super) struct Book {
    peers: BTreeMap<PeerId, Known>,
    changed: bool,
}

#[derive(Debug)]
struct Known {
    addresses: Vec<Multiaddr>,
    /// The owner named it.
    named: bool,
    /// Attempts that failed since the last connection.
    failures: u32,
    next: Instant,
    /// Milliseconds since 1970 of the last connection.
    seen: u64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    peer: String,
    addresses: Vec<String>,
    named: bool,
    seen: u64,
}

impl Book {
    /// Reads what was saved; empty if nothing was or it is unreadable.
    pub(super) fn load(path: &Path, now: Instant) -> Self {
        let mut text = String::new();
        let read = std::fs::File::open(path).and_then(|file| file.take(FILE).read_to_string(&mut text));
        let lines: Vec<Line> = match read {
            Ok(_) => serde_json::from_str(&text).unwrap_or_else(|why| {
                tracing::warn!(%why, "the list of known peers cannot be read and is started anew");
                Vec::new()
            }),
            Err(_) => Vec::new(),
        };
        let mut book = Self::default();
        for line in lines.into_iter().take(limit::BOOK) {
            let Ok(peer) = line.peer.parse() else { continue };
            let addresses = line.addresses.iter().filter_map(|a| a.parse().ok());
            for address in addresses.take(limit::ADDRESSES) {
                book.add(peer, address, line.named, now);
            }
            if let Some(known) = book.peers.get_mut(&peer) {
                known.seen = line.seen;
            }
        }
        book.changed = false;
        book
    }

    /// Whether it holds what is not on disk.
    pub(super) const fn changed(&self) -> bool {
        self.changed
    }

    /// Writes the book if it changed: to a file beside it first, so that a crash leaves the old or the new one.
    ///
    /// # Errors
    /// Whatever the file system says; the book stays changed and is tried again later.
    pub(super) fn save(&mut self, path: &Path) -> io::Result<()> {
        if !self.changed {
            return Ok(());
        }
        let line = |(peer, known): (&PeerId, &Known)| Line {
            peer: peer.to_string(),
            addresses: known.addresses.iter().map(ToString::to_string).collect(),
            named: known.named,
            seen: known.seen,
        };
        let lines: Vec<Line> = self.peers.iter().map(line).collect();
        let beside = path.with_extension("new");
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(&lines)?)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        self.changed = false;
        Ok(())
    }

    /// Every address with the peer's id at its end, those of peers met last first.
    pub(super) fn addresses(&self) -> Vec<Multiaddr> {
        let mut peers: Vec<(&PeerId, &Known)> = self.peers.iter().collect();
        peers.sort_by_key(|(_, known)| std::cmp::Reverse(known.seen));
        let with_peer = |peer: &PeerId, address: &Multiaddr| address.clone().with(Protocol::P2p(*peer));
        let all = peers.into_iter();
        all.flat_map(|(peer, known)| known.addresses.iter().map(move |address| with_peer(peer, address)))
            .collect()
    }

    /// Notes an address of a peer. The newest come first; too many push out the oldest.
    pub(super) fn add(&mut self, peer: PeerId, address: Multiaddr, named: bool, now: Instant) {
        let Some(address) = plain(address, &peer) else { return };
        if !self.peers.contains_key(&peer) && !self.make_room(named) {
            return;
        }
        let known = self.peers.entry(peer).or_insert_with(|| Known {
            addresses: Vec::new(),
            named,
            failures: 0,
            next: now,
            seen: 0,
        });
        if named && !known.named {
            (known.named, self.changed) = (true, true);
        }
        if !known.addresses.contains(&address) {
            known.addresses.insert(0, address);
            known.addresses.truncate(limit::ADDRESSES);
            self.changed = true;
        }
    }

    /// Tries a peer at once, whatever happened before: its address was just named by the owner.
    pub(super) fn now(&mut self, peer: &PeerId, now: Instant) {
        if let Some(known) = self.peers.get_mut(peer) {
            (known.failures, known.next) = (0, now);
        }
    }

    /// A connection stands.
    pub(super) fn met(&mut self, peer: &PeerId, time: u64) {
        if let Some(known) = self.peers.get_mut(peer) {
            (known.failures, known.seen) = (0, time);
            self.changed = true;
        }
    }

    /// A connection ended or did not come about: the peer is tried again after a while that doubles. `spread` is a
    /// random number: nodes that lost the same peer do not come back at once.
    pub(super) fn lost(&mut self, peer: &PeerId, spread: u64, now: Instant) {
        let Some(known) = self.peers.get_mut(peer) else { return };
        let wait = limit::REDIAL.saturating_mul(2_u32.saturating_pow(known.failures.min(10)));
        let wait = wait.min(limit::REDIAL_MOST);
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(2);
        known.next = now + Duration::from_millis(millis / 2 + spread % (millis / 2));
        known.failures = known.failures.saturating_add(1);
    }

    /// Peers that are due to be tried, those that the owner named first; others only if `strangers`. Answering one
    /// puts it off.
    pub(super) fn due(
        &mut self,
        now: Instant,
        most: usize,
        strangers: bool,
        skip: impl Fn(&PeerId) -> bool,
    ) -> Vec<Due> {
        let mut due: Vec<(bool, u64, PeerId)> = self
            .peers
            .iter()
            .filter(|(_, known)| known.next <= now && (known.named || strangers))
            .filter(|(peer, _)| !skip(peer))
            .map(|(peer, known)| (known.named, known.seen, *peer))
            .collect();
        due.sort_unstable_by(|a, b| b.cmp(a));
        due.truncate(most);
        due.into_iter()
            .filter_map(|(_, _, peer)| {
                let known = self.peers.get_mut(&peer)?;
                known.next = now + limit::REQUEST_TIME;
                Some(Due {
                    peer,
                    addresses: known.addresses.clone(),
                })
            })
            .collect()
    }

    /// Makes room for one more peer, at the cost of the one not seen for longest.
    fn make_room(&mut self, named: bool) -> bool {
        if self.peers.len() < limit::BOOK {
            return true;
        }
        let victim = self
            .peers
            .iter()
            .filter(|(_, k)| named || !k.named)
            .min_by_key(|(_, k)| (k.named, k.seen));
        let victim = victim.map(|(peer, _)| *peer);
        victim.is_some_and(|peer| self.peers.remove(&peer).is_some())
    }
}

/// A peer to dial.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) peer: PeerId,
    pub(super) addresses: Vec<Multiaddr>,
}

/// The peer that an address leads to, if it says so.
pub(super) fn peer_of(address: &Multiaddr) -> Option<PeerId> {
    address.iter().find_map(|part| match part {
        Protocol::P2p(peer) => Some(peer),
        _ => None,
    })
}

/// An address without the peer at its end. None for what this node cannot dial or would not keep.
fn plain(mut address: Multiaddr, peer: &PeerId) -> Option<Multiaddr> {
    if let Some(Protocol::P2p(named)) = address.iter().last() {
        if named != *peer {
            return None;
        }
        address.pop();
    }
    let mut parts = address.iter();
    let host = matches!(parts.next(), Some(Protocol::Ip4(_) | Protocol::Ip6(_)));
    let port = match (parts.next(), parts.next(), parts.next()) {
        (Some(Protocol::Tcp(port)), None, None) | (Some(Protocol::Udp(port)), Some(Protocol::QuicV1), None) => port,
        _ => 0,
    };
    (host && port != 0 && address.len() <= limit::ADDRESS).then_some(address)
}

/// Whether a peer met at `met` may be believed to be at `claimed`: nobody from outside sends us to our own machine.
pub(super) fn plausible(claimed: &Multiaddr, met: &Multiaddr) -> bool {
    let local = |address: &Multiaddr| {
        address.iter().any(|part| match part {
            Protocol::Ip4(ip) => ip.is_loopback() || ip.is_unspecified(),
            Protocol::Ip6(ip) => ip.is_loopback() || ip.is_unspecified(),
            _ => false,
        })
    };
    !local(claimed) || local(met)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> Multiaddr {
        format!("/ip4/127.0.0.1/tcp/{port}").parse().unwrap()
    }

    #[test]
    fn addresses_of_other_kinds_or_peers_are_not_kept() {
        let (peer, other) = (PeerId::random(), PeerId::random());
        let mut book = Book::default();
        for text in [
            "/ip4/127.0.0.1/tcp/0",
            "/dns4/localhost/tcp/1",
            "/ip4/127.0.0.1/udp/1",
            "/memory/1",
        ] {
            book.add(peer, text.parse().unwrap(), true, Instant::now());
        }
        book.add(peer, address(1).with(Protocol::P2p(other)), true, Instant::now());
        assert!(book.peers.is_empty());
        book.add(peer, address(1).with(Protocol::P2p(peer)), true, Instant::now());
        book.add(
            peer,
            "/ip4/127.0.0.1/udp/1/quic-v1".parse().unwrap(),
            true,
            Instant::now(),
        );
        assert_eq!(book.peers.get(&peer).unwrap().addresses.len(), 2);
    }

    #[test]
    fn the_book_is_bounded_and_named_peers_stay() {
        let (mut book, now) = (Book::default(), Instant::now());
        let named = PeerId::random();
        book.add(named, address(1), true, now);
        for _ in 0..2 * limit::BOOK {
            book.add(PeerId::random(), address(2), false, now);
        }
        assert_eq!(book.peers.len(), limit::BOOK);
        assert!(book.peers.contains_key(&named));
        for port in 10..100 {
            book.add(named, address(port), false, now);
        }
        assert_eq!(book.peers.get(&named).unwrap().addresses.len(), limit::ADDRESSES);
    }

    #[test]
    fn lost_peers_are_tried_again_later_and_later() {
        let (mut book, mut now) = (Book::default(), Instant::now());
        let peer = PeerId::random();
        book.add(peer, address(1), true, now);
        assert_eq!(book.due(now, 9, true, |_| false).len(), 1);
        assert_eq!(book.due(now, 9, true, |_| false).len(), 0, "an attempt is under way");
        let mut waits = Vec::new();
        for _ in 0..12 {
            book.lost(&peer, u64::MAX, now);
            waits.push(book.peers.get(&peer).unwrap().next - now);
            now = book.peers.get(&peer).unwrap().next;
            assert_eq!(
                book.due(now, 9, true, |p| *p == peer).len(),
                0,
                "connected peers are left alone"
            );
            assert_eq!(book.due(now, 9, true, |_| false).len(), 1);
        }
        assert!(
            waits.is_sorted() && waits.iter().all(|w| *w <= limit::REDIAL_MOST),
            "{waits:?}"
        );
        assert!(*waits.first().unwrap() <= limit::REDIAL && *waits.last().unwrap() >= limit::REDIAL_MOST / 2);
        book.met(&peer, 1);
        book.lost(&peer, 0, now);
        assert!(book.peers.get(&peer).unwrap().next - now <= limit::REDIAL);
    }

    #[test]
    fn saved_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let (path, now) = (dir.path().join("peers"), Instant::now());
        let mut book = Book::default();
        let peer = PeerId::random();
        book.add(peer, address(7), true, now);
        book.save(&path).unwrap();
        let mut again = Book::load(&path, now);
        let due = again.due(now, 9, true, |_| false);
        assert_eq!(due.len(), 1);
        assert_eq!((due[0].peer, &due[0].addresses), (peer, &vec![address(7)]));
        std::fs::write(&path, "nonsense").unwrap();
        assert!(Book::load(&path, now).peers.is_empty());
    }

    #[test]
    fn nobody_from_outside_leads_us_home() {
        let outside: Multiaddr = "/ip4/192.0.2.1/tcp/1".parse().unwrap();
        assert!(plausible(&address(1), &address(2)));
        assert!(plausible(&outside, &address(2)));
        assert!(!plausible(&address(1), &outside));
    }
}
