//! Batch normalization (Ioffe and Szegedy 2015) and group normalization (Wu and He 2018), fused with
//! their epilogue, on slices of numbers.
//!
//! Maps are `[batch, height, width, channels]`. The loops are over channels, innermost, and are left
//! to the compiler to vectorize.

mod forward;
mod fused;
mod gradient;
mod groups;
mod shape;
mod statistics;

pub(crate) use forward::affine;
pub(crate) use fused::{FusedNormalization, NormParameters};
pub(crate) use groups::GroupNormalization;
pub(crate) use shape::MapShape;
pub(crate) use statistics::statistics;
