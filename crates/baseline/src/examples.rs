//! Examples: rows of features, and their labels.

use crate::BaselineError;

/// The features and the labels of images, one row and one label for each image.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a> {
    /// `[rows, columns]`.
    pub features: &'a [f32],
    /// `[rows]`, each below the number of classes.
    pub labels: &'a [usize],
}

impl Examples<'_> {
    /// Length of a row.
    ///
    /// # Errors
    ///
    /// [`BaselineError::NoImages`] if there are no labels, [`BaselineError::Rows`] if the features
    /// do not divide into one row of at least one feature for each label.
    pub fn columns(&self) -> Result<usize, BaselineError> {
        let (values, rows) = (self.features.len(), self.labels.len());
        if rows == 0 {
            return Err(BaselineError::NoImages);
        }
        if values == 0 || !values.is_multiple_of(rows) {
            return Err(BaselineError::Rows { values, rows });
        }
        Ok(values / rows)
    }

    /// Checks what [`columns`](Self::columns) checks, that all features are finite, and that at
    /// least two classes occur, all below `classes`.
    pub(crate) fn check(&self, classes: usize) -> Result<(), BaselineError> {
        let columns = self.columns()?;
        if let Some(index) = self.features.iter().position(|value| !value.is_finite()) {
            let (row, column) = (index / columns, index % columns);
            return Err(BaselineError::NotFinite { row, column, value: self.features[index] });
        }
        if let Some(row) = self.labels.iter().position(|&label| label >= classes) {
            return Err(BaselineError::Label { row, label: self.labels[row], classes });
        }
        let class = self.labels[0];
        if self.labels.iter().all(|&label| label == class) {
            return Err(BaselineError::OneClass { class });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(features: &[f32], labels: &[usize]) -> Result<(), BaselineError> {
        Examples { features, labels }.check(2)
    }

    #[test]
    fn two_finite_rows_of_two_classes_pass() {
        assert!(check(&[1.0, 2.0, 3.0, 4.0], &[0, 1]).is_ok());
    }

    #[test]
    fn no_images_are_refused() {
        assert!(matches!(check(&[], &[]), Err(BaselineError::NoImages)));
    }

    #[test]
    fn rows_without_features_are_refused() {
        assert!(matches!(check(&[], &[0, 1]), Err(BaselineError::Rows { values: 0, rows: 2 })));
    }

    #[test]
    fn rows_of_unequal_length_are_refused() {
        assert!(matches!(
            check(&[1.0, 2.0, 3.0], &[0, 1]),
            Err(BaselineError::Rows { values: 3, rows: 2 })
        ));
    }

    #[test]
    fn a_feature_that_is_not_finite_is_refused_with_its_position() {
        assert!(matches!(
            check(&[1.0, 2.0, f32::NAN, 4.0], &[0, 1]),
            Err(BaselineError::NotFinite { row: 1, column: 0, .. })
        ));
    }

    #[test]
    fn a_label_outside_the_classes_is_refused() {
        assert!(matches!(
            check(&[1.0, 2.0], &[0, 2]),
            Err(BaselineError::Label { row: 1, label: 2, classes: 2 })
        ));
    }

    #[test]
    fn images_of_a_single_class_are_refused() {
        assert!(matches!(check(&[1.0, 2.0], &[1, 1]), Err(BaselineError::OneClass { class: 1 })));
    }
}
