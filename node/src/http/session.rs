//! Who may act in the owner's name from a browser.
//!
//! The owner opens a link that `run` prints. It holds a key that works once and buys a cookie that page scripts cannot
//! read and that other sites cannot send. Cookies are shared by all ports of a host, and "the same site" covers every
//! port too: so the cookie's name holds the port, and every form holds a second secret that only our own pages know.
//!
//! Bound: [`LINKS`] keys of links wait to be used; the oldest one goes first.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use althing_protocol::hash::{Id, sha256};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

use super::context::Context;
use crate::clock;

/// Links that wait to be used.
const LINKS: usize = 8;

/// The secrets of one run. Cookie and form secret follow from the token of the data folder, so that a browser stays
/// known when the node starts again.
#[derive(Debug)]
pub(crate) struct Session {
    name: String,
    cookie: String,
    form: String,
    links: Mutex<VecDeque<String>>,
}

impl Session {
    pub(crate) fn new(token: &str, port: u16) -> Self {
        let of = |use_: &[u8]| HEXLOWER.encode(&sha256(&[use_, token.as_bytes()]));
        Self {
            name: format!("althing_{port}"),
            cookie: of(b"althing/cookie/1\0"),
            form: of(b"althing/form/1\0"),
            links: Mutex::default(),
        }
    }

    /// A key that works once.
    pub(crate) fn link(&self) -> String {
        let key = BASE64URL_NOPAD.encode(&clock::random::<18>());
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if links.len() == LINKS {
            links.pop_front();
        }
        links.push_back(key.clone());
        key
    }

    /// The cookie that a key buys, as the value of `Set-Cookie`; none when it was used, or never given out.
    pub(crate) fn enter(&self, key: &str) -> Option<String> {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let place = links.iter().position(|link| same(link, key))?;
        links.remove(place);
        // A year: who can read the browser's files on this machine can read the data folder as well.
        Some(format!(
            "{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000",
            self.name, self.cookie
        ))
    }

    /// The secret that forms hold.
    pub(crate) fn form(&self) -> &str {
        &self.form
    }

    /// Whether a request's cookie is ours.
    pub(crate) fn is_owner(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(header::COOKIE).iter();
        let pairs = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|all| all.split(';'));
        pairs
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(name, value)| name == self.name && same(value, &self.cookie))
    }

    /// Whether a form's secret is ours.
    pub(crate) fn is_own_form(&self, shown: &str) -> bool {
        same(shown, &self.form)
    }
}

/// Whether a browser says that another origin caused this request. Those that say nothing are too old to, or no
/// browsers.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.strip_prefix("http://") != Some(host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Compares without telling by time how much fits: of two hashes an attacker can steer neither.
pub(crate) fn same(shown: &str, secret: &str) -> bool {
    let hash = |text: &str| sha256(&[b"althing/token/1\0", text.as_bytes()]);
    let differences = hash(shown)
        .iter()
        .zip(hash(secret))
        .fold(0, |all, (a, b)| all | (a ^ b));
    differences == 0
}

/// Whoever reads a page: the node's owner, or anybody else; or nobody yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) owner: bool,
    /// The page is to be kept and read without this node, as a part of this committee's: nothing in it counts from now, asks
    /// the node, leads to a form, or is about another committee.
    pub(crate) copy: Option<Id>,
}

/// The header of a request for a page that is to be kept (`althing export site`): the committee's id.
pub(crate) const COPY: &str = "althing-copy";

impl FromRequestParts<Arc<Context>> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, context: &Arc<Context>) -> Result<Self, Self::Rejection> {
        let copy = parts.headers.get(COPY).and_then(|value| value.to_str().ok());
        let copy = copy.and_then(|text| text.parse().ok());
        Ok(Self {
            owner: copy.is_none() && context.session.is_owner(&parts.headers),
            copy,
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn a_link_works_once_and_buys_the_cookie_of_its_port() {
        let session = Session::new("token", 8420);
        let (first, second) = (session.link(), session.link());
        assert!(session.enter("made up").is_none());
        let cookie = session.enter(&first).unwrap();
        assert!(session.enter(&first).is_none(), "it was used");
        assert!(session.enter(&second).is_some());
        for word in ["HttpOnly", "SameSite=Strict", "althing_8420="] {
            assert!(cookie.contains(word), "{cookie}");
        }
        let pair = cookie.split(';').next().unwrap();
        assert!(session.is_owner(&headers(&[("cookie", &format!("a=b; {pair}"))])));
        assert!(!session.is_owner(&headers(&[("cookie", "althing_8420=00")])));
        assert!(!session.is_owner(&headers(&[])));
        assert!(
            !Session::new("token", 8421).is_owner(&headers(&[("cookie", pair)])),
            "another port is another node"
        );
        assert!(session.is_own_form(session.form()) && !session.is_own_form(""));
    }

    #[test]
    fn links_that_nobody_uses_do_not_pile_up() {
        let session = Session::new("token", 1);
        let first = session.link();
        (0..LINKS).for_each(|_| drop(session.link()));
        assert!(session.enter(&first).is_none());
    }

    #[test]
    fn requests_that_another_origin_caused() {
        let host = ("host", "127.0.0.1:1");
        for foreign in [
            &[host, ("sec-fetch-site", "cross-site")][..],
            &[host, ("sec-fetch-site", "same-site")],
            &[host, ("origin", "http://127.0.0.1:2")],
            &[host, ("origin", "null")],
            &[("origin", "http://127.0.0.1:1")],
        ] {
            assert!(is_foreign(&headers(foreign)), "{foreign:?}");
        }
        for own in [
            &[host][..],
            &[host, ("sec-fetch-site", "same-origin")],
            &[host, ("sec-fetch-site", "none")],
            &[host, ("origin", "http://127.0.0.1:1")],
        ] {
            assert!(!is_foreign(&headers(own)), "{own:?}");
        }
    }

    #[test]
    fn secrets_are_equal_or_not() {
        assert!(same("abc", "abc"));
        assert!(!same("abd", "abc") && !same("", "abc") && !same("abcd", "abc"));
    }
}
