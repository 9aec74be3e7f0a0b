//! Pictures of how a classifier learns and errs, drawn with an embedded font into PNG.
//!
//! They take figures and draw them; they compute none. All are made to be read 800 pixels wide, and
//! none tells anything by colour alone.

mod axis;
mod canvas;
mod class_images;
mod class_moments;
mod color;
mod confusion_matrix;
mod corner_curves;
mod epochs;
mod error;
mod error_gallery;
mod f1_bars;
mod font;
mod image_view;
mod learning_curves;
mod legend;
mod marker;
pub(crate) mod numbers;
mod palette;
mod picture;
mod plot;
mod precision_recall;
mod read_digits;
mod reliability_diagram;
mod results_grid;
mod roc;
mod run_comparison;
mod sample_grid;
mod scale;
mod scatter;
mod theme;
mod tiles;

pub use class_images::class_images;
pub use class_moments::{ClassMoments, class_moments};
pub use confusion_matrix::{CellValue, confusion_matrix};
pub use corner_curves::Curve;
pub use epochs::EpochFigures;
pub use error::PictureError;
pub use error_gallery::error_gallery;
pub use f1_bars::f1_bars;
pub use image_view::ImageView;
pub use learning_curves::learning_curves;
pub use picture::Picture;
pub use precision_recall::precision_recall;
pub use read_digits::{ReadDigit, read_digits};
pub use reliability_diagram::{ReliabilityBin, reliability_diagram};
pub use results_grid::results_grid;
pub use roc::roc;
pub use run_comparison::{Run, run_comparison};
pub use sample_grid::{Augmented, Sample, augmented_samples, samples};
pub use scatter::{Scatter, ScatterPoint, scatter};
pub use tiles::PredictedImage;
