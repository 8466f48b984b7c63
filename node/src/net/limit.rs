//! What this node grants its peers: every bound of the network part, in one place.
//!
//! These are local choices; two nodes with other bounds still agree. Sizes are in bytes.

use std::time::Duration;

/// Largest sync request: a list of some thousand ids with its framing.
pub(super) const REQUEST: usize = 128 << 10;

/// Largest sync response: a frame of about 1 MiB that one large entry may overshoot.
pub(super) const RESPONSE: usize = 2 << 20;

/// Sync streams that one connection may have open, in both directions together.
pub(super) const STREAMS: usize = 12;

/// Multiplexed streams that a peer may open on one TCP connection; each may fill a window of 256 KiB.
pub(super) const MUXED_STREAMS: usize = 64;

/// A request, its answer included, takes at most this long.
pub(super) const REQUEST_TIME: Duration = Duration::from_secs(30);

/// A connection on which nothing is open for this long is closed. Gossip keeps those of interest open.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// Connections being set up from outside.
pub(super) const PENDING_IN: u32 = 32;

/// Connections being set up by this node.
pub(super) const PENDING_OUT: u32 = 16;

/// Established connections from outside.
pub(super) const INBOUND: u32 = 96;

/// Established connections made by this node. More than half of all are never inbound only, against eclipse.
pub(super) const OUTBOUND: u32 = 32;

/// Established connections of one peer: two, because both ends may dial at the same moment.
pub(super) const PER_PEER: u32 = 2;

/// New connections are refused while the process has grown by this since the network part began: what it held before
/// is its record, which nobody can make it give up.
pub(super) const MEMORY: usize = 256 << 20;

/// They are not refused below this.
pub(super) const MEMORY_LEAST: usize = 448 << 20;

/// Largest gossip message: a body of [`INLINE`] with the largest header and the framing.
pub(super) const GOSSIP: usize = 64 << 10;

/// Bodies up to this length travel with a gossiped entry; of larger ones the header goes ahead.
pub(super) const INLINE: usize = 48 << 10;

/// Committees that a peer may say it follows; also what one node gossips about.
pub(super) const TOPICS: usize = 256;

/// Entries that wait for their turn to be gossiped. What does not fit is left to sync.
pub(super) const PUBLISH_QUEUE: usize = 1024;

/// Entries gossiped per second at most; above, gossip itself begins to lose (measured).
pub(super) const PUBLISH_RATE: f64 = 100.0;

/// Entries gossiped at once after silence.
pub(super) const PUBLISH_BURST: f64 = 200.0;

/// Gossip messages of all peers that are being judged at a time.
pub(super) const JUDGING: usize = 512;

/// Gossip messages of one peer that are being judged at a time.
pub(super) const JUDGING_PER_PEER: usize = 128;

/// How long a gossiped entry may wait for its parents before it is no longer forwarded. Gossip itself forgets it then.
pub(super) const JUDGING_TIME: Duration = Duration::from_secs(3);

/// Sync requests of one peer per second, sustained.
pub(super) const ASK_RATE: f64 = 500.0;

/// Sync requests of one peer at once.
pub(super) const ASK_BURST: f64 = 1000.0;

/// Sync requests of one peer that are being answered at a time.
pub(super) const SERVING_PER_PEER: usize = 16;

/// Sync requests of all peers that are being answered at a time. Each may hold a [`RESPONSE`].
pub(super) const SERVING: usize = 32;

/// Peers from which this node fetches at the same time, per committee.
pub(super) const SESSIONS_PER_COMMITTEE: usize = 3;

/// Sessions at a time in all.
pub(super) const SESSIONS: usize = 16;

/// Peers that are remembered, with their addresses.
pub(super) const BOOK: usize = 256;

/// Addresses that are remembered of one peer.
pub(super) const ADDRESSES: usize = 6;

/// Length of one address that is remembered.
pub(super) const ADDRESS: usize = 256;

/// Banned peers that are remembered; the ban that ends first goes first.
pub(super) const BANS: usize = 1024;

/// The driver looks at its timers this often.
pub(super) const TICK: Duration = Duration::from_millis(100);

/// Digests are compared with every peer at least this often.
pub(super) const COMPARE: Duration = Duration::from_secs(10);

/// So long after a change digests are compared: more may come, and gossip may have done it by then.
pub(super) const SETTLE: Duration = Duration::from_millis(300);

/// Longest wait between fruitless sessions with one peer about one committee.
pub(super) const FRUITLESS: Duration = Duration::from_secs(300);

/// First wait before a lost or failed connection is tried again.
pub(super) const REDIAL: Duration = Duration::from_millis(500);

/// Longest wait before a connection is tried again.
pub(super) const REDIAL_MOST: Duration = Duration::from_secs(60);

/// Logs on the floor of one committee that are announced to peers.
pub(super) const FLOOR_LOGS: usize = 16_384;

/// Floor entries that one session takes.
pub(super) const FLOOR_ENTRIES: u64 = 2048;

/// Milliseconds without a new entry after which a session ends.
pub(super) const SESSION_IDLE: u64 = 20_000;

/// Longest session; the next goes on where it ended.
pub(super) const SESSION_TIME: Duration = Duration::from_secs(600);

/// A second peer is asked about the same committee once a session lasted for this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Shortest time between two sessions with one peer about one committee.
pub(super) const GAP: Duration = Duration::from_millis(500);

/// Peers that went, times committees, of which it is remembered how far they were read.
pub(super) const MEMORY_OF_PAIRS: usize = 256;

/// Events on their way to the driver. Whoever sends one more waits.
pub(super) const EVENTS: usize = 1024;

/// Gossiped entries of one peer that go through ingest together.
pub(super) const JUDGED_AT_ONCE: usize = 64;

/// Outgoing connections that this node keeps up by itself, beside those to peers that its owner named.
pub(super) const KEEP: usize = 8;

/// Connections tried at a time.
pub(super) const DIALS: usize = 8;

/// Addresses without a peer's name that are tried.
pub(super) const NAMELESS: usize = 16;

/// The list of known peers is written at most this often.
pub(super) const SAVE: Duration = Duration::from_secs(1);

/// Floor lists are made anew at most this often, after notices were lost.
pub(super) const REBUILD: Duration = Duration::from_secs(2);

/// Committees on whose topics an identity's own new entries are gossiped.
pub(super) const OWN_TOPICS: usize = 16;

/// Addresses that the owner may name in one breath.
pub(super) const DIALS_ASKED: usize = 64;

/// Bytes that a session may bring without anything new before its peer is left alone for a while.
pub(super) const IN_VAIN: u64 = 256 << 10;

/// Gossip messages of one peer per second that are judged, sustained.
pub(super) const GOSSIP_RATE: f64 = 1000.0;

/// Gossip messages of one peer that are judged at once.
pub(super) const GOSSIP_BURST: f64 = 4000.0;
