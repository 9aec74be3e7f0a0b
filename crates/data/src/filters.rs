//! Filters of images in floating point: what augmentation and corruptions are made of.
//!
//! An image is a slice of levels, `[channels, height, width]`, 0 = black, 1 = white. Filters do not
//! clip; lengths are in pixels. Outside of the image its border is repeated.

mod convolution;
mod jpeg;
mod kernel;
mod morphology;
mod noise;
mod pattern;
mod resampling;
mod smooth_field;
mod stroke;

pub(crate) use self::convolution::convolve;
pub(crate) use self::jpeg::jpeg_artefacts;
pub(crate) use self::kernel::Kernel;
pub(crate) use self::morphology::{dilate, erode};
pub(crate) use self::noise::normal;
pub(crate) use self::pattern::pattern;
pub(crate) use self::resampling::lower_resolution;
pub(crate) use self::smooth_field::smooth_field;
pub(crate) use self::stroke::{Point, draw_stroke};

/// Replaces every level.
pub(crate) fn map_levels(levels: &mut [f32], mut change: impl FnMut(f32) -> f32) {
    for level in levels {
        *level = change(*level);
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests;
