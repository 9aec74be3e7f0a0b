//! Checking an optimizer's record before it is loaded: Burn loads any record, keeps what fits, and
//! trains on without the rest.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{anyhow, bail};
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{ModuleOptimizer, OptimizerRecord};
use burn::store::RecordError;
use burn::tensor::{Bytes, DType, Tensor};
use burn_pack::{Reader, Scalar};

/// Where Burn stores the number of dimensions of a parameter in its optimizer's record.
const RANK: &str = "__rank";

/// The record in `bytes`, if it is that of `optimizer`, after `step` steps on the parameters of
/// `model`.
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
    let read = |bytes: &[u8]| Contents::read(Bytes::from_bytes_vec(bytes.to_vec()));
    let found = read(bytes)?;
    found.check(&parameters(model), step)?;
    let record = |bytes: &[u8]| OptimizerRecord::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()));
    // What the optimizer does not know is missing when it writes its record again.
    let again = optimizer.clone().load_record(record(bytes)?).to_record().into_bytes()?;
    if read(&again)? != found {
        bail!("it was written by another kind of optimizer");
    }
    Ok(record(bytes)?)
}

/// What is known of a trained parameter.
struct Shape {
    sizes: Vec<usize>,
    is_trained: bool,
}

/// The numbers of all parameters, with their shapes.
fn parameters<M: Module>(model: &M) -> BTreeMap<u64, Shape> {
    let mut shapes = Shapes(BTreeMap::new());
    model.visit(&mut shapes);
    shapes.0
}

struct Shapes(BTreeMap<u64, Shape>);

impl ModuleVisitor for Shapes {
    fn visit_float<const D: usize>(&mut self, parameter: &Param<Tensor<D>>) {
        let tensor = parameter.val();
        let shape = Shape { sizes: tensor.dims().to_vec(), is_trained: tensor.is_require_grad() };
        self.0.insert(parameter.id.val(), shape);
    }
}

/// A record without the values of its tensors.
#[derive(PartialEq)]
struct Contents {
    /// Number of the parameter, type and shape of each tensor.
    tensors: BTreeMap<String, (Option<u64>, DType, Vec<usize>)>,
    scalars: BTreeMap<String, Scalar>,
    /// The path of each parameter.
    paths: BTreeMap<String, String>,
}

impl Contents {
    fn read(bytes: Bytes) -> Result<Self, RecordError> {
        let reader = Reader::from_bytes(bytes)?;
        let (scalars, paths) = (reader.scalars().clone(), reader.metadata().clone());
        let mut tensors = BTreeMap::new();
        for tensor in reader.into_tensors()? {
            let (name, dtype, shape, parameter, _) = tensor.into_parts()?;
            tensors.insert(name, (parameter, dtype, shape.to_vec()));
        }
        Ok(Self { tensors, scalars, paths })
    }

    fn check(&self, parameters: &BTreeMap<u64, Shape>, step: u64) -> anyhow::Result<()> {
        let known = |name: &str| {
            let (id, field) = name.split_once('.').unwrap_or((name, ""));
            let id: Option<u64> = id.parse().ok();
            let found = id.and_then(|id| Some((id, parameters.get(&id)?, field.to_owned())));
            found.ok_or_else(|| anyhow!("{name} belongs to no parameter of the network"))
        };
        for (name, (parameter, dtype, sizes)) in &self.tensors {
            let (id, shape, _) = known(name)?;
            if *parameter != Some(id) {
                bail!("{name} belongs to no parameter of the network");
            }
            if (*dtype, sizes) != (DType::F32, &shape.sizes) {
                let expected = &shape.sizes;
                bail!("{name} is {sizes:?} of {dtype:?}: expected {expected:?} of F32");
            }
        }
        let mut stored = BTreeSet::new();
        for (name, &value) in &self.scalars {
            let (id, shape, field) = known(name)?;
            let is_right = match (field.as_str(), value) {
                (RANK, Scalar::UInt(rank)) => stored.insert(id) && rank == shape.sizes.len() as u64,
                (RANK, _) | (_, Scalar::Int(_)) => false,
                (_, Scalar::UInt(count)) => count == step,
                (_, Scalar::Float(value)) => value.is_finite(),
                (_, Scalar::Bool(_)) => true,
            };
            if !is_right {
                bail!("{name} is {value:?}: no training of {step} steps has written that");
            }
        }
        for name in self.paths.keys() {
            known(name)?;
        }
        let trained = parameters.iter().filter(|(_, shape)| shape.is_trained && step > 0);
        if !trained.map(|(id, _)| id).eq(&stored) {
            bail!("it is not of all parameters of the network");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::{Linear, LinearConfig};
    use burn::optim::momentum::MomentumConfig;
    use burn::optim::{AdamConfig, GradientsParams, SgdConfig};
    use burn::tensor::Device;

    use super::*;

    const STEPS: u64 = 2;

    fn model() -> Linear {
        LinearConfig::new(2, 3).init(&Device::flex().autodiff())
    }

    fn momentum() -> ModuleOptimizer {
        let momentum = MomentumConfig { momentum: 0.9, dampening: 0.0, nesterov: false };
        SgdConfig::new().with_momentum(Some(momentum)).init()
    }

    /// The record of some steps.
    fn record(mut optimizer: ModuleOptimizer, mut model: Linear) -> Vec<u8> {
        for _ in 0..STEPS {
            let input = Tensor::<2>::ones([1, 2], &Device::flex().autodiff());
            let gradients = model.forward(input).sum().backward();
            let gradients = GradientsParams::from_grads(gradients, &model);
            model = optimizer.step(0.1, model, gradients);
        }
        optimizer.to_record().into_bytes().unwrap().to_vec()
    }

    #[test]
    fn the_record_of_the_same_optimizer_and_network_is_read() {
        for optimizer in [AdamConfig::new().init(), momentum(), SgdConfig::new().init()] {
            let model = model();
            let bytes = record(optimizer.clone(), model.clone());
            read_optimizer_record(&bytes, &optimizer, &model, STEPS).unwrap();
        }
    }

    #[test]
    fn the_record_of_another_optimizer_network_or_step_is_refused() {
        let (ours, other) = (model(), model());
        let wide: Linear = LinearConfig::new(2, 4).init(&Device::flex().autodiff());
        let adam: ModuleOptimizer = AdamConfig::new().init();
        let refused = |bytes: Vec<u8>, optimizer: &ModuleOptimizer, model: &Linear, step| {
            read_optimizer_record(&bytes, optimizer, model, step).unwrap_err().to_string()
        };
        let of_adam = record(adam.clone(), ours.clone());
        let of_momentum = record(momentum(), ours.clone());
        for (bytes, optimizer) in [
            (&of_adam, momentum()),
            (&of_momentum, adam.clone()),
            (&of_adam, SgdConfig::new().init()),
        ] {
            let message = refused(bytes.clone(), &optimizer, &ours, STEPS);
            assert!(message.contains("another kind"), "{message}");
        }
        for model in [&other, &wide] {
            let message = refused(of_adam.clone(), &adam, model, STEPS);
            assert!(message.contains("no parameter"), "{message}");
        }
        let message = refused(of_adam.clone(), &adam, &ours, STEPS + 1);
        assert!(message.contains("training of 3 steps"), "{message}");
        let empty = adam.to_record().into_bytes().unwrap().to_vec();
        let message = refused(empty, &adam, &ours, STEPS);
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
