//! Operations that a convolution or a normalization is fused with.

/// The argmax of a pooling window whose maximum the ReLU sets to zero: no position has a gradient.
pub(crate) const NO_GRADIENT: u8 = 4;

/// The operations behind a convolution or a normalization, in the same pass over memory: a 2×2 max
/// pool, then a ReLU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epilogue {
    /// Negative numbers become zero; NaN stays.
    pub relu: bool,
    /// The largest of every 2×2 window; NaN counts as the largest, and the first of equals is chosen.
    pub pool: bool,
}

impl Epilogue {
    /// Height and width of the output, given those of the input.
    pub(crate) fn output_size(self, size: [usize; 2]) -> [usize; 2] {
        if self.pool { size.map(|side| side / 2) } else { size }
    }
}
