//! Starts and stops the parts of a running node.
