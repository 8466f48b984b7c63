//! The frames of `/althing/sync/1`, `/althing/peers/1`, `/althing/witness/1` and `/althing/files/1`: four bytes of length, big-endian, and that many bytes.
//!
//! Invariant: nothing is reserved before it came, and nothing longer than its bound is read or written.

use std::io;

use libp2p::StreamProtocol;
use libp2p::futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::request_response;

use super::limit;

/// Comparing records.
pub(super) const SYNC: StreamProtocol = StreamProtocol::new("/althing/sync/1");

/// Who peers are, and whom they know.
pub(super) const PEERS: StreamProtocol = StreamProtocol::new("/althing/peers/1");

/// Cosigning checkpoints.
pub(super) const WITNESS: StreamProtocol = StreamProtocol::new("/althing/witness/1");

/// Chunks of files.
pub(super) const FILES: StreamProtocol = StreamProtocol::new("/althing/files/1");

/// The longest request and the longest answer.
fn longest(protocol: &StreamProtocol) -> (usize, usize) {
    if *protocol == PEERS {
        (limit::PEERS_REQUEST, limit::PEERS_ANSWER)
    } else if *protocol == WITNESS {
        (limit::WITNESS_REQUEST, limit::WITNESS_ANSWER)
    } else if *protocol == FILES {
        (limit::files::REQUEST, limit::files::ANSWER)
    } else {
        (limit::REQUEST, limit::RESPONSE)
    }
}

/// Reads and writes frames; what is in them is not its business.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Codec;

/// A question as it came. What is none is told, too: libp2p keeps a failure to read a question to itself, and whoever
/// sends such things would go unpunished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// A frame.
    Frame(Vec<u8>),
    /// A frame that claims to be longer than any may be. It was not read.
    TooLong,
    /// A frame that did not come to an end in [`limit::REQUEST_READ`].
    Endless,
}

impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Asked;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, protocol: &StreamProtocol, io: &mut T) -> io::Result<Asked>
    where
        T: AsyncRead + Unpin + Send,
    {
        match tokio::time::timeout(limit::REQUEST_READ, read(io, longest(protocol).0)).await {
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => Ok(Asked::TooLong),
            Ok(frame) => Ok(Asked::Frame(frame?)),
            Err(_) => Ok(Asked::Endless),
        }
    }

    async fn read_response<T>(&mut self, protocol: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io, longest(protocol).1).await
    }

    async fn write_request<T>(&mut self, protocol: &StreamProtocol, io: &mut T, what: Asked) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        match what {
            Asked::Frame(frame) => write(io, &frame, longest(protocol).0).await,
            Asked::TooLong | Asked::Endless => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    async fn write_response<T>(&mut self, protocol: &StreamProtocol, io: &mut T, frame: Vec<u8>) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &frame, longest(protocol).1).await
    }
}

async fn read<T: AsyncRead + Unpin>(io: &mut T, most: usize) -> io::Result<Vec<u8>> {
    let mut head = [0; 4];
    io.read_exact(&mut head).await?;
    let length = usize::try_from(u32::from_be_bytes(head)).unwrap_or(usize::MAX);
    if length > most {
        return Err(too_long(length, most));
    }
    let mut frame = Vec::with_capacity(length.min(16 << 10));
    let exact = u64::from(u32::from_be_bytes(head));
    io.take(exact).read_to_end(&mut frame).await?;
    if frame.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(frame)
}

async fn write<T: AsyncWrite + Unpin>(io: &mut T, frame: &[u8], most: usize) -> io::Result<()> {
    let length = u32::try_from(frame.len()).ok().filter(|_| frame.len() <= most);
    let length = length.ok_or_else(|| too_long(frame.len(), most))?;
    io.write_all(&length.to_be_bytes()).await?;
    io.write_all(frame).await
}

fn too_long(length: usize, most: usize) -> io::Error {
    let text = format!("a frame of {length} bytes, at most {most} are allowed");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use libp2p::futures::executor::block_on;
    use libp2p::futures::io::Cursor;

    use super::*;

    #[test]
    fn frames_survive_and_bounds_hold() {
        let mut wire = Cursor::new(Vec::new());
        block_on(write(&mut wire, b"frame", 5)).unwrap();
        let bytes = wire.into_inner();
        assert_eq!(bytes, [b"\0\0\0\x05".as_slice(), b"frame"].concat());
        assert_eq!(block_on(read(&mut Cursor::new(&bytes), 5)).unwrap(), b"frame");

        let long = block_on(read(&mut Cursor::new(&bytes), 4)).unwrap_err();
        assert_eq!(long.kind(), io::ErrorKind::InvalidData);
        let cut = block_on(read(&mut Cursor::new(&bytes[..7]), 5)).unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
        let refused = block_on(write(&mut Cursor::new(Vec::new()), b"frame", 4)).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_claimed_length_reserves_nothing() {
        // Claims the largest frame and sends three bytes: must fail at once, not wait or reserve.
        let claim = u32::try_from(limit::RESPONSE).unwrap().to_be_bytes();
        let bytes = [&claim[..], b"abc"].concat();
        let cut = block_on(read(&mut Cursor::new(bytes), limit::RESPONSE)).unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::UnexpectedEof);
    }
}
