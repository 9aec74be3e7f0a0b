//! The built server, from outside.
