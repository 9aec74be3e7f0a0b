//! The names of the steps, for whoever wants to look at them.

use std::fmt;

/// A step whose result [`normalize`](crate::normalize) shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The sheet that lies on something else, without that.
    Sheet,
    /// The upright grey picture, or the part of it that is looked at a second time.
    Picture,
    /// Without impulses.
    Impulses,
    /// The paper alone.
    Background,
    /// Without noise.
    Smoothed,
    /// The distance from the paper on the ink's side.
    Ink,
    /// White where there is ink.
    Threshold,
    /// White where the digit is.
    Chosen,
    /// The digit, full ink at 255.
    Evened,
    /// With strokes as thick as a pen's.
    Stroke,
    /// Cut out.
    Crop,
    /// In a box of 20×20 pixels.
    Scaled,
    /// Centred in 28×28 pixels: what the network takes.
    Normalized,
}

impl Step {
    /// All steps in the order in which they are taken.
    pub const ALL: [Self; 13] = [
        Self::Sheet,
        Self::Picture,
        Self::Impulses,
        Self::Background,
        Self::Smoothed,
        Self::Ink,
        Self::Threshold,
        Self::Chosen,
        Self::Evened,
        Self::Stroke,
        Self::Crop,
        Self::Scaled,
        Self::Normalized,
    ];

    /// A name for files, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sheet => "sheet",
            Self::Picture => "picture",
            Self::Impulses => "impulses",
            Self::Background => "background",
            Self::Smoothed => "smoothed",
            Self::Ink => "ink",
            Self::Threshold => "threshold",
            Self::Chosen => "chosen",
            Self::Evened => "evened",
            Self::Stroke => "stroke",
            Self::Crop => "crop",
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
