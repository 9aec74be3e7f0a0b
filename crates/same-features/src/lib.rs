//! Nothing but a manifest: every program of the workspace depends on this crate, and so all of them
//! use shared dependencies with the same features.
//!
//! Cargo enables for a build what the crates in it ask for. Without this, `cargo run -p trainer`,
//! `cargo run -p server` and `cargo test --workspace` would each compile Burn, which takes minutes.
//! `tests/repository.rs` says which features are missing here when that changes.
