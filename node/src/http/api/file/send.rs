//! Sending a file: all of it or a part, chunk by chunk as it is read.

use althing_protocol::file::span;
use althing_protocol::hash::Hash;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;

use super::blocking;
use crate::files::Reader;
use crate::http::error::Problem;

/// A file, or the part of it that is asked for.
pub(super) async fn part(reader: Reader, hash: Hash, headers: &HeaderMap) -> Result<Response, Problem> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let tag = format!("\"{hash}\"");
    let has = text(header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    if has {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let length = reader.length();
    let same = text(header::IF_RANGE).is_none_or(|known| known.trim() == tag);
    let asked = text(header::RANGE)
        .filter(|_| same)
        .and_then(|range| range_of(range, length));
    let (status, from, to) = match asked {
        None => (StatusCode::OK, 0, length),
        Some(Some((from, to))) => (StatusCode::PARTIAL_CONTENT, from, to),
        Some(None) => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            let range = HeaderValue::from_str(&format!("bytes */{length}")).map_err(|_| Problem::Broken)?;
            response.headers_mut().insert(header::CONTENT_RANGE, range);
            return Ok(response);
        }
    };
    let sending = Sending { reader, at: from, to };
    // The first chunk is read before anything is said, so that damage becomes an answer of its own.
    let first = sending.next().await?;
    let rest = stream::unfold(first, |state| async move {
        let (bytes, sending) = state?;
        let next = match sending.next().await {
            Ok(next) => next,
            // The connection ends early, which whoever reads notices by the length.
            Err(why) => {
                tracing::warn!(%why, "a file could not be given to its end");
                None
            }
        };
        Some((Ok::<_, Problem>(bytes), next))
    });
    let mut response = (status, Body::from_stream(rest)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(to.saturating_sub(from)));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {from}-{}/{length}", to.saturating_sub(1));
        let range = HeaderValue::from_str(&range).map_err(|_| Problem::Broken)?;
        headers.insert(header::CONTENT_RANGE, range);
    }
    Ok(response)
}

/// What is left to be sent of a file.
struct Sending {
    reader: Reader,
    at: u64,
    to: u64,
}

impl Sending {
    /// The next bytes; none at the end.
    async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, Problem> {
        if self.at >= self.to {
            return Ok(None);
        }
        let read = blocking(move || {
            let size = span(self.reader.length(), 0).map_or(1, |(_, size)| size.max(1));
            let n = self.at / u64::try_from(size).unwrap_or(u64::MAX);
            let mut bytes = self.reader.chunk(n)?.into_bytes();
            let (start, _) = span(self.reader.length(), n).unwrap_or_default();
            let skip = usize::try_from(self.at.saturating_sub(start)).unwrap_or(usize::MAX);
            let mut bytes = bytes.split_off(skip.min(bytes.len()));
            let most = usize::try_from(self.to.saturating_sub(self.at)).unwrap_or(usize::MAX);
            bytes.truncate(most);
            self.at = self.at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            Ok((bytes, self))
        });
        read.await.map(Some)
    }
}

/// The first byte and the one after the last of a `Range`; none if there are no such bytes. Outside none if it is nothing
/// that has to be understood (RFC 9110, 14.2), and then all is sent.
fn range_of(text: &str, length: u64) -> Option<Option<(u64, u64)>> {
    let (from, to) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => Some(Some(digits.parse().unwrap_or(u64::MAX))),
        _ => None,
    };
    let range = match (number(from)?, number(to)?) {
        (None, None) => return None,
        (None, Some(last)) => (length.saturating_sub(last), length),
        (Some(from), None) => (from, length),
        (Some(from), Some(to)) if from > to => return None,
        (Some(from), Some(to)) => (from, to.saturating_add(1).min(length)),
    };
    Some((range.0 < range.1).then_some(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_as_rfc_9110_has_them() {
        for (text, length, expected) in [
            ("bytes=0-0", 10, Some(Some((0, 1)))),
            ("bytes=2-5", 10, Some(Some((2, 6)))),
            ("bytes=2-500", 10, Some(Some((2, 10)))),
            ("bytes=2-", 10, Some(Some((2, 10)))),
            ("bytes=-3", 10, Some(Some((7, 10)))),
            ("bytes=-30", 10, Some(Some((0, 10)))),
            ("bytes=10-", 10, Some(None)),
            ("bytes=0-", 0, Some(None)),
            ("bytes=-0", 10, Some(None)),
            ("bytes=99999999999999999999-", 10, Some(None)),
            ("bytes=5-2", 10, None),
            ("bytes=0-1,4-5", 10, None),
            ("bytes=x-1", 10, None),
            ("bytes=-", 10, None),
            ("lines=0-1", 10, None),
        ] {
            assert_eq!(range_of(text, length), expected, "{text}");
        }
    }
}
