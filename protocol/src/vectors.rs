//! The test vectors in `protocol/vectors`, for readers in any language.

pub(crate) mod make;
