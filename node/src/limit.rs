//! What this node grants others: every bound that is its own choice, in one place.
//!
//! Two nodes with other bounds still agree: what all nodes must share is in `althing_protocol::limit`. What faults
//! cost a peer is in `net/penalty.rs`, what is granted to whom in `net/tier.rs`. Lengths of pages of lists stand
//! beside the lists. Sizes are in bytes.

use std::time::Duration;

use althing_protocol::hash::Id;
use althing_protocol::state::Limits;
use althing_protocol::{floor, waiting};

/// So much at once, so much per second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(crate) burst: f64,
}

const fn rate(per_second: f64, burst: f64) -> Rate {
    Rate { per_second, burst }
}

// What is kept of what no record holds.

/// The floor and the waiting pool, in entries, on the node of this identity.
pub(crate) fn state(own: Id) -> Limits {
    Limits {
        floor: floor::Limits::default(),
        waiting: waiting::Limits::default(),
        own: Some(own),
    }
}

/// Bytes of bodies that the floor holds.
pub(crate) const FLOOR_BYTES: u64 = 512 << 20;

/// Bytes of bodies of one key that the floor holds: sixteen of the largest.
pub(crate) const FLOOR_BYTES_PER_KEY: u64 = 4 << 20;

// Ingest.

/// Jobs that wait to be verified, in each of the three lanes.
pub(crate) const QUEUE: usize = 64;

/// Bytes of one job; a larger submission is cut into several, a single larger entry is one job.
pub(crate) const JOB_BYTES: usize = 256 << 10;

/// Entries of one job.
pub(crate) const JOB: usize = 256;

/// Entries that are verified, and then written, together.
pub(crate) const GROUP: usize = 512;

/// Bytes of a group, above which no further job is added to it.
pub(crate) const GROUP_BYTES: usize = 4 << 20;

/// One job in so many is taken from the last lane, however much waits in the others.
pub(crate) const TURN: u32 = 8;

// The network: frames, streams, connections, memory.

/// Largest sync request: a list of some thousand ids with its framing.
pub(crate) const REQUEST: usize = 128 << 10;

/// Largest sync response: a frame of about 1 MiB that one large entry may overshoot.
pub(crate) const RESPONSE: usize = 2 << 20;

/// Sync streams that one connection may have open, in both directions together.
pub(crate) const STREAMS: usize = 12;

/// Multiplexed streams that a peer may open on one TCP connection; each may fill a window of 256 KiB.
pub(crate) const MUXED_STREAMS: usize = 64;

/// A request, its answer included, takes at most this long.
pub(crate) const REQUEST_TIME: Duration = Duration::from_secs(30);

/// A request has to be here this long after its stream was opened.
pub(crate) const REQUEST_READ: Duration = Duration::from_secs(10);

/// A connection on which nothing is open for this long is closed. Gossip keeps those of interest open.
pub(crate) const IDLE: Duration = Duration::from_secs(60);

/// Connections being set up from outside.
pub(crate) const PENDING_IN: u32 = 32;

/// Connections being set up by this node.
pub(crate) const PENDING_OUT: u32 = 16;

/// Established connections from outside.
pub(crate) const INBOUND: u32 = 96;

/// Established connections made by this node. More than half of all are never inbound only, against eclipse.
pub(crate) const OUTBOUND: u32 = 32;

/// Established connections of one peer: two, because both ends may dial at the same moment.
pub(crate) const PER_PEER: u32 = 2;

/// Connections from one IP address, or one IPv6 network of 64 bits, those being set up included.
pub(crate) const PER_ADDRESS: u32 = 8;

/// New connections are refused while the process has grown by this since the network part began: what it held before
/// is its record, which nobody can make it give up.
pub(crate) const MEMORY: usize = 256 << 20;

/// They are not refused below this.
pub(crate) const MEMORY_LEAST: usize = 448 << 20;

/// Largest gossip message: a body of [`INLINE`] with the largest header and the framing.
pub(crate) const GOSSIP: usize = 64 << 10;

/// Bodies up to this length travel with a gossiped entry; of larger ones the header goes ahead.
pub(crate) const INLINE: usize = 48 << 10;

/// Committees that a peer may say it follows; also what one node gossips about.
pub(crate) const TOPICS: usize = 256;

/// Entries that wait for their turn to be gossiped: as many as go out in half a second, after which sync is there.
pub(crate) const PUBLISH_QUEUE: usize = 64;

/// Of what is written in one go, so many entries are gossiped, the newest: what is written next need not wait for them.
pub(crate) const PUBLISH_BULK: usize = 16;

/// Gossip messages that wait for one peer's connection. Each may be as large as [`GOSSIP`].
pub(crate) const HANDLER_QUEUE: usize = 128;

/// Entries that this node gossips of its own; above, gossip itself begins to lose (measured).
pub(crate) const PUBLISH: Rate = rate(100.0, 200.0);

/// Gossip messages of one peer that are looked at.
pub(crate) const GOSSIP_PEER: Rate = rate(1000.0, 4000.0);

/// Of these, entries of strangers that are verified. The rest is left to sync, which can wait.
pub(crate) const GOSSIP_PEER_STRANGERS: Rate = rate(100.0, 300.0);

/// New entries of one member that are judged before others' and forwarded at once. More is left to sync.
pub(crate) const GOSSIP_MEMBER: Rate = rate(50.0, 500.0);

/// The same for one whom a member has listened to.
pub(crate) const GOSSIP_KNOWN: Rate = rate(10.0, 64.0);

/// The same for a stranger.
pub(crate) const GOSSIP_STRANGER: Rate = rate(2.0, 32.0);

/// New entries of all strangers together that are forwarded.
pub(crate) const STRANGERS: Rate = rate(100.0, 300.0);

/// Peers and identities whose rates are remembered, of each.
pub(crate) const BUCKETS: usize = 4096;

/// Gossip messages of all peers that are being judged at a time, those of members and those of others.
pub(crate) const JUDGING: usize = 512;

/// Gossip messages of one peer that are being judged at a time.
pub(crate) const JUDGING_PER_PEER: usize = 128;

/// How long a gossiped entry may wait for its parents before it is no longer forwarded. Gossip itself forgets it then.
pub(crate) const JUDGING_TIME: Duration = Duration::from_secs(3);

/// Sync requests of one peer.
pub(crate) const ASKS: Rate = rate(500.0, 1000.0);

/// Sync requests of a peer that belongs to nobody known here.
pub(crate) const ASKS_STRANGER: Rate = rate(200.0, 500.0);

/// Sync requests of one peer that are being answered at a time, until the answer is sent.
pub(crate) const SERVING_PER_PEER: usize = 16;

/// The same for a peer that belongs to nobody known here.
pub(crate) const SERVING_PER_STRANGER: usize = 6;

/// The same for all such peers together: the rest of [`SERVING`] is kept for others, however slowly strangers read.
pub(crate) const SERVING_STRANGERS: usize = 20;

/// Sync requests of all peers that are being answered at a time. Each may hold a [`RESPONSE`].
pub(crate) const SERVING: usize = 32;

/// Peers from which this node fetches at the same time, per committee.
pub(crate) const SESSIONS_PER_COMMITTEE: usize = 3;

/// Sessions at a time in all.
pub(crate) const SESSIONS: usize = 16;

/// Peers that are remembered, with their addresses.
pub(crate) const BOOK: usize = 256;

/// Addresses that are remembered of one peer.
pub(crate) const ADDRESSES: usize = 6;

/// Length of one address that is remembered.
pub(crate) const ADDRESS: usize = 256;

/// Peers of one identity that are remembered from hearsay.
pub(crate) const BOOK_PER_IDENTITY: usize = 4;

/// Peers that are remembered from hearsay of which nobody says whose they are.
pub(crate) const BOOK_UNMET: usize = 64;

/// Different members to be connected to, against eclipse: beyond [`KEEP`] if need be.
pub(crate) const HOLDERS: usize = 4;

/// Peers that one answer tells of, and addresses of each.
pub(crate) const TOLD: usize = 16;
pub(crate) const ADDRESSES_TOLD: usize = 4;

/// Largest question whose a peer is and whom it knows, and its largest answer.
pub(crate) const PEERS_REQUEST: usize = 1 << 10;
pub(crate) const PEERS_ANSWER: usize = 32 << 10;

/// Streams for these on one connection.
pub(crate) const PEERS_STREAMS: usize = 4;

/// Largest request for a cosignature: a signed note and a consistency proof; and its largest answer.
pub(crate) const WITNESS_REQUEST: usize = 24 << 10;
pub(crate) const WITNESS_ANSWER: usize = 1 << 10;

/// Requests for cosignatures of all peers that are being answered at a time, and of this node that wait to be sent.
pub(crate) const WITNESSING: usize = 16;

/// Requests for cosignatures of one peer: one a minute for each of some committees, and those that a bot asks for.
pub(crate) const COSIGN: Rate = rate(2.0, 64.0);

/// A peer is asked this so often.
pub(crate) const ACQUAINT: Duration = Duration::from_secs(60);

/// A peer may ask this so often.
pub(crate) const QUESTIONS: Rate = rate(0.1, 8.0);

/// Whose the connected peers are is looked up so often.
pub(crate) const STANDING: Duration = Duration::from_secs(2);

/// Whom to call is chosen so often.
pub(crate) const CHOOSE: Duration = Duration::from_millis(500);

/// A peer that was let go for others is left alone for so long.
pub(crate) const REST: Duration = Duration::from_secs(600);

/// Banned peers that are remembered; the ban that ends first goes first.
pub(crate) const BANS: usize = 1024;

/// The driver looks at its timers this often.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Digests are compared with every peer at least this often.
pub(crate) const COMPARE: Duration = Duration::from_secs(10);

/// So long after the last change digests are compared: more may come, and gossip may have done it by then.
pub(crate) const SETTLE: Duration = Duration::from_millis(300);

/// However many more come, so long after the first.
pub(crate) const SETTLE_MOST: Duration = Duration::from_secs(1);

/// Whoever holds more of a record than a peer lets it ask first, once, for so long: what it then lacks is less, and
/// often nothing.
pub(crate) const YIELD: Duration = Duration::from_secs(1);

/// Longest wait between fruitless sessions with one peer about one committee.
pub(crate) const FRUITLESS: Duration = Duration::from_secs(300);

/// First wait before a lost or failed connection is tried again.
pub(crate) const REDIAL: Duration = Duration::from_millis(500);

/// Longest wait before a connection is tried again that stood before: a link that was cut is mended soon.
pub(crate) const REDIAL_MET: Duration = Duration::from_secs(5);

/// After so many attempts in vain, which is a quarter of an hour, it is treated like one that never stood.
pub(crate) const REDIALS_MET: u32 = 150;

/// Longest wait before a connection is tried again.
pub(crate) const REDIAL_MOST: Duration = Duration::from_secs(60);

/// Each connection is tried for life so often.
pub(crate) const PING: Duration = Duration::from_secs(5);

/// A peer of which nothing at all was heard for so long is not there any more: its connection is closed, for the
/// system would find out only after minutes, and would not notice for as long again that the link is mended.
pub(crate) const SILENT: Duration = Duration::from_secs(15);

/// Logs on the floor of one committee that are announced to peers.
pub(crate) const FLOOR_LOGS: usize = 16_384;

/// Branches of one log on the floor that are announced.
pub(crate) const BRANCHES: usize = 16;

/// So long after this node's floor had no room for something, peers' floors are read again from the start.
pub(crate) const FLOOR_AGAIN: Duration = Duration::from_secs(300);

/// Bytes of a peer's record entries that a session keeps because they found no room yet.
pub(crate) const STAGING: usize = 4 << 20;

/// Floor entries that one session takes.
pub(crate) const FLOOR_ENTRIES: u64 = 2048;

/// Milliseconds without a new entry after which a session ends.
pub(crate) const SESSION_IDLE: u64 = 20_000;

/// Longest session; the next goes on where it ended.
pub(crate) const SESSION_TIME: Duration = Duration::from_secs(600);

/// A second peer is asked about the same committee once a session lasted for this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Shortest time between two sessions with one peer about one committee.
pub(crate) const GAP: Duration = Duration::from_millis(500);

/// Peers that went, times committees, of which it is remembered how far they were read.
pub(crate) const MEMORY_OF_PAIRS: usize = 256;

/// Events on their way to the driver. Whoever sends one more waits.
pub(crate) const EVENTS: usize = 1024;

/// Gossiped entries of one peer that go through ingest together.
pub(crate) const JUDGED_AT_ONCE: usize = 64;

/// Outgoing connections that this node keeps up by itself, beside those to peers that its owner named.
pub(crate) const KEEP: usize = 8;

/// Connections tried at a time.
pub(crate) const DIALS: usize = 8;

/// Addresses without a peer's name that are tried.
pub(crate) const NAMELESS: usize = 16;

/// The list of known peers is written at most this often.
pub(crate) const SAVE: Duration = Duration::from_secs(1);

/// Floor lists are made anew at most this often, after notices were lost.
pub(crate) const REBUILD: Duration = Duration::from_secs(2);

/// Committees on whose topics an identity's own new entries are gossiped.
pub(crate) const OWN_TOPICS: usize = 16;

/// Addresses that the owner may name in one breath.
pub(crate) const DIALS_ASKED: usize = 64;

/// Bytes that a session may bring without anything new before its peer is left alone for a while.
pub(crate) const IN_VAIN: u64 = 256 << 10;

/// Files that entries name.
pub(crate) mod files {
    use std::time::Duration;

    use super::{Rate, rate};

    /// Bytes of all files together, unless `run --files` says otherwise.
    pub(crate) const BUDGET: u64 = 4 << 30;

    /// Bytes of one file, unless `run --file-size` says otherwise.
    pub(crate) const LARGEST: u64 = 64 << 20;

    /// Files, however small they are.
    pub(crate) const MOST: usize = 65_536;

    /// A file that its owner added and that no entry names goes after so long.
    pub(crate) const GRACE: Duration = Duration::from_secs(24 * 60 * 60);

    /// So does what was fetched in part and is not fetched on.
    pub(crate) const PARTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

    /// It is looked so often what can go.
    pub(crate) const SWEEP: Duration = Duration::from_secs(600);

    /// Entries that are looked through for those that name a file, and those among them that are read.
    pub(crate) const HINTS: usize = 256;
    pub(crate) const CLAIMS: usize = 16;

    /// Uploads at a time.
    pub(crate) const ADDING: usize = 4;

    /// Files of one form.
    pub(crate) const FORM: usize = 16;

    /// How long a request that brings a file may take.
    pub(crate) const UPLOAD: Duration = Duration::from_secs(600);

    /// How long a request waits for a file that is being fetched.
    pub(crate) const WAIT: Duration = Duration::from_secs(30);

    /// Files that are fetched at a time, and those that wait for their turn.
    pub(crate) const FETCHES: usize = 4;
    pub(crate) const WAITING: usize = 32;

    /// Files of which it is remembered why they did not come.
    pub(crate) const FAILED: usize = 256;

    /// A chunk has to be here so soon after it was asked for, or another peer is asked.
    pub(crate) const CHUNK_TIME: Duration = Duration::from_secs(15);

    /// So long after a peer did not have a file, or did not answer, it is not asked for it again.
    pub(crate) const AGAIN: Duration = Duration::from_secs(10);

    /// A fetch ends when so long nobody gave anything.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

    /// However slowly it goes on, it ends after so long; the next one goes on from there.
    pub(crate) const LONGEST: Duration = Duration::from_secs(3600);

    /// Longest pause that a busy peer may ask for.
    pub(crate) const BUSY: Duration = Duration::from_secs(2);

    /// Lengths of one file that are tried, where entries contradict each other.
    pub(crate) const LENGTHS: usize = 4;

    /// Largest request for a chunk, and its largest answer.
    pub(crate) const REQUEST: usize = 512;
    pub(crate) const ANSWER: usize = althing_protocol::file::CHUNK + 1024;

    /// Streams for these on one connection, in both directions together: every fetch may ask the same peer, and be asked.
    pub(crate) const STREAMS: usize = 16;

    /// Requests of one peer; more count against it.
    pub(crate) const ASKS: Rate = rate(50.0, 200.0);

    /// Chunks that one peer is given: 8 MiB per second, and 2 where nobody here knows whose it is.
    pub(crate) const CHUNKS: Rate = rate(32.0, 64.0);
    pub(crate) const CHUNKS_STRANGER: Rate = rate(8.0, 16.0);

    /// Chunks that all strangers' peers are given together.
    pub(crate) const STRANGERS: Rate = rate(32.0, 64.0);

    /// Chunks on their way to one peer, and to all.
    pub(crate) const SERVING_PER_PEER: usize = 2;
    pub(crate) const SERVING: usize = 12;
}

/// The API and the pages.
pub(crate) mod http {
    use std::time::Duration;

    use super::{Rate, rate};

    /// Connections at a time; whoever comes then waits in the system's queue.
    pub(crate) const CONNECTIONS: usize = 256;

    /// How long no byte may move on a connection, in either direction: longer than a request may take, because while the
    /// node works on one nothing moves.
    pub(crate) const SILENCE: Duration = Duration::from_secs(75);

    /// A connection sends the whole head of a request in this time, or ends; also how long one may idle between two.
    pub(crate) const HEAD_TIME: Duration = Duration::from_secs(20);

    /// Bytes of a request's head: a browser that carries the cookies of many other ports stays far below.
    pub(crate) const HEAD: usize = 64 << 10;

    /// Headers of a request.
    pub(crate) const HEADERS: usize = 64;

    /// How long a request may take, its body included.
    pub(crate) const TIME: Duration = Duration::from_secs(60);

    /// Largest body of a request, in bytes: an import of many documents at once.
    pub(crate) const BODY: usize = 8 << 20;

    /// Bytes that are read, to nobody's use, of whoever is refused while still sending: more than any file that a form
    /// takes, so that a browser shows the reason.
    pub(crate) const DRAINED: usize = 256 << 20;

    /// How long they may stop coming.
    pub(crate) const DRAIN_TIME: Duration = Duration::from_secs(5);

    /// How long requests under way may go on when the node stops.
    pub(crate) const GRACE: Duration = Duration::from_secs(5);

    /// Requests that read the store or compute documents, and those that wait for it.
    pub(crate) const READERS: usize = 8;

    /// Threads that do it. Few, and always the same: the system's allocator keeps what each thread freed for that thread,
    /// so a flooded document that is computed again and again on changing threads took a gigabyte (measured; 230 MiB on
    /// two).
    pub(crate) const THREADS: usize = 2;

    /// Bytes of entries whose documents are kept; and as many of their gists.
    pub(crate) const KEPT: usize = 64 << 20;

    /// Addresses whose rate is remembered; beyond them all others share one.
    pub(crate) const ADDRESSES: usize = 1024;

    /// Entries that one address may post.
    pub(crate) const POSTS: Rate = rate(200.0, 2000.0);

    /// Listeners to events. Each holds a connection for as long as it likes, so most of the connections stay for others.
    pub(crate) const LISTENERS: usize = 64;

    /// Largest answer that gets a tag (`ETag`), in bytes: more than any page of a list.
    pub(crate) const TAGGED: usize = 32 << 20;
}

/// Search.
pub(crate) mod search {
    use std::time::Duration;

    /// Bytes that wait in memory to become a part of the index: twice the least that the engine takes.
    pub(crate) const HEAP: usize = 32 << 20;

    /// Entries that are read in one go, so that nobody waits long for the state.
    pub(crate) const GROUP: usize = 256;

    /// Bytes of bodies that are read in one go; the last one may overshoot.
    pub(crate) const GROUP_BYTES: usize = 2 << 20;

    /// Numbers that are gone through in one go.
    pub(crate) const SCAN: usize = 20_000;

    /// Changes after which they are written down, however many more come.
    pub(crate) const COMMIT: usize = 50_000;

    /// Otherwise when nothing came for so long: what was just written is found after that.
    pub(crate) const SOON: Duration = Duration::from_millis(250);

    /// Entries without a body that are looked at again after a start.
    pub(crate) const BARE: usize = 1 << 20;

    /// Longest word, in bytes: a hash in hexadecimal is one.
    pub(crate) const WORD: usize = 72;

    /// How long files that hold erased text may take to go.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(50);

    /// Characters of a question.
    pub(crate) const QUESTION: usize = 500;

    /// Words, phrases and fields of a question.
    pub(crate) const PARTS: usize = 32;

    /// Words that a beginning of a word stands for.
    pub(crate) const ENDINGS: u32 = 64;

    /// People that one name stands for.
    pub(crate) const PEOPLE: usize = 64;

    /// Answers that may be paged through.
    pub(crate) const ANSWERS: usize = 1000;
}
