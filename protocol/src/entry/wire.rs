//! The wire form `[header, signature, body]`: `body` is `[salt, bytes]`, or null at any length.
//!
//! Decoding encodes again and compares, so the bytes that were hashed are the only bytes that could have come.

use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::{Body, Carried, Header, Malformed, Part, Verified, entry_id};
use crate::codec::{self, Value};
use crate::limit;

#[derive(Deserialize)]
struct Wire(Header, ByteArray<64>, Option<WireBody>);

#[derive(Serialize, Deserialize)]
struct WireBody(ByteArray<{ limit::SALT }>, ByteBuf);

pub(super) fn decode(bytes: &[u8]) -> Result<Verified, Malformed> {
    at_most(Part::Entry, bytes.len(), limit::WIRE)?;
    let Wire(header, signature, body) = match codec::read(bytes) {
        Ok(wire) => wire,
        Err(refusal) => return Err(other_version(bytes).unwrap_or_else(|| refusal.into())),
    };
    if header.v != limit::VERSION {
        return Err(Malformed::Version(header.v));
    }
    let header_bytes = header.encode();
    at_most(Part::Header, header_bytes.len(), limit::HEADER)?;
    let signature = signature.into_array();
    let body = body.map(|WireBody(salt, bytes)| Body {
        salt: salt.into_array(),
        bytes: bytes.into_vec(),
    });
    at_most(Part::Body, body.as_ref().map_or(0, |b| b.bytes.len()), limit::BODY)?;
    if encode(&header_bytes, &signature, body.as_ref()) != bytes {
        return Err(codec::Refusal::NotCanonical.into());
    }
    integers(&header)?;
    let body = carried(&header, body);
    Ok(Verified {
        id: entry_id(&header_bytes),
        header,
        header_bytes,
        signature,
        body,
    })
}

pub(super) fn encode(header_bytes: &[u8], signature: &[u8; 64], body: Option<&Body>) -> Vec<u8> {
    let mut out = Vec::with_capacity(header_bytes.len() + 96 + body.map_or(0, |b| b.bytes.len()));
    // 0x83: an array of three; 0x58 0x40: 64 bytes; 0x82: an array of two; 0x50: 16 bytes; 0xf6: null.
    out.push(0x83);
    out.extend_from_slice(header_bytes);
    out.extend_from_slice(&[0x58, 0x40]);
    out.extend_from_slice(signature);
    match body {
        Some(body) => {
            out.extend_from_slice(&[0x82, 0x50]);
            out.extend_from_slice(&body.salt);
            bytes_head(&mut out, body.bytes.len());
            out.extend_from_slice(&body.bytes);
        }
        None => out.push(0xf6),
    }
    out
}

/// The shortest CBOR head of a byte string (RFC 8949 §3, major type 2).
fn bytes_head(out: &mut Vec<u8>, len: usize) {
    match (u8::try_from(len), u16::try_from(len), u32::try_from(len)) {
        (Ok(n), ..) if n < 24 => out.push(0x40 | n),
        (Ok(n), ..) => out.extend_from_slice(&[0x58, n]),
        (_, Ok(n), _) => {
            out.push(0x59);
            out.extend_from_slice(&n.to_be_bytes());
        }
        (_, _, n) => {
            out.push(0x5a);
            out.extend_from_slice(&n.unwrap_or(u32::MAX).to_be_bytes());
        }
    }
}

pub(super) fn carried(header: &Header, body: Option<Body>) -> Carried {
    match body {
        Some(body) if body.fits(header) => Carried::Here(body),
        Some(_) => Carried::Mismatch,
        None if header.len == 0 => Carried::Bodiless,
        None => Carried::Absent,
    }
}

/// Looks whether bytes that do not read as version 1 say that they are of another version.
fn other_version(bytes: &[u8]) -> Option<Malformed> {
    let Ok(Value::List(parts)) = codec::decode::<Value>(bytes) else {
        return None;
    };
    let Some(Value::Map(header)) = parts.first() else {
        return None;
    };
    match header.get("v") {
        Some(Value::Integer(v)) if *v != i128::from(limit::VERSION) => {
            Some(Malformed::Version(u64::try_from(*v).ok()?))
        }
        _ => None,
    }
}

fn at_most(part: Part, size: usize, limit: usize) -> Result<(), Malformed> {
    if size > limit {
        Err(Malformed::TooLarge { part, size, limit })
    } else {
        Ok(())
    }
}

fn integers(header: &Header) -> Result<(), Malformed> {
    let block = header.not_before.as_ref();
    let fields = [
        ("seq", header.seq),
        ("time", header.time),
        ("len", header.len),
        ("chain", block.map_or(0, |b| b.chain)),
        ("height", block.map_or(0, |b| b.height)),
    ];
    for (name, value) in fields {
        if value > limit::INT {
            return Err(Malformed::Integer(name));
        }
    }
    match &header.control {
        Some(value) => Ok(codec::check(value)?),
        None => Ok(()),
    }
}
