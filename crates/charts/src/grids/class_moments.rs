//! Mean and standard deviation of a class's images.

use crate::canvas::ImageView;

/// Mean and standard deviation of a class's images, per pixel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClassMoments {
    /// Number of channels, 1 or 3.
    pub channels: usize,
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
    /// Mean pixel values, `[channels, height, width]`, 0 to 255; zero for a class without images.
    pub mean: Vec<f32>,
    /// Standard deviations, `[channels, height, width]`, 0 to 127.5; zero for a class without images.
    pub deviation: Vec<f32>,
}

impl ClassMoments {
    /// The moments of `images`, all of the shape of `first`, which need not be one of them.
    pub fn of<'a>(
        first: &ImageView,
        images: impl ExactSizeIterator<Item = &'a ImageView<'a>>,
    ) -> Self {
        let pixels = first.pixels().len();
        let count = images.len().max(1) as f64;
        // Integer sums: exact, and so independent of the order.
        let (mut sums, mut squares) = (vec![0_u64; pixels], vec![0_u64; pixels]);
        for image in images {
            for ((pixel, sum), square) in image.pixels().iter().zip(&mut sums).zip(&mut squares) {
                *sum += u64::from(*pixel);
                *square += u64::from(*pixel).pow(2);
            }
        }
        let both = sums.iter().zip(&squares).map(|(sum, square)| {
            let mean = *sum as f64 / count;
            let variance = (*square as f64 / count - mean * mean).max(0.0);
            (mean as f32, variance.sqrt() as f32)
        });
        let (mean, deviation) = both.unzip();
        let (channels, height, width) = (first.channels(), first.height(), first.width());
        Self { channels, height, width, mean, deviation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_images() {
        let images = [[0, 10], [4, 10]];
        let images = images.each_ref().map(|image| ImageView::new(1, 1, 2, image).unwrap());
        let moments = ClassMoments::of(&images[0], images.iter());
        assert_eq!((moments.mean, moments.deviation), (vec![2.0, 10.0], vec![2.0, 0.0]));
        let none = ClassMoments::of(&images[0], images[..0].iter());
        assert_eq!((none.mean, none.deviation), (vec![0.0, 0.0], vec![0.0, 0.0]));
    }
}
