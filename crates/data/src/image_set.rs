//! Images of one shape with their labels, in memory.

use std::sync::Arc;

use burn_dataset::{Dataset, DatasetError};

use crate::error::DataError;
use crate::image::{Image, LabelledImage, check_pixels};
use crate::shape::ImageShape;

/// The largest number of classes: labels are `u8`.
pub(crate) const MOST_CLASSES: usize = 256;

/// At least one labelled image, all of the same shape. Cloning it copies a pointer, not the pixels.
#[derive(Clone, Debug)]
pub struct ImageSet(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    shape: ImageShape,
    pixels: Vec<u8>, // [images, channels, height, width]
    labels: Vec<u8>, // [images], each below class_count
    class_count: usize,
    /// [images], their indices in the set from which they were first selected; empty if this is it.
    places: Vec<usize>,
}

impl ImageSet {
    /// A set of images with pixels `[images, channels, height, width]` and one label for each
    /// image.
    ///
    /// # Errors
    ///
    /// [`DataError::NoImages`], [`DataError::EmptyShape`], [`DataError::PixelCount`] if there are
    /// not as many pixels as `labels.len()` images have, [`DataError::ClassCount`] outside 1 to
    /// 256, and [`DataError::Label`] for a label outside the classes.
    pub fn new(
        shape: ImageShape,
        pixels: Vec<u8>,
        labels: Vec<u8>,
        class_count: usize,
    ) -> Result<Self, DataError> {
        if labels.is_empty() {
            return Err(DataError::NoImages);
        }
        check_pixels(shape, labels.len(), pixels.len())?;
        if !(1..=MOST_CLASSES).contains(&class_count) {
            return Err(DataError::ClassCount { found: class_count });
        }
        if let Some(index) = labels.iter().position(|&label| usize::from(label) >= class_count) {
            return Err(DataError::Label { index, label: labels[index], class_count });
        }
        Ok(Self(Arc::new(Contents { shape, pixels, labels, class_count, places: Vec::new() })))
    }

    /// Number of images; never zero.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.labels.len()
    }

    /// Always `false`: a set has at least one image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.labels.is_empty()
    }

    /// The shape of every image.
    #[must_use]
    pub fn shape(&self) -> ImageShape {
        self.0.shape
    }

    /// Number of classes, 1 to 256; every label is below it.
    #[must_use]
    pub fn class_count(&self) -> usize {
        self.0.class_count
    }

    /// The label of every image.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.0.labels
    }

    /// The pixels of one image, `[channels, height, width]`.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn pixels(&self, index: usize) -> &[u8] {
        let size = self.0.shape.pixels();
        &self.0.pixels[index * size..][..size]
    }

    /// The index of an image in the set that was read, from which this one was selected, directly
    /// or through other sets; `index` itself in the set that was read.
    #[must_use]
    pub fn place(&self, index: usize) -> usize {
        self.0.places.get(index).copied().unwrap_or(index)
    }

    /// A copy of one image.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn image(&self, index: usize) -> Image {
        Image { shape: self.shape(), pixels: self.pixels(index).to_vec() }
    }

    /// A new set of these images, in this order.
    ///
    /// # Errors
    ///
    /// [`DataError::NoImages`] if `indices` is empty.
    ///
    /// # Panics
    ///
    /// If an index is not below [`len`](Self::len).
    pub fn select(&self, indices: &[usize]) -> Result<Self, DataError> {
        let pixels = indices.iter().flat_map(|&index| self.pixels(index)).copied().collect();
        let labels = indices.iter().map(|&index| self.labels()[index]).collect();
        let mut set = Self::new(self.shape(), pixels, labels, self.class_count())?;
        if let Some(contents) = Arc::get_mut(&mut set.0) {
            contents.places = indices.iter().map(|&index| self.place(index)).collect();
        }
        Ok(set)
    }
}

impl Dataset<LabelledImage> for ImageSet {
    fn get(&self, index: usize) -> Result<LabelledImage, DatasetError> {
        Ok(LabelledImage { image: self.image(index), label: self.labels()[index] })
    }

    fn len(&self) -> usize {
        ImageSet::len(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: ImageShape = ImageShape { channels: 1, height: 1, width: 2 };

    #[test]
    fn images_keep_their_pixels_and_labels() {
        let set = ImageSet::new(SHAPE, vec![1, 2, 3, 4], vec![1, 0], 2).unwrap();
        assert_eq!((set.len(), set.pixels(1), set.labels()), (2, &[3, 4][..], &[1, 0][..]));
        let item = set.get(0).unwrap();
        assert_eq!((item.image.pixels(), item.label), (&[1, 2][..], 1));
    }

    #[test]
    fn selection_keeps_the_order_asked_for() {
        let set = ImageSet::new(SHAPE, vec![1, 2, 3, 4], vec![1, 0], 2).unwrap();
        let chosen = set.select(&[1, 0]).unwrap();
        assert_eq!((chosen.pixels(0), chosen.labels()), (&[3, 4][..], &[0, 1][..]));
        assert!(matches!(set.select(&[]), Err(DataError::NoImages)));
        assert_eq!((set.place(1), chosen.place(0), chosen.place(1)), (1, 1, 0));
        assert_eq!(chosen.select(&[1]).unwrap().place(0), 0);
    }

    #[test]
    fn inconsistent_set_is_refused() {
        let build = |pixels: usize, labels: &[u8], classes| {
            ImageSet::new(SHAPE, vec![0; pixels], labels.to_vec(), classes)
        };
        assert!(matches!(build(0, &[], 2), Err(DataError::NoImages)));
        assert!(matches!(
            build(3, &[0], 2),
            Err(DataError::PixelCount { expected: 2, found: 3, .. })
        ));
        assert!(matches!(build(2, &[0], 0), Err(DataError::ClassCount { found: 0 })));
        assert!(matches!(build(2, &[0], 257), Err(DataError::ClassCount { found: 257 })));
        assert!(matches!(
            build(4, &[0, 2], 2),
            Err(DataError::Label { index: 1, label: 2, class_count: 2 })
        ));
    }
}
