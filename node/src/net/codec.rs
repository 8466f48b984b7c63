//! The frames of `/althing/sync/1`: four bytes of length, big-endian, and that many bytes.
//!
//! Invariant: nothing is reserved before it came, and nothing longer than its bound is read or written.

use std::io;

use libp2p::StreamProtocol;
use libp2p::futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::request_response;

use super::limit;

/// The protocol's name.
pub(super) const SYNC: StreamProtocol = StreamProtocol::new("/althing/sync/1");

/// Reads and writes frames; what is in them is not its business.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Codec;

impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io, limit::REQUEST).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read(io, limit::RESPONSE).await
    }

    async fn write_request<T>(&mut self, _: &StreamProtocol, io: &mut T, frame: Vec<u8>) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &frame, limit::REQUEST).await
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, io: &mut T, frame: Vec<u8>) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write(io, &frame, limit::RESPONSE).await
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
