//! The certificate: an `enroll` of this key, by the identity for which it signs.

use thiserror::Error;

use crate::control::Control;
use crate::entry::Header;
use crate::graph::{Class, Graph};
use crate::identity::Identities;

/// Why a key may not sign this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// Only an identity's root key, in its own space, signs without a certificate.
    #[error("it has no certificate, and only an identity's root key in its own space needs none")]
    Missing,
    /// The certificate is no `enroll`.
    #[error("its certificate is no enrolment")]
    NotEnroll,
    /// The certificate is an `enroll` of another key.
    #[error("its certificate enrols another key")]
    OtherKey,
    /// A device of one identity writes in another identity's space.
    #[error("only an identity's own devices write in its space")]
    Stranger,
    /// A device signs what only the root key may.
    #[error("only the identity's root key signs this")]
    RootOnly,
}

impl Fault {
    /// The stable short name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "cert_missing",
            Self::NotEnroll => "cert_not_enroll",
            Self::OtherKey => "cert_other_key",
            Self::Stranger => "cert_stranger",
            Self::RootOnly => "cert_root_only",
        }
    }
}

pub(super) fn check(header: &Header, control: &Control, graph: &Graph, identities: &Identities) -> Result<(), Fault> {
    let space = header.space.and_then(|s| graph.num(&s));
    let in_identity = space.is_some_and(|s| graph.node(s).class == Class::Identity);
    let Some(cert) = header.cert.and_then(|c| graph.num(&c)) else {
        let identity_root = matches!(control, Control::Identity(_));
        return if in_identity || identity_root {
            Ok(())
        } else {
            Err(Fault::Missing)
        };
    };
    let node = graph.node(cert);
    if node.class != Class::Enroll {
        return Err(Fault::NotEnroll);
    }
    if in_identity && Some(node.space) != space {
        return Err(Fault::Stranger);
    }
    if matches!(control, Control::Enroll(_) | Control::Retire(_) | Control::Rotate(_)) {
        return Err(Fault::RootOnly);
    }
    if identities.enrolled(cert) == Some(header.by) {
        Ok(())
    } else {
        Err(Fault::OtherKey)
    }
}
