//! Batch normalization fused with its epilogue, on slices of numbers (Ioffe and Szegedy 2015).
//!
//! Maps are `[batch, height, width, channels]`. The loops are over channels, innermost, and are left
//! to the compiler to vectorize.

mod forward;
mod fused;
mod gradient;
mod shape;
mod statistics;

pub(crate) use forward::affine;
pub(crate) use fused::{FusedNormalization, NormParameters};
pub(crate) use shape::MapShape;
pub(crate) use statistics::statistics;
