//! Figures become pictures: charts, grids of images, and the canvas that they are drawn on.
//!
//! The crate computes only what drawing needs. Text is drawn in an embedded font, and pictures are
//! encoded as PNG in memory: no files are read or written. Pictures are laid out to be viewed 800
//! pixels wide, and none conveys anything by colour alone.

mod axes;
mod canvas;
mod charts;
mod error;
mod grids;

pub use canvas::{ImageView, Picture};
pub use charts::class_curves::NamedCurve;
pub use charts::confusion_matrix::{CellValue, confusion_matrix};
pub use charts::epochs::EpochPoint;
pub use charts::f1_bars::f1_bars;
pub use charts::learning_curves::learning_curves;
pub use charts::precision_recall_curves::precision_recall_curves;
pub use charts::reliability_diagram::{ReliabilityBin, reliability_diagram};
pub use charts::roc_curves::roc_curves;
pub use charts::run_comparison::{RunCurves, run_comparison};
pub use charts::scatter::{Scatter, ScatterPoint, scatter};
pub use charts::severity_curves::{SeverityCurve, SeverityPanel, severity_curves};
pub use error::PictureError;
pub use grids::annotated_digits::{AnnotatedDigit, annotated_digits};
pub use grids::class_images::class_images;
pub use grids::corruption_grid::{CorruptedImages, corruption_grid};
pub use grids::error_gallery::error_gallery;
pub use grids::label_gallery::{LabelledImage, label_gallery};
pub use grids::predicted_image::PredictedImage;
pub use grids::prediction_grid::prediction_grid;
pub use grids::sample_grid::{AugmentedSample, Sample, augmentation_grid, sample_grid};
