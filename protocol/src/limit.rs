//! Consensus limits: every node refuses what exceeds them, so they decide what exists.
//!
//! They are frozen for header version [`VERSION`]; changing one splits nodes. Limits that a node may choose for
//! itself (budgets, pools, rates) live with the node, never here. Sizes are in bytes unless a name says otherwise.

/// The header version that this release reads. Entries of another version are parked without penalty.
pub const VERSION: u64 = 1;

/// Largest encoded header. Room for 16 + 4 + 32 names of 34 bytes and a control of 1.5 KiB with its framing.
pub const HEADER: usize = 3 * 1024;

/// Largest encoded control map. The largest legitimate one, `rotate` keeping 32 devices, needs about 1.2 KiB.
pub const CONTROL: usize = 1536;

/// Largest body without its salt: a long report in one entry, still small enough to keep in memory for a moment.
pub const BODY: usize = 256 * 1024;

/// Bytes of salt before every body: erasing salt and body leaves a hash that nobody can test guesses against.
pub const SALT: usize = 16;

/// Largest wire form: header, signature and body with their CBOR framing.
pub const WIRE: usize = HEADER + BODY + 128;

/// Entries that one entry may build on. A document with more heads is joined over several entries.
pub const AFTER: usize = 16;

/// Heads of the authority entries that one entry may cite.
pub const AUTH: usize = 4;

/// Founders of a committee. Control of 24 ids stays under [`CONTROL`].
pub const FOUNDERS: usize = 24;

/// Owners of a document, counted as (identity, part) pairs.
pub const OWNERS: usize = 8;

/// Devices that one identity may have enrolled at a time, as seen by the entry that enrols one more.
pub const DEVICES: usize = 32;

/// `enroll`, `retire` and `rotate` entries in the causal past of an identity's entry. Keeps the walk that judges
/// a certificate short; an identity that needs more starts anew and says so.
pub const IDENTITY_CONTROLS: usize = 256;

/// Characters in a kind's name.
pub const KIND: usize = 32;

/// Characters in the name of a part of a document.
pub const PART: usize = 32;

/// Characters in the name of a role, of a scope or of a committee parameter.
pub const NAME: usize = 64;

/// Largest integer: every JSON reader and every language's double holds it exactly (2^53 − 1).
pub const INT: u64 = (1 << 53) - 1;

/// Arrays and maps within one another in a control or a body, the outermost included. Real ones nest four deep; without
/// a limit of our own the decoder's would decide, which another release or language sets elsewhere.
pub const DEPTH: usize = 16;

/// Entries that one `vouch` may ask its author's node to take up.
pub const VOUCH: u64 = 1024;
