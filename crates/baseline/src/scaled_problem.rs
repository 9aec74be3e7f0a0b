//! Logistic regression, scaled for linfa's solver.
//!
//! linfa minimizes the *sum* of the images' losses with L-BFGS, whose first step is the whole
//! gradient. With many images, that step overshoots to where all probabilities are 0 or 1, the line
//! search fails there, and the solver returns its initial weights of zero without an error.
//! Dividing the features by √(rows · columns) prevents this: the loss then has a curvature below 1
//! in every direction (the trace of `XᵀX` bounds its eigenvalues), so that a step along the
//! gradient always descends. The bias is the weight of a constant feature, because linfa's own
//! intercept would not be scaled.

use linfa::prelude::*;
use linfa_logistic::MultiLogisticRegression;
use ndarray::{Array1, Array2, ArrayView2, Zip, s};

use crate::standardization::Standardization;
use crate::{BaselineError, Examples, LinearClassifier, Settings};

/// The solver stops when the gradient of the mean loss is shorter than this.
const GRADIENT_TOLERANCE: f32 = 1e-3;

/// Standardized and scaled examples, which can be solved with several strengths.
pub(crate) struct ScaledProblem {
    matrix: Array2<f32>,   // [rows, columns + 1], the last column constant
    labels: Array1<usize>, // [rows]
    classes: usize,
    standardization: Standardization,
    /// The factor of the standardized features.
    scale: f32,
}

impl ScaledProblem {
    /// Standardizes `examples` by their own mean and deviation, and scales them.
    pub(crate) fn new(examples: Examples, classes: usize) -> Result<Self, BaselineError> {
        examples.check(classes)?;
        let (rows, columns) = (examples.labels.len(), examples.columns()?);
        let features = ArrayView2::from_shape((rows, columns), examples.features)
            .map_err(|_| BaselineError::Rows { values: examples.features.len(), rows })?;
        let standardization = Standardization::of(features);
        let scale = 1.0 / ((rows * (columns + 1)) as f32).sqrt();
        let factor = standardization.deviation.mapv(|deviation| f64::from(scale) / deviation);
        let mut matrix = Array2::from_elem((rows, columns + 1), scale);
        for (mut out, row) in matrix.rows_mut().into_iter().zip(features.rows()) {
            Zip::from(out.slice_mut(s![..columns]))
                .and(&row)
                .and(&standardization.mean)
                .and(&factor)
                .for_each(|out, &value, mean, factor| {
                    *out = ((f64::from(value) - mean) * factor) as f32;
                });
        }
        let labels = Array1::from(examples.labels.to_vec());
        Ok(Self { matrix, labels, classes, standardization, scale })
    }

    /// Minimizes the mean cross-entropy plus `strength / 2` times the sum of the squared weights of
    /// the standardized features.
    pub(crate) fn solve(&self, settings: &Settings) -> Result<LinearClassifier, BaselineError> {
        let &Settings { strength, iterations } = settings;
        if !(strength.is_finite() && strength >= 0.0) {
            return Err(BaselineError::Strength { value: strength });
        }
        let rows = self.labels.len() as f32;
        let fitted = MultiLogisticRegression::default()
            .with_intercept(false)
            .alpha(strength * rows * self.scale * self.scale)
            .gradient_tolerance(GRADIENT_TOLERANCE * rows * self.scale)
            .max_iterations(iterations)
            .fit(&DatasetBase::new(self.matrix.view(), self.labels.view()))?;
        Ok(self.unscaled(fitted.params(), fitted.classes()))
    }

    /// Converts weights of the scaled features, `[columns + 1, found classes]`, to weights of the
    /// original features. linfa returns no weights for a class without images, which gets the
    /// probability 0.
    fn unscaled(&self, solved: &Array2<f32>, found: &[usize]) -> LinearClassifier {
        let columns = solved.nrows() - 1;
        let Standardization { mean, deviation } = &self.standardization;
        let mut weights = Array2::zeros((columns, self.classes));
        let mut bias = Array1::from_elem(self.classes, f32::NEG_INFINITY);
        for (solved, &class) in solved.columns().into_iter().zip(found) {
            let scaled = solved.mapv(|weight| f64::from(weight) * f64::from(self.scale));
            let unscaled = &scaled.slice(s![..columns]) / deviation;
            bias[class] = (scaled[columns] - unscaled.dot(mean)) as f32;
            weights.column_mut(class).assign(&unscaled.mapv(|weight| weight as f32));
        }
        LinearClassifier::new(weights, bias)
    }
}
