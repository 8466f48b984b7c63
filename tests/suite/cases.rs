//! The named cases of the design.
