//! The link by which somebody is asked to join a committee.

use std::fmt;
use std::str::FromStr;

use althing_protocol::hash::Id;
use libp2p::Multiaddr;
use thiserror::Error;

/// Addresses that one invitation may hold.
pub(crate) const ADDRESSES: usize = 16;

/// A committee and where to find somebody who follows it: `althing:ID?peer=MULTIADDR&peer=…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The committee's root.
    pub committee: Id,
    /// Where somebody who follows it can be reached.
    pub peers: Vec<Multiaddr>,
}

/// Why a text is no invitation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadInvitation {
    /// Neither a link nor an id.
    #[error("{0:?} is neither a committee's id nor an invitation")]
    Form(String),
    /// An address in it is none.
    #[error("{0:?} in the invitation is no address")]
    Address(String),
    /// Too many addresses.
    #[error("an invitation holds at most {ADDRESSES} addresses")]
    Many,
}

impl Invitation {
    /// What one looks like.
    pub const EXAMPLE: &'static str = "althing:ID?peer=/ip4/127.0.0.1/tcp/4001/p2p/PEER";
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "althing:{}", self.committee)?;
        for (n, peer) in self.peers.iter().enumerate() {
            write!(f, "{}peer={peer}", if n == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

impl FromStr for Invitation {
    type Err = BadInvitation;

    fn from_str(text: &str) -> Result<Self, BadInvitation> {
        let text = text.trim();
        let form = || BadInvitation::Form(text.chars().take(200).collect());
        let rest = text.strip_prefix("althing:").unwrap_or(text);
        let (id, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut peers = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            // Other parameters may come with later releases.
            if let Some(("peer", address)) = pair.split_once('=') {
                let address = address.replace("%2F", "/").replace("%2f", "/");
                peers.push(address.parse().map_err(|_| BadInvitation::Address(address))?);
            }
        }
        if peers.len() > ADDRESSES {
            return Err(BadInvitation::Many);
        }
        Ok(Self {
            committee: id.parse().map_err(|_| form())?,
            peers,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invitations_read_back() {
        let id: Id = "ab".repeat(32).parse().unwrap();
        let peers: Vec<Multiaddr> = ["/ip4/127.0.0.1/tcp/1", "/ip6/::1/udp/2/quic-v1"]
            .map(|a| a.parse().unwrap())
            .to_vec();
        for peers in [Vec::new(), peers] {
            let invitation = Invitation { committee: id, peers };
            assert_eq!(invitation.to_string().parse(), Ok(invitation));
        }
        let bare = Invitation {
            committee: id,
            peers: Vec::new(),
        };
        assert_eq!(id.to_string().parse(), Ok(bare.clone()));
        assert_eq!(format!("althing:{id}?later=1").parse(), Ok(bare));
        let escaped = format!("althing:{id}?peer=%2Fip4%2F127.0.0.1%2Ftcp%2F1")
            .parse::<Invitation>()
            .unwrap();
        assert_eq!(escaped.peers.len(), 1);
    }

    #[test]
    fn what_is_no_invitation() {
        assert!(matches!(
            "althing:12".parse::<Invitation>(),
            Err(BadInvitation::Form(_))
        ));
        let id = "ab".repeat(32);
        assert!(matches!(
            format!("althing:{id}?peer=there").parse::<Invitation>(),
            Err(BadInvitation::Address(_))
        ));
        let many = "&peer=/ip4/127.0.0.1/tcp/1".repeat(ADDRESSES + 1);
        assert_eq!(
            format!("althing:{id}?{many}").parse::<Invitation>(),
            Err(BadInvitation::Many)
        );
    }
}
