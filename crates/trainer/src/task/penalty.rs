//! The penalty on weights that a loss may add.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// `strength` times the sum of the absolute weights of `network`, `[1]`; `None` if it is 0.
pub fn l1_penalty<M: Module>(strength: f64, network: &M) -> Option<Tensor<1>> {
    if strength == 0.0 {
        return None;
    }
    let mut weights = AbsoluteSum::default();
    network.visit(&mut weights);
    weights.sum.map(|sum| sum * strength)
}

/// Adds up |w| over all kernels and matrices.
#[derive(Default)]
struct AbsoluteSum {
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for AbsoluteSum {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        // Biases and the scales of batch normalization have one dimension.
        if D > 1 {
            let sum = parameter.val().abs().sum();
            self.sum = Some(match self.sum.take() {
                Some(total) => total + sum,
                None => sum,
            });
        }
    }
}
