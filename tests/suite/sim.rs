//! Many nodes in virtual time.
