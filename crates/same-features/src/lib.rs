//! Only a manifest: both programs of the workspace depend on this crate, and so they use shared
//! dependencies with the same features.
//!
//! Cargo enables the features that the crates of a build ask for. Without this crate, `cargo run -p trainer`,
//! `cargo run` and `cargo test --workspace` would each compile Burn, which takes minutes.
//! `tests/repository.rs` says which features are missing here when that changes.
