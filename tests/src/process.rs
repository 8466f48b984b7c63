//! Real node processes, started, killed and asked over HTTP.
