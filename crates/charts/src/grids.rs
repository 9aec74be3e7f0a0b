//! Grids of images with captions: samples, predictions, errors, classes and annotated digits.

pub(crate) mod annotated_digits;
pub(crate) mod class_images;
pub(crate) mod class_moments;
pub(crate) mod corruption_grid;
pub(crate) mod error_gallery;
pub(crate) mod label_gallery;
pub(crate) mod predicted_image;
pub(crate) mod prediction_grid;
pub(crate) mod sample_grid;
pub(crate) mod tiles;
