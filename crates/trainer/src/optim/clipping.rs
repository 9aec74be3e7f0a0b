//! Clipping all gradients of a step together, by their common norm.

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Added to the norm before dividing by it, as `PyTorch` does.
const EPSILON: f32 = 1e-6;

/// Scales `gradients` of the parameters of `model` so that the Euclidean norm of all of them together,
/// as one vector, is at most `max_norm`: each is multiplied by min(1, `max_norm` / (norm + 10⁻⁶)), as
/// `PyTorch`'s `clip_grad_norm_` does (Pascanu, Mikolov and Bengio, "On the difficulty of training
/// recurrent neural networks", 2013, algorithm 1). Nothing is read from the device.
pub fn clip_by_global_norm<M: Module>(
    gradients: GradientsParams,
    model: &M,
    max_norm: f32,
) -> GradientsParams {
    let mut sum = SumOfSquares { gradients: &gradients, sum: None };
    model.visit(&mut sum);
    let Some(sum) = sum.sum else { return gradients };
    let factor = (sum.sqrt() + EPSILON).recip().mul_scalar(max_norm).clamp_max(1.0);
    let mut scaling = Scaling { gradients, factor };
    model.visit(&mut scaling);
    scaling.gradients
}

/// Adds up the squares of all gradients.
struct SumOfSquares<'a> {
    gradients: &'a GradientsParams,
    sum: Option<Tensor<1>>,
}

impl ModuleVisitor for SumOfSquares<'_> {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let Some(gradient) = self.gradients.get::<D>(parameter.id) else { return };
        let squares = gradient.square().sum();
        self.sum = Some(match self.sum.take() {
            Some(sum) => sum + squares,
            None => squares,
        });
    }
}

/// Multiplies all gradients by a factor.
struct Scaling {
    gradients: GradientsParams,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scaling {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let id: ParamId = parameter.id;
        if let Some(gradient) = self.gradients.remove::<D>(id) {
            let scaled = gradient.mul(self.factor.clone().reshape([1; D]));
            self.gradients.register(id, scaled);
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;

    use super::*;

    /// A linear layer, and gradients of its weights and its bias with these values.
    fn gradients(weight: f32, bias: f32) -> (Linear, GradientsParams) {
        let device = Device::flex();
        let model = LinearConfig::new(2, 3).init(&device);
        let mut gradients = GradientsParams::new();
        gradients.register(model.weight.id, Tensor::<2>::full([2, 3], weight, &device));
        let bias_id = model.bias.as_ref().unwrap().id;
        gradients.register(bias_id, Tensor::<1>::full([3], bias, &device));
        (model, gradients)
    }

    fn values(model: &Linear, gradients: &GradientsParams) -> [Vec<f32>; 2] {
        let weight = gradients.get::<2>(model.weight.id).unwrap();
        let bias = gradients.get::<1>(model.bias.as_ref().unwrap().id).unwrap();
        [weight.into_data().try_into_vec().unwrap(), bias.into_data().try_into_vec().unwrap()]
    }

    #[test]
    fn gradients_are_scaled_by_the_norm_of_all_of_them() {
        let (model, before) = gradients(2.0, -4.0);
        // √(6 · 2² + 3 · 4²) = √72
        let factor = 1.5 / (72.0_f32.sqrt() + 1e-6);
        let [weight, bias] = values(&model, &clip_by_global_norm(before, &model, 1.5));
        assert!(weight.iter().all(|value| (value - 2.0 * factor).abs() < 1e-6), "{weight:?}");
        assert!(bias.iter().all(|value| (value + 4.0 * factor).abs() < 1e-6), "{bias:?}");
        let norm = weight.iter().chain(&bias).map(|value| value * value).sum::<f32>().sqrt();
        assert!((norm - 1.5).abs() < 1e-5, "{norm}");
    }

    #[test]
    fn gradients_below_the_limit_stay_as_they_are() {
        let (model, before) = gradients(0.1, 0.2);
        let [weight, bias] = values(&model, &clip_by_global_norm(before, &model, 5.0));
        assert_eq!((weight, bias), (vec![0.1; 6], vec![0.2; 3]));
    }

    #[test]
    fn a_model_without_gradients_has_nothing_to_clip() {
        let (model, _) = gradients(0.0, 0.0);
        assert!(clip_by_global_norm(GradientsParams::new(), &model, 1.0).is_empty());
    }
}
