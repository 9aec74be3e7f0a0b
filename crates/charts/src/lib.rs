//! Figures and images become pictures: charts, grids of images and the canvas they are drawn on.
//!
//! Nothing is computed here but what drawing needs. Text is set in an embedded font, and pictures
//! are encoded as PNG. All are laid out to be read 800 pixels wide, and none says anything by colour
//! alone. The crate reads and writes no files.

mod axes;
mod canvas;
mod charts;
mod error;
mod grids;
pub mod numbers;

pub use canvas::image_view::ImageView;
pub use canvas::picture::Picture;
pub use charts::confusion_matrix::{CellValue, confusion_matrix};
pub use charts::corner_curves::Curve;
pub use charts::epochs::EpochFigures;
pub use charts::f1_bars::f1_bars;
pub use charts::learning_curves::learning_curves;
pub use charts::precision_recall::precision_recall;
pub use charts::reliability_diagram::{ReliabilityBin, reliability_diagram};
pub use charts::roc::roc;
pub use charts::run_comparison::{Run, run_comparison};
pub use charts::scatter::{Scatter, ScatterPoint, scatter};
pub use error::PictureError;
pub use grids::class_images::class_images;
pub use grids::class_moments::{ClassMoments, class_moments};
pub use grids::error_gallery::error_gallery;
pub use grids::read_digits::{ReadDigit, read_digits};
pub use grids::results_grid::results_grid;
pub use grids::sample_grid::{Augmented, Sample, augmented_samples, samples};
pub use grids::tiles::PredictedImage;
