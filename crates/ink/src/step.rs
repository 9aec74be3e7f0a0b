//! The preprocessing steps, by name.

use std::fmt;

/// A step whose result [`normalize`](crate::normalize) passes to its observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The sheet of paper, cropped from the picture.
    Sheet,
    /// The upright grey picture, or the region of it that is processed again at a higher
    /// resolution.
    Picture,
    /// Without impulse noise.
    Despeckled,
    /// The estimated grey level of the paper.
    Background,
    /// Without Gaussian noise.
    Smoothed,
    /// The absolute difference from the background, on the ink's side of it.
    Ink,
    /// White where there is ink.
    Binarized,
    /// White where the digit is.
    Selected,
    /// The digit, with full ink at 255.
    Stretched,
    /// Thin strokes thickened.
    Thickened,
    /// Cropped to the digit.
    Cropped,
    /// Scaled to a box of 20×20 pixels.
    Scaled,
    /// Centred in 28×28 pixels: the network's input.
    Normalized,
}

impl Step {
    /// All steps in processing order.
    pub const ALL: [Self; 13] = [
        Self::Sheet,
        Self::Picture,
        Self::Despeckled,
        Self::Background,
        Self::Smoothed,
        Self::Ink,
        Self::Binarized,
        Self::Selected,
        Self::Stretched,
        Self::Thickened,
        Self::Cropped,
        Self::Scaled,
        Self::Normalized,
    ];

    /// The name in lower case, for file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sheet => "sheet",
            Self::Picture => "picture",
            Self::Despeckled => "despeckled",
            Self::Background => "background",
            Self::Smoothed => "smoothed",
            Self::Ink => "ink",
            Self::Binarized => "binarized",
            Self::Selected => "selected",
            Self::Stretched => "stretched",
            Self::Thickened => "thickened",
            Self::Cropped => "cropped",
            Self::Scaled => "scaled",
            Self::Normalized => "normalized",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
