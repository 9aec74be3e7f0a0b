//! Hand-made features, by name.

use rayon::prelude::*;

use crate::edges::edges;
use crate::grey::grey_levels;
use crate::local_binary_patterns::{self, local_binary_patterns};
use crate::oriented_gradients::{self, oriented_gradients};

/// Functions from an image of grey or RGB pixels to a vector. All of them use the luminance of RGB
/// images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Features {
    /// The grey levels themselves, 0 to 1.
    Pixels,
    /// The magnitude of the Sobel gradient at each pixel.
    Edges,
    /// Histograms of uniform local binary patterns on a grid (Ahonen, Hadid and Pietikäinen 2006).
    Lbp,
    /// Histograms of oriented gradients (Dalal and Triggs 2005).
    Hog,
}

impl Features {
    /// All features.
    pub const ALL: [Self; 4] = [Self::Pixels, Self::Edges, Self::Lbp, Self::Hog];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pixels => "pixels",
            Self::Edges => "edges",
            Self::Lbp => "lbp",
            Self::Hog => "hog",
        }
    }

    /// Number of features of an image of this size, for any number of channels.
    #[must_use]
    pub fn length(self, height: usize, width: usize) -> usize {
        match self {
            Self::Pixels | Self::Edges => height * width,
            Self::Lbp => local_binary_patterns::GRID.pow(2) * local_binary_patterns::BINS,
            Self::Hog => oriented_gradients::length(height, width),
        }
    }

    /// The features of one image, `[length]`, from its pixels, `[channels, height, width]`. Three
    /// channels are red, green and blue; any other number of channels is averaged.
    ///
    /// # Panics
    ///
    /// If there are not channels × height × width pixels, or if there are none.
    #[must_use]
    pub fn extract(self, pixels: &[u8], channels: usize, height: usize, width: usize) -> Vec<f32> {
        let levels = grey_levels(pixels, channels, height, width);
        match self {
            Self::Pixels => levels.iter().map(|&level| f32::from(level) / 255.0).collect(),
            Self::Edges => edges(&levels, height, width),
            Self::Lbp => local_binary_patterns(&levels, height, width),
            Self::Hog => oriented_gradients(&levels, height, width),
        }
    }

    /// The features of many images of one shape, `[images, length]`, computed in parallel.
    ///
    /// # Panics
    ///
    /// As [`extract`](Self::extract), for any of the images.
    #[must_use]
    pub fn extract_all(
        self,
        images: &[&[u8]],
        channels: usize,
        height: usize,
        width: usize,
    ) -> Vec<f32> {
        let length = self.length(height, width);
        let mut features = vec![0.0; images.len() * length];
        features.par_chunks_exact_mut(length).zip(images).for_each(|(row, pixels)| {
            row.copy_from_slice(&self.extract(pixels, channels, height, width));
        });
        features
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(usize, usize); 5] = [(8, 8), (9, 13), (28, 28), (32, 32), (96, 64)];

    #[test]
    fn number_of_features_is_length() {
        for features in Features::ALL {
            for (height, width) in SIZES {
                let found = features.extract(&vec![9; 3 * height * width], 3, height, width).len();
                assert_eq!(found, features.length(height, width), "{features:?} {height}×{width}");
            }
        }
    }

    #[test]
    fn features_of_blank_images_are_finite() {
        for features in Features::ALL {
            for level in [0, 255] {
                let found = features.extract(&[level; 784], 1, 28, 28);
                assert!(found.iter().all(|value| value.is_finite()), "{features:?}");
            }
        }
    }

    #[test]
    fn a_grey_image_has_the_same_features_as_rgb() {
        let grey: Vec<u8> = (0..=255).map(|level: u8| level.wrapping_mul(97)).collect();
        for features in Features::ALL {
            let of_rgb = features.extract(&grey.repeat(3), 3, 16, 16);
            assert_eq!(features.extract(&grey, 1, 16, 16), of_rgb, "{features:?}");
        }
    }

    #[test]
    fn images_keep_their_order() {
        let (first, second) = ([3_u8; 64], [7_u8; 64]);
        let found = Features::Pixels.extract_all(&[&first, &second], 1, 8, 8);
        assert_eq!((found[0], found[64]), (3.0 / 255.0, 7.0 / 255.0));
    }

    #[test]
    #[should_panic(expected = "pixels of 1×8×8")]
    fn an_image_of_another_size_is_a_bug() {
        let _ = Features::Pixels.extract(&[0; 63], 1, 8, 8);
    }
}
