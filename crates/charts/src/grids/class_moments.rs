//! Mean and standard deviation of each class's images.

use crate::canvas::ImageView;
use crate::error::{PictureError, require_length, require_some};

/// Mean and standard deviation of a class's images, per pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassMoments {
    /// Number of channels, 1 or 3.
    pub channels: usize,
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
    /// Number of images.
    pub count: usize,
    /// Mean pixel values, `[channels, height, width]`, 0 to 255; zero for a class without images.
    pub mean: Vec<f32>,
    /// Standard deviations, `[channels, height, width]`, 0 to 127.5; zero for a class without images.
    pub deviation: Vec<f32>,
}

/// The moments of each of `classes` classes over `images` with these `labels`.
///
/// # Errors
/// [`PictureError::Empty`] if there are no images, [`PictureError::Length`] unless each has a label
/// and all have the same number of pixels, [`PictureError::Class`] if a label is not below `classes`.
pub fn class_moments(
    images: &[ImageView],
    labels: &[usize],
    classes: usize,
) -> Result<Vec<ClassMoments>, PictureError> {
    require_some("images", images)?;
    require_length("labels", images.len(), labels.len())?;
    let first = images[0];
    let pixels = first.pixels().len();
    let mut sums =
        vec![Sums { count: 0, values: vec![0; pixels], squares: vec![0; pixels] }; classes];
    for (index, (image, label)) in images.iter().zip(labels).enumerate() {
        require_length("pixel values in an image", pixels, image.pixels().len())?;
        let (what, class) = ("image", *label);
        let sum = sums.get_mut(class).ok_or(PictureError::Class { what, index, class, classes })?;
        sum.add(image.pixels());
    }
    let moments = sums.into_iter().map(|sums| {
        let (mean, deviation) = sums.moments();
        let (channels, height, width) = (first.channels(), first.height(), first.width());
        ClassMoments { channels, height, width, count: sums.count, mean, deviation }
    });
    Ok(moments.collect())
}

/// Integer sums: exact, and so independent of the order.
#[derive(Clone)]
struct Sums {
    count: usize,
    values: Vec<u64>,
    squares: Vec<u64>,
}

impl Sums {
    fn add(&mut self, pixels: &[u8]) {
        self.count += 1;
        for ((pixel, value), square) in pixels.iter().zip(&mut self.values).zip(&mut self.squares) {
            *value += u64::from(*pixel);
            *square += u64::from(*pixel).pow(2);
        }
    }

    fn moments(&self) -> (Vec<f32>, Vec<f32>) {
        let count = self.count.max(1) as f64;
        let both = self.values.iter().zip(&self.squares).map(|(value, square)| {
            let mean = *value as f64 / count;
            let variance = (*square as f64 / count - mean * mean).max(0.0);
            (mean as f32, variance.sqrt() as f32)
        });
        both.unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_each_class() {
        let images = [[0, 10], [4, 10], [255, 0]];
        let images = images.each_ref().map(|image| ImageView::new(1, 1, 2, image).unwrap());
        let moments = class_moments(&images, &[1, 1, 0], 3).unwrap();
        assert_eq!((moments[1].count, &moments[1].mean[..]), (2, &[2.0, 10.0][..]));
        assert_eq!(moments[1].deviation, [2.0, 0.0]);
        assert_eq!(moments[0].mean, [255.0, 0.0]);
        assert_eq!((moments[2].count, &moments[2].deviation[..]), (0, &[0.0, 0.0][..]));
    }

    #[test]
    fn images_and_labels_that_do_not_fit_are_refused() {
        let (small, large) = ([0], [0; 4]);
        let small = ImageView::new(1, 1, 1, &small).unwrap();
        let large = ImageView::new(1, 2, 2, &large).unwrap();
        assert!(matches!(class_moments(&[], &[], 2), Err(PictureError::Empty { .. })));
        assert!(matches!(class_moments(&[small], &[], 2), Err(PictureError::Length { .. })));
        assert!(matches!(
            class_moments(&[small, large], &[0, 0], 2),
            Err(PictureError::Length { expected: 1, found: 4, .. })
        ));
        assert!(matches!(
            class_moments(&[small], &[2], 2),
            Err(PictureError::Class { index: 0, class: 2, .. })
        ));
    }
}
