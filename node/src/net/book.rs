//! Which peers this node knows, where they are, and when to try them again.
//!
//! At most [`limit::BOOK`] peers with [`limit::ADDRESSES`] addresses each. Peers that the owner named (bootstrap,
//! invitations) are never forgotten for peers that only met us. Kept in one small file of the data folder, so that a
//! restarted node finds its way back without being told again; a file that cannot be read is started anew.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use althing_protocol::hash::Id;
use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};
use serde::{Deserialize, Serialize};

use super::card::Card;
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
    /// Milliseconds since 1970 of the last connection; 0 if there was none.
    seen: u64,
    /// Whose it is.
    card: Option<Card>,
    /// It belonged to a member when it was told of.
    holder: bool,
    /// Let go in favour of others, until then.
    resting: Option<Instant>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    peer: String,
    addresses: Vec<String>,
    named: bool,
    seen: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card: Option<Card>,
    #[serde(default)]
    holder: bool,
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
                known.holder = line.holder;
                known.card = line.card.filter(|card| card.is_for(&peer));
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
            card: known.card.clone(),
            holder: known.holder,
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
    pub(super) fn everybody(&self) -> Vec<Multiaddr> {
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
        let known = self.peers.entry(peer).or_insert_with(|| Known::new(named, now));
        if named && !known.named {
            (known.named, self.changed) = (true, true);
        }
        if !known.addresses.contains(&address) {
            known.addresses.insert(0, address);
            known.addresses.truncate(limit::ADDRESSES);
            self.changed = true;
        }
    }

    /// Notes a peer that another one told of. Of one identity at most [`limit::BOOK_PER_IDENTITY`] are taken this way,
    /// and of those that say nothing about themselves [`limit::BOOK_UNMET`].
    pub(super) fn hear(
        &mut self,
        peer: PeerId,
        addresses: Vec<Multiaddr>,
        card: Option<Card>,
        holder: bool,
        now: Instant,
    ) {
        if !self.peers.contains_key(&peer) {
            let same = self.peers.values().filter(|known| match &card {
                // Strangers may claim to be a member's: they take no room from those that are.
                Some(card) => known.identity() == Some(card.identity) && known.holder == holder,
                None => known.card.is_none() && known.seen == 0 && !known.named,
            });
            let most = match &card {
                Some(_) => limit::BOOK_PER_IDENTITY,
                None => limit::BOOK_UNMET,
            };
            if same.count() >= most {
                return;
            }
        }
        for address in addresses {
            self.add(peer, address, false, now);
        }
        if let Some(known) = self.peers.get_mut(&peer)
            && card.is_some()
        {
            self.changed |= known.card != card;
            (known.card, known.holder) = (card, holder);
        }
    }

    /// A peer showed whose it is.
    pub(super) fn belongs(&mut self, peer: &PeerId, card: &Card) {
        if let Some(known) = self.peers.get_mut(peer)
            && known.card.as_ref() != Some(card)
        {
            known.card = Some(card.clone());
            self.changed = true;
        }
    }

    /// Where a peer is.
    pub(super) fn addresses(&self, peer: &PeerId) -> &[Multiaddr] {
        self.peers.get(peer).map_or(&[], |known| known.addresses.as_slice())
    }

    /// Whether the owner named a peer.
    pub(super) fn is_named(&self, peer: &PeerId) -> bool {
        self.peers.get(peer).is_some_and(|known| known.named)
    }

    /// Leaves a peer alone for a while: others are worth more.
    pub(super) fn rest(&mut self, peer: &PeerId, until: Instant) {
        if let Some(known) = self.peers.get_mut(peer) {
            known.resting = Some(until);
        }
    }

    /// Tries a peer at once, whatever happened before: its address was just named by the owner.
    pub(super) fn now(&mut self, peer: &PeerId, now: Instant) {
        if let Some(known) = self.peers.get_mut(peer) {
            (known.failures, known.next, known.resting) = (0, now, None);
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
        let stood = known.seen > 0 && known.failures < limit::REDIALS_MET;
        let wait = wait.min(if stood { limit::REDIAL_MET } else { limit::REDIAL_MOST });
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(2);
        known.next = now + Duration::from_millis(millis / 2 + spread % (millis / 2));
        known.failures = known.failures.saturating_add(1);
    }

    /// Peers that are due to be tried.
    pub(super) fn due(&self, now: Instant, skip: impl Fn(&PeerId) -> bool) -> Vec<Candidate> {
        let due = |known: &Known| known.next <= now && known.resting.is_none_or(|until| until <= now);
        self.peers
            .iter()
            .filter(|(peer, known)| due(known) && !skip(peer))
            .map(|(peer, known)| Candidate {
                peer: *peer,
                named: known.named,
                seen: known.seen,
                identity: known.identity(),
                card: known.card.clone(),
            })
            .collect()
    }

    /// Puts a peer off, because it is tried now; answers where.
    pub(super) fn try_now(&mut self, peer: &PeerId, now: Instant) -> Vec<Multiaddr> {
        let Some(known) = self.peers.get_mut(peer) else {
            return Vec::new();
        };
        known.next = now + limit::REQUEST_TIME;
        known.addresses.clone()
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
            .min_by_key(|(_, k)| (k.named, k.holder, k.seen));
        let victim = victim.map(|(peer, _)| *peer);
        victim.is_some_and(|peer| self.peers.remove(&peer).is_some())
    }
}

impl Known {
    fn new(named: bool, now: Instant) -> Self {
        Self {
            addresses: Vec::new(),
            named,
            failures: 0,
            next: now,
            seen: 0,
            card: None,
            holder: false,
            resting: None,
        }
    }

    fn identity(&self) -> Option<Id> {
        self.card.as_ref().map(|card| card.identity)
    }
}

/// A peer that might be dialled.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) peer: PeerId,
    /// The owner named it.
    pub(super) named: bool,
    /// Milliseconds since 1970 of the last connection.
    pub(super) seen: u64,
    /// Whose it says it is, and what shows it.
    pub(super) identity: Option<Id>,
    pub(super) card: Option<Card>,
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
        assert_eq!(book.due(now, |_| false).len(), 1);
        assert_eq!(book.try_now(&peer, now), [address(1)]);
        assert_eq!(book.due(now, |_| false).len(), 0, "an attempt is under way");
        let mut waits = Vec::new();
        for _ in 0..12 {
            book.lost(&peer, u64::MAX, now);
            waits.push(book.peers.get(&peer).unwrap().next - now);
            now = book.peers.get(&peer).unwrap().next;
            assert_eq!(book.due(now, |p| *p == peer).len(), 0, "connected peers are left alone");
            assert_eq!(book.due(now, |_| false).len(), 1);
            book.try_now(&peer, now);
        }
        assert!(
            waits.is_sorted() && waits.iter().all(|w| *w <= limit::REDIAL_MOST),
            "{waits:?}"
        );
        assert!(*waits.first().unwrap() <= limit::REDIAL && *waits.last().unwrap() >= limit::REDIAL_MOST / 2);
        book.met(&peer, 1);
        book.lost(&peer, 0, now);
        assert!(book.peers.get(&peer).unwrap().next - now <= limit::REDIAL);
        // One to which a connection stood is tried more often, for a while.
        for _ in 1..limit::REDIALS_MET {
            book.lost(&peer, u64::MAX, now);
            assert!(book.peers.get(&peer).unwrap().next - now <= limit::REDIAL_MET);
        }
        book.lost(&peer, u64::MAX, now);
        assert!(book.peers.get(&peer).unwrap().next - now > limit::REDIAL_MET);
        book.met(&peer, 1);
        now += limit::REDIAL;
        book.rest(&peer, now + limit::REST);
        book.lost(&peer, 0, now);
        assert_eq!(book.due(now + limit::REST / 2, |_| false).len(), 0, "let go for others");
        assert_eq!(book.due(now + limit::REST, |_| false).len(), 1);
    }

    #[test]
    fn hearsay_is_bounded_and_members_are_not_forgotten_for_it() {
        let (mut book, now) = (Book::default(), Instant::now());
        let dir = tempfile::tempdir().unwrap();
        let home = |name: &str| crate::home::Home::init(&dir.path().join(name), name).unwrap();
        let (ada, mallory) = (home("ada"), home("mallory"));
        let member = PeerId::random();
        book.hear(member, vec![address(1)], Card::of(&ada, &member), true, now);
        for _ in 0..100 {
            let sybil = PeerId::random();
            book.hear(sybil, vec![address(2)], Card::of(&mallory, &sybil), false, now);
            book.hear(PeerId::random(), vec![address(3)], None, false, now);
        }
        let of = |id: Option<Id>| book.peers.values().filter(|known| known.identity() == id).count();
        assert_eq!(of(Some(mallory.identity())), limit::BOOK_PER_IDENTITY);
        assert_eq!(of(None), limit::BOOK_UNMET);
        assert_eq!(of(Some(ada.identity())), 1);
        for _ in 0..2 * limit::BOOK {
            book.add(PeerId::random(), address(2), false, now);
        }
        assert!(book.peers.contains_key(&member));
        let path = dir.path().join("peers");
        book.save(&path).unwrap();
        let again = Book::load(&path, now);
        assert_eq!(again.peers[&member].identity(), Some(ada.identity()));
    }

    #[test]
    fn saved_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let (path, now) = (dir.path().join("peers"), Instant::now());
        let mut book = Book::default();
        let peer = PeerId::random();
        book.add(peer, address(7), true, now);
        book.save(&path).unwrap();
        let again = Book::load(&path, now);
        let due = again.due(now, |_| false);
        assert_eq!(due.len(), 1);
        assert_eq!((due[0].peer, again.addresses(&peer)), (peer, [address(7)].as_slice()));
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
