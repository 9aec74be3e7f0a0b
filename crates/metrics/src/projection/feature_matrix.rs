//! What a network knows of images, one row of numbers for each.

/// Feature vectors, `[image][dimension]`.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix {
    values: Vec<f32>,
    dimensions: usize,
}

/// Why numbers make no [`FeatureMatrix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeatureMatrixError {
    /// Fewer images than have a spread.
    #[error("features of {images} images: expected at least 2")]
    TooFew {
        /// Number of images.
        images: usize,
    },
    /// Numbers that do not fill the rows.
    #[error("{found} features are no rows of {dimensions}")]
    Length {
        /// Number of features of an image.
        dimensions: usize,
        /// Number of features of all images.
        found: usize,
    },
    /// A feature that is infinite or no number.
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
    /// When the values do not fill rows of `dimensions`, are those of fewer than two images, or one
    /// is not finite.
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

    /// The features of every image, one after the other.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.dimensions)
    }

    /// The features of an image.
    pub(crate) fn row(&self, image: usize) -> &[f32] {
        &self.values[image * self.dimensions..][..self.dimensions]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_no_rows_are_refused() {
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
