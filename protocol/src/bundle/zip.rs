//! The zip file around a proof: stored members, fixed times, one form.
//!
//! Invariant: what [`Members::read`] accepts, [`Members::write`] gives again byte for byte. So no byte of a bundle is free,
//! and no two programs can read different members out of one file, as they can out of zips in general.

/// Largest bundle in bytes.
pub const LARGEST: usize = 2 << 20;

const PROOF: &str = "proof.cbor";
const BODY: &str = "body.cbor";
const PAGE: &str = "verify.html";

/// 1980-01-01, the first day that a zip can say.
const DATE: u16 = 0x0021;
const VERSION: u16 = 20;

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// `proof.cbor`.
    pub proof: Vec<u8>,
    /// `body.cbor`.
    pub body: Option<Vec<u8>>,
    /// `verify.html`.
    pub page: Option<Vec<u8>>,
}

/// The bundle of what these bytes hold; none if they are no bundle. Equal to them, always: for who wants to see it.
#[must_use]
pub fn rebuild(bytes: &[u8]) -> Option<Vec<u8>> {
    Members::read(bytes).map(|members| members.write())
}

impl Members {
    /// Reads the one zip of its members; none if these bytes are none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > LARGEST {
            return None;
        }
        let mut rest = bytes;
        let mut take = |name: &str| {
            let (content, after) = local(rest, name)?;
            rest = after;
            Some(content.to_vec())
        };
        let members = Self {
            proof: take(PROOF)?,
            body: take(BODY),
            page: take(PAGE),
        };
        // Whatever the records say that was not read, and whatever stands behind them, shows here.
        (members.write() == bytes).then_some(members)
    }

    /// The one zip of these.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let optional = [(BODY, &self.body), (PAGE, &self.page)];
        let optional = optional.iter().filter_map(|(name, content)| Some((*name, content.as_ref()?)));
        let (mut out, mut directory, mut count) = (Vec::new(), Vec::new(), 0_u16);
        for (name, content) in std::iter::once((PROOF, &self.proof)).chain(optional) {
            let (about, at) = (about(name, content), long(out.len()));
            out.extend_from_slice(b"PK\x03\x04");
            out.extend_from_slice(&VERSION.to_le_bytes());
            out.extend_from_slice(&about);
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(content);
            directory.extend_from_slice(b"PK\x01\x02");
            directory.extend_from_slice(&VERSION.to_le_bytes());
            directory.extend_from_slice(&VERSION.to_le_bytes());
            directory.extend_from_slice(&about);
            // Comment, disk, internal and external attributes.
            directory.extend_from_slice(&[0; 10]);
            directory.extend_from_slice(&at);
            directory.extend_from_slice(name.as_bytes());
            count += 1;
        }
        let (at, size) = (long(out.len()), long(directory.len()));
        out.extend_from_slice(&directory);
        out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&size);
        out.extend_from_slice(&at);
        out.extend_from_slice(&[0; 2]);
        out
    }
}

/// What both headers of a member say of it, from the flags to the length of the extra field.
fn about(name: &str, content: &[u8]) -> Vec<u8> {
    let size = long(content.len());
    let mut out = Vec::with_capacity(24);
    // Flags, method and time.
    out.extend_from_slice(&[0; 6]);
    out.extend_from_slice(&DATE.to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    out.extend_from_slice(&size);
    out.extend_from_slice(&size);
    out.extend_from_slice(&u16::try_from(name.len()).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    out
}

/// A size in four bytes; bundles are far smaller.
fn long(n: usize) -> [u8; 4] {
    u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes()
}

/// The content of a member of this name that begins here, and what follows it.
fn local<'a>(bytes: &'a [u8], name: &str) -> Option<(&'a [u8], &'a [u8])> {
    let rest = bytes.strip_prefix(b"PK\x03\x04")?;
    let (fixed, rest) = rest.split_first_chunk::<26>()?;
    let (_, sizes) = fixed.split_first_chunk::<14>()?;
    let size = u32::from_le_bytes(*sizes.first_chunk::<4>()?);
    let rest = rest.strip_prefix(name.as_bytes())?;
    rest.split_at_checked(usize::try_from(size).ok()?)
}
