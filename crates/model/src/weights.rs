//! A network's weights as bytes: Burn's own format, without what is random in it.

use burn::module::Module;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::{Bytes, DType, Device};

use crate::network::Network;
use crate::plan::Plan;

/// The network of `plan` with the weights in `bytes`.
pub(crate) fn read_weights(
    bytes: Vec<u8>,
    plan: &Plan,
    device: &Device,
) -> Result<Network, RecordError> {
    let refuse = |problem: String| Err(RecordError::Validation(problem));
    // Checked first: building the network allocates the memory of all its parameters.
    let (found, parameters) = (bytes.len(), plan.parameters());
    if found / size_of::<f32>() < parameters {
        return refuse(format!("{found} bytes cannot hold the network's {parameters} parameters"));
    }
    let tensors = burn_pack::Reader::from_bytes(Bytes::from_bytes_vec(bytes))?.into_tensors()?;
    // Burn panics on weights of another type.
    if let Some(tensor) = tensors.iter().find(|tensor| tensor.dtype != DType::F32) {
        return refuse(format!("{} holds {:?}: expected F32", tensor.name, tensor.dtype));
    }
    if let Some(problem) = tensors.iter().find_map(non_finite) {
        return refuse(problem);
    }
    // Written again, so that every tensor is aligned in memory.
    let record = ModuleRecord::from_bytes(burn_pack::Writer::new(tensors).into_bytes()?)?;
    plan.init(device).try_load_record(record)
}

/// What is wrong with a tensor of type F32 that has a number that is NaN or infinite.
fn non_finite(tensor: &burn_pack::Tensor) -> Option<String> {
    let bytes = tensor.to_bytes().ok()?;
    let numbers = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let (index, number) = numbers.enumerate().find(|(_, number)| !number.is_finite())?;
    Some(format!(
        "{} has {number} at index {index}: a network with such a weight answers nothing; use another \
         model, or train this one again",
        tensor.name
    ))
}

/// The network's record as bytes, without Burn's parameter identifiers: those are random, and the
/// same weights must give the same file.
pub(crate) fn weights_bytes(network: Network) -> Result<Vec<u8>, RecordError> {
    let record = network.into_record().into_bytes()?;
    let tensors = burn_pack::Reader::from_bytes(record)?.into_tensors()?;
    let anonymous = tensors
        .into_iter()
        .map(|tensor| {
            let (path, dtype, shape, _identifier, bytes) = tensor.into_parts()?;
            Ok(burn_pack::Tensor::new(path, dtype, shape, None, bytes))
        })
        .collect::<Result<Vec<_>, burn_pack::Error>>()?;
    Ok(burn_pack::Writer::new(anonymous).into_bytes()?.to_vec())
}
