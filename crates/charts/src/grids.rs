//! Grids: images of a data set side by side, with what is known of them.

pub(crate) mod annotated_digits;
pub(crate) mod class_images;
pub(crate) mod class_moments;
pub(crate) mod error_gallery;
pub(crate) mod predicted_image;
pub(crate) mod prediction_grid;
pub(crate) mod sample_grid;
pub(crate) mod tiles;
