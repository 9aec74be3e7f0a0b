//! What follows a convolution or a normalization in the same pass over memory.

/// The winner of a pooling window whose maximum the ReLU set to zero: no gradient passes.
pub(crate) const DEAD: u8 = 4;

/// What follows the convolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Epilogue {
    /// Negative numbers become zero; NaN stays.
    pub relu: bool,
    /// The largest of every 2×2 window; NaN wins, then the first of equals.
    pub pool: bool,
}

impl Epilogue {
    /// Height and width of what comes out, given those of what comes in.
    pub(crate) fn output_size(self, size: [usize; 2]) -> [usize; 2] {
        if self.pool { size.map(|side| side / 2) } else { size }
    }
}
