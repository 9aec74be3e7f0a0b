//! Checking an optimizer's record before it is loaded: Burn loads any record, keeps what fits, and
//! trains on without the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter};
use std::mem::discriminant;

use anyhow::bail;
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{GradientsParams, ModuleOptimizer, OptimizerRecord};
use burn::store::RecordError;
use burn::tensor::{Bytes, DType, Tensor};
use burn_pack::{Reader, Scalar};

/// Where Burn stores the number of dimensions of a parameter in its optimizer's record.
const RANK: &str = "__rank";

/// The record in `bytes`, if it is that of `optimizer`, after `step` steps on the parameters of
/// `model`. `optimizer` and `model` are at their start, and stay so.
///
/// # Errors
/// When the record is damaged, or written by another kind of optimizer, for other parameters, or
/// after another number of steps.
pub fn read_optimizer_record<M: Module>(
    bytes: &[u8],
    optimizer: &ModuleOptimizer,
    model: &M,
    step: u64,
) -> anyhow::Result<OptimizerRecord> {
    let bytes = || Bytes::from_bytes_vec(bytes.to_vec());
    let mut own = optimizer.clone();
    if step > 0 {
        // Only a step shows what an optimizer stores. At a learning rate of 0, it changes no weight.
        let _ = own.step(0.0, model.clone(), zero_gradients(model));
    }
    let own = Contents::read(own.to_record().into_bytes()?)?;
    Contents::read(bytes())?.check(&own, step)?;
    Ok(OptimizerRecord::from_bytes(bytes())?)
}

/// Gradients for all parameters that are trained.
fn zero_gradients<M: Module>(model: &M) -> GradientsParams {
    let mut zeros = ZeroGradients(GradientsParams::new());
    model.visit(&mut zeros);
    zeros.0
}

struct ZeroGradients(GradientsParams);

impl ModuleVisitor for ZeroGradients {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let tensor = parameter.val();
        if tensor.is_require_grad() {
            self.0.register(parameter.id, tensor.inner().zeros_like());
        }
    }
}

/// A record without the values of its tensors. Names are `PARAMETER.FIELD`.
struct Contents {
    tensors: BTreeMap<String, Form>,
    scalars: BTreeMap<String, Scalar>,
    /// The path of each parameter.
    paths: BTreeMap<String, String>,
}

#[derive(PartialEq)]
struct Form {
    /// Number of the parameter.
    parameter: Option<u64>,
    dtype: DType,
    sizes: Vec<usize>,
}

impl Display for Form {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self { parameter, dtype, sizes } = self;
        let parameter = parameter.map_or("none".to_owned(), |id| id.to_string());
        write!(formatter, "{sizes:?} of {dtype:?}, of parameter {parameter}")
    }
}

impl Contents {
    fn read(bytes: Bytes) -> Result<Self, RecordError> {
        let reader = Reader::from_bytes(bytes)?;
        let (scalars, paths) = (reader.scalars().clone(), reader.metadata().clone());
        let mut tensors = BTreeMap::new();
        for tensor in reader.into_tensors()? {
            let (name, dtype, shape, parameter, _) = tensor.into_parts()?;
            tensors.insert(name, Form { parameter, dtype, sizes: shape.to_vec() });
        }
        Ok(Self { tensors, scalars, paths })
    }

    /// Refuses what differs from the contents that the optimizer itself has written.
    fn check(&self, own: &Self, step: u64) -> anyhow::Result<()> {
        let (found, expected) = (self.parameters(), own.parameters());
        if let Some(id) = found.difference(&expected).next() {
            bail!("{id} is no parameter that this network trains in {step} steps");
        }
        if found != expected {
            bail!("it is not of all parameters of the network");
        }
        if self.paths != own.paths {
            bail!("its parameters have other names than those of the network");
        }
        if !self.tensors.keys().eq(own.tensors.keys())
            || !self.scalars.keys().eq(own.scalars.keys())
        {
            bail!("it was written by another kind of optimizer");
        }
        for ((name, found), expected) in self.tensors.iter().zip(own.tensors.values()) {
            if found != expected {
                bail!("{name} is {found}: expected {expected}");
            }
        }
        for ((name, &found), &expected) in self.scalars.iter().zip(own.scalars.values()) {
            let is_right = discriminant(&found) == discriminant(&expected)
                && match found {
                    _ if name.ends_with(RANK) => found == expected,
                    Scalar::UInt(count) => count == step,
                    Scalar::Float(value) => value.is_finite(),
                    Scalar::Int(_) | Scalar::Bool(_) => found == expected,
                };
            if !is_right {
                bail!("{name} is {found:?}: no training of {step} steps has written that");
            }
        }
        Ok(())
    }

    fn parameters(&self) -> BTreeSet<&str> {
        let names = self.tensors.keys().chain(self.scalars.keys()).chain(self.paths.keys());
        names.map(|name| name.split_once('.').map_or(&**name, |(id, _)| id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::optim::AdamConfig;
    use burn::tensor::Device;

    use super::*;
    use crate::config::ClipConfig;
    use crate::optim::init_optimizer;

    const STEPS: u64 = 2;

    /// A layer as networks have it: the variant's name is in its parameters' paths, by which Muon
    /// finds them.
    #[derive(Module, Debug)]
    enum Layer {
        Linear(Linear),
    }

    fn model() -> Layer {
        linear(3)
    }

    fn linear(outputs: usize) -> Layer {
        Layer::Linear(LinearConfig::new(2, outputs).init(&Device::flex().autodiff()))
    }

    /// One optimizer for each kind of state that a config can ask for.
    fn optimizers() -> Vec<(&'static str, ModuleOptimizer)> {
        [
            r#"type = "sgd""#,
            "type = \"sgd\"\nmomentum = 0.9",
            r#"type = "adam""#,
            r#"type = "rmsprop""#,
            "type = \"rmsprop\"\nmomentum = 0.9",
            r#"type = "muon""#,
        ]
        .map(|text| {
            let config = toml::from_str(text).unwrap();
            (text, init_optimizer(&config, ClipConfig::default()))
        })
        .into()
    }

    /// The record of some steps.
    fn record(mut optimizer: ModuleOptimizer, mut model: Layer) -> Vec<u8> {
        for _ in 0..STEPS {
            let input = Tensor::<2>::ones([1, 2], &Device::flex().autodiff());
            let Layer::Linear(layer) = &model;
            let gradients = layer.forward(input).sum().backward();
            let gradients = GradientsParams::from_grads(gradients, &model);
            model = optimizer.step(0.1, model, gradients);
        }
        optimizer.to_record().into_bytes().unwrap().to_vec()
    }

    #[test]
    fn a_record_is_read_by_the_optimizer_that_wrote_it_and_by_no_other_kind() {
        let model = model();
        for (writer, optimizer) in optimizers() {
            let bytes = record(optimizer, model.clone());
            for (reader, optimizer) in optimizers() {
                let read = read_optimizer_record(&bytes, &optimizer, &model, STEPS);
                let message = read.err().map(|error| error.to_string());
                let expected =
                    (reader != writer).then_some("it was written by another kind of optimizer");
                assert_eq!(message.as_deref(), expected, "{writer}, read by {reader}");
            }
        }
    }

    #[test]
    fn optimizers_with_the_same_state_read_each_others_records() {
        let model = model();
        let optimizers = || {
            let adamw = toml::from_str(r#"type = "adamw""#).unwrap();
            [AdamConfig::new().init(), init_optimizer(&adamw, ClipConfig::default())]
        };
        for writer in optimizers() {
            let bytes = record(writer, model.clone());
            for reader in optimizers() {
                read_optimizer_record(&bytes, &reader, &model, STEPS).unwrap();
            }
        }
    }

    #[test]
    fn reading_a_record_changes_neither_the_optimizer_nor_the_network() {
        let model = model();
        let Layer::Linear(layer) = &model;
        let weights = || layer.weight.val().into_data();
        let before = weights();
        for (name, optimizer) in optimizers() {
            let bytes = record(optimizer.clone(), model.clone());
            read_optimizer_record(&bytes, &optimizer, &model, STEPS).unwrap();
            assert_eq!(weights(), before, "{name}");
            let own = Contents::read(optimizer.to_record().into_bytes().unwrap()).unwrap();
            assert!(own.parameters().is_empty(), "{name}");
        }
    }

    #[test]
    fn the_record_of_another_network_or_step_is_refused() {
        let (ours, other) = (model(), model());
        let wide = linear(4);
        let adam: ModuleOptimizer = AdamConfig::new().init();
        let refused = |bytes: &[u8], model: &Layer, step| {
            read_optimizer_record(bytes, &adam, model, step).unwrap_err().to_string()
        };
        let of_adam = record(adam.clone(), ours.clone());
        for model in [&other, &wide] {
            let message = refused(&of_adam, model, STEPS);
            assert!(message.contains("no parameter"), "{message}");
        }
        let message = refused(&of_adam, &ours, STEPS + 1);
        assert!(message.contains("training of 3 steps"), "{message}");
        let message = refused(&of_adam, &ours, 0);
        assert!(message.contains("no parameter"), "{message}");
        let empty = adam.to_record().into_bytes().unwrap();
        let message = refused(&empty, &ours, STEPS);
        assert!(message.contains("not of all parameters"), "{message}");
    }

    #[test]
    fn a_forged_shape_or_count_is_refused() {
        let model = model();
        let adam: ModuleOptimizer = AdamConfig::new().init();
        let bytes = record(adam.clone(), model.clone());
        let forge = |scalar: Option<Scalar>, sizes: Option<[usize; 3]>| {
            let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes.clone())).unwrap();
            let (scalars, paths) = (reader.scalars().clone(), reader.metadata().clone());
            let tensors = reader.into_tensors().unwrap().into_iter().map(|tensor| {
                let (name, dtype, shape, parameter, bytes) = tensor.into_parts().unwrap();
                let shape = match sizes {
                    Some(sizes) if shape.num_elements() == 6 => sizes.into(),
                    _ => shape,
                };
                burn_pack::Tensor::new(name, dtype, shape, parameter, bytes)
            });
            let mut writer = burn_pack::Writer::new(tensors.collect());
            for (name, value) in scalars {
                let forged = scalar.filter(|_| name.ends_with("time")).unwrap_or(value);
                writer = writer.with_scalar(&name, forged);
            }
            for (name, path) in paths {
                writer = writer.with_metadata(&name, &path);
            }
            writer.into_bytes().unwrap().to_vec()
        };
        assert!(read_optimizer_record(&forge(None, None), &adam, &model, STEPS).is_ok());
        for forged in [
            forge(Some(Scalar::UInt(u64::MAX)), None),
            forge(Some(Scalar::Float(f64::NAN)), None),
            forge(Some(Scalar::Int(-1)), None),
            forge(None, Some([1, 2, 3])),
            forge(None, Some([6, 1, 1])),
        ] {
            assert!(read_optimizer_record(&forged, &adam, &model, STEPS).is_err());
        }
    }
}
