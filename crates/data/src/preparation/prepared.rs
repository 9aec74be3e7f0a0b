//! A picture as a model takes it.

use crate::image::Image;

/// A picture as a model takes it.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// There is no ink on the page.
    Blank,
    /// There is something.
    Image {
        /// The model's input before normalization.
        image: Image,
        /// Whether this is clearly one shape of ink on paper (see [`ink::Normalized::is_clear`]).
        is_clear: bool,
    },
}

impl Prepared {
    /// What the network sees; none of a blank page.
    #[must_use]
    pub fn into_image(self) -> Option<Image> {
        match self {
            Self::Blank => None,
            Self::Image { image, .. } => Some(image),
        }
    }

    /// What the network sees; none of a blank page.
    #[must_use]
    pub fn image(&self) -> Option<&Image> {
        match self {
            Self::Blank => None,
            Self::Image { image, .. } => Some(image),
        }
    }
}
