//! Normalization of groups of channels, for each image by itself.

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor};
use kernels::{Epilogue, Pipeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::features::Features;
use super::layer_type::{Affine, Fusible, LayerModule, LayerType};
use super::numbers::numbers;
use super::planned::{FeatureShape, LayerError, PlannedLayer, positive};

const KIND: &str = "group_norm";

/// Group normalization (Wu and He 2018): each image by the mean and variance of its own groups of
/// channels. One group is layer normalization over the whole map; as the first layer, and without
/// `affine`, it standardizes every image. As many groups as channels are instance normalization.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupNormConfig {
    /// Groups of as many neighbouring channels; they divide the channels.
    pub groups: usize,
    /// Added to the variance; above 0.
    #[serde(default = "default_epsilon")]
    pub epsilon: f64,
    /// Whether every channel has a factor and a summand that are trained.
    #[serde(default = "default_affine")]
    pub affine: bool,
}

/// Group normalization as a Burn module, with the names of Burn's own.
#[derive(Module, Debug)]
pub(crate) struct GroupNorm {
    /// Factor of every channel, `[channels]`; without one, 1.
    gamma: Option<Param<Tensor<1>>>,
    /// Summand of every channel, `[channels]`; without one, 0.
    beta: Option<Param<Tensor<1>>>,
    groups: usize,
    epsilon: f64,
}

impl LayerType for GroupNormConfig {
    type Module = GroupNorm;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn plan(&self, input: FeatureShape) -> Result<PlannedLayer, LayerError> {
        let Self { groups, epsilon, affine } = *self;
        let channels = input.channels();
        if !channels.is_multiple_of(positive("groups", groups)?) {
            return Err(format!("groups = {groups} does not divide the {channels} channels").into());
        }
        if input.len() == groups {
            return Err(format!(
                "groups = {groups} leaves one number in each group: the output would not depend on \
                 the input {input}"
            )
            .into());
        }
        if !(epsilon.is_finite() && epsilon > 0.0) {
            return Err(format!("epsilon {epsilon} is not above 0").into());
        }
        let parameters = if affine { 2 * channels } else { 0 };
        Ok(PlannedLayer { parameters, ..PlannedLayer::free(KIND, input, input) })
    }

    fn init(&self, planned: &PlannedLayer, device: &Device) -> GroupNorm {
        let channels = [planned.input.channels()];
        GroupNorm {
            gamma: self.affine.then(|| Initializer::Ones.init(channels, device)),
            beta: self.affine.then(|| Initializer::Zeros.init(channels, device)),
            groups: self.groups,
            epsilon: self.epsilon,
        }
    }
}

impl LayerModule for GroupNorm {
    fn apply(&self, input: Features, epilogue: Epilogue) -> Features {
        let is_flat = matches!(input, Features::Flat(_));
        let input = input.map();
        let ([_, channels, ..], device) = (input.dims(), input.device());
        let scale = self.gamma.as_ref().map(Param::val);
        let scale = scale.unwrap_or_else(|| Tensor::ones([channels], &device));
        let shift = self.beta.as_ref().map(Param::val);
        let shift = shift.unwrap_or_else(|| Tensor::zeros([channels], &device));
        let (groups, epsilon) = (self.groups, self.epsilon);
        let output = kernels::normalize_groups(input, scale, shift, groups, epsilon, epilogue);
        if is_flat { Features::Flat(output.flatten(1, 3)) } else { Features::Map(output) }
    }

    fn fuses(&self, next: Fusible) -> bool {
        match next {
            Fusible::Relu | Fusible::Pool => true,
        }
    }

    fn add_to_pipeline(
        &self,
        pipeline: &mut Pipeline,
        _folded: Option<&Affine>,
        epilogue: Epilogue,
    ) {
        let [channels, ..] = pipeline.output();
        let values = |parameter: &Option<Param<Tensor<1>>>, default: f32| match parameter {
            Some(parameter) => numbers(parameter.val()),
            None => vec![default; channels],
        };
        let parameters = [values(&self.gamma, 1.0), values(&self.beta, 0.0)];
        pipeline.group_normalization(parameters, self.groups, self.epsilon, epilogue);
    }
}

fn default_epsilon() -> f64 {
    1e-5
}

fn default_affine() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use data::ImageShape;

    use super::*;

    const MAP: FeatureShape = FeatureShape::Map(ImageShape { channels: 6, height: 4, width: 5 });

    fn plan(groups: usize, epsilon: f64, input: FeatureShape) -> Result<usize, String> {
        let planned = GroupNormConfig { groups, epsilon, affine: true }.plan(input);
        planned.map(|layer| layer.parameters).map_err(|error| error.problem)
    }

    #[test]
    fn groups_divide_the_channels() {
        assert_eq!(plan(3, 1e-5, MAP), Ok(12));
        assert_eq!(plan(6, 1e-5, MAP), Ok(12));
        assert_eq!(plan(4, 1e-5, MAP).unwrap_err(), "groups = 4 does not divide the 6 channels");
        assert_eq!(plan(0, 1e-5, MAP).unwrap_err(), "groups must be at least 1");
        assert_eq!(plan(2, 0.0, MAP).unwrap_err(), "epsilon 0 is not above 0");
        assert_eq!(plan(2, f64::NAN, MAP).unwrap_err(), "epsilon NaN is not above 0");
    }

    #[test]
    fn a_group_has_more_than_one_number() {
        assert_eq!(plan(1, 1e-5, FeatureShape::Flat(8)), Ok(16));
        let problem = plan(8, 1e-5, FeatureShape::Flat(8)).unwrap_err();
        assert!(problem.contains("groups = 8 leaves one number in each group"), "{problem}");
    }

    #[test]
    fn every_image_is_standardized_by_itself() {
        let device = Device::flex();
        let config = GroupNormConfig { groups: 1, epsilon: 1e-5, affine: false };
        let planned = config.plan(MAP).unwrap();
        assert_eq!(planned.parameters, 0);
        let layer = config.init(&planned, &device);
        let image = Tensor::<4>::random([1, 6, 4, 5], burn::tensor::Distribution::Default, &device);
        let other = image.clone() * 7.0 - 3.0;
        let batch = Tensor::cat(vec![image, other], 0);
        let output = layer.apply(Features::Map(batch), Epilogue::default()).map();
        for image in output.iter_dim(0) {
            let mean = image.clone().mean().into_scalar::<f32>();
            let variance = image.powi_scalar(2).mean().into_scalar::<f32>();
            assert!(mean.abs() < 1e-4 && (variance - 1.0).abs() < 1e-3, "{mean} {variance}");
        }
    }
}
