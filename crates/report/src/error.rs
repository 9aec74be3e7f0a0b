//! Why a report cannot be made.

use charts::PictureError;
use metrics::TsneError;

use crate::PageError;

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A list that is not as long as the predictions.
    #[error("{found} {what} for predictions of {expected} images")]
    Length {
        /// What there are too many or too few of.
        what: &'static str,
        /// Number of predictions.
        expected: usize,
        /// Length of the list.
        found: usize,
    },
    /// A picture cannot be drawn.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A table or picture cannot be put on the page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The features cannot be embedded in the plane.
    #[error(transparent)]
    Tsne(#[from] TsneError),
}
