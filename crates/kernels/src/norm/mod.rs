//! Batch normalization with what follows it, on slices of numbers (Ioffe and Szegedy 2015).
//!
//! Maps are `[batch, height, width, channels]`. The loops are over channels, innermost, and are left
//! to the compiler to vectorize.

mod block;
mod forward;
mod gradient;
mod shape;
mod statistics;

pub(crate) use block::{NormBlock, NormState};
pub(crate) use forward::affine;
pub(crate) use shape::MapShape;
pub(crate) use statistics::statistics;
