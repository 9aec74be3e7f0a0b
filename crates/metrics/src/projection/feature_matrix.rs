//! Feature vectors of images.

/// Feature vectors of at least two images, `[image][dimension]`, all finite.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix {
    values: Vec<f32>,
    dimensions: usize,
}

/// Why values are not a [`FeatureMatrix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeatureMatrixError {
    /// Fewer than two images, which have no variance.
    #[error("features of {images} images: expected at least 2")]
    TooFew {
        /// Number of images.
        images: usize,
    },
    /// Values that do not fill whole rows.
    #[error("{found} values do not fill rows of {dimensions} features")]
    Length {
        /// Number of features of an image.
        dimensions: usize,
        /// Number of values.
        found: usize,
    },
    /// A feature that is infinite or NaN.
    #[error("feature {dimension} of image {image} is not a finite number")]
    NotFinite {
        /// Index of the image.
        image: usize,
        /// Index of the feature.
        dimension: usize,
    },
}

impl FeatureMatrix {
    /// From `values`, `[image][dimension]`.
    ///
    /// # Errors
    /// [`FeatureMatrixError`] if the values do not fill rows of `dimensions`, there are fewer than two
    /// rows, or a value is not finite.
    pub fn new(values: Vec<f32>, dimensions: usize) -> Result<Self, FeatureMatrixError> {
        let found = values.len();
        if dimensions == 0 || !found.is_multiple_of(dimensions) {
            return Err(FeatureMatrixError::Length { dimensions, found });
        }
        let images = found / dimensions;
        if images < 2 {
            return Err(FeatureMatrixError::TooFew { images });
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            let (image, dimension) = (index / dimensions, index % dimensions);
            return Err(FeatureMatrixError::NotFinite { image, dimension });
        }
        Ok(Self { values, dimensions })
    }

    /// Number of images, at least 2.
    #[must_use]
    pub fn images(&self) -> usize {
        self.values.len() / self.dimensions
    }

    /// Number of features of an image, at least 1.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The feature vectors of all images in order.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dimensions)
    }

    /// The feature vector of an image.
    pub(crate) fn row(&self, image: usize) -> &[f32] {
        &self.values[image * self.dimensions..][..self.dimensions]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_do_not_fill_rows_are_refused() {
        assert!(FeatureMatrix::new(vec![0.0; 6], 3).is_ok());
        let length = |dimensions, found| Err(FeatureMatrixError::Length { dimensions, found });
        assert_eq!(FeatureMatrix::new(vec![0.0; 6], 4), length(4, 6));
        assert_eq!(FeatureMatrix::new(vec![0.0; 6], 0), length(0, 6));
        assert_eq!(
            FeatureMatrix::new(vec![0.0; 6], 6),
            Err(FeatureMatrixError::TooFew { images: 1 })
        );
        assert_eq!(
            FeatureMatrix::new(vec![0.0, 0.0, f32::NAN, 0.0], 2),
            Err(FeatureMatrixError::NotFinite { image: 1, dimension: 0 })
        );
    }
}
