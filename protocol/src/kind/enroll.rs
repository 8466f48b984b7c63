//! `enroll`: a device of an identity.

use super::Kind;

pub(super) static KIND: Kind =
    Kind::control("enroll", "Lets a key sign for the identity; the key is in the header.").on(&["identity"]);
