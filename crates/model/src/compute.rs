//! Device, kernels and threads: one value, opened once and handed on.

use std::str::FromStr;

use burn::tensor::Device;
use kernels::Instructions;
use rayon::{ThreadPool, ThreadPoolBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::device::{self, DeviceError, NamedDevice};

/// The instructions of Glyph's CPU kernels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KernelChoice {
    /// The best that the processor has.
    #[default]
    Auto,
    /// 16 numbers at a time.
    Avx512,
    /// 8 numbers at a time.
    Avx2,
    /// What every processor of the kind has.
    Portable,
    /// No kernels: Burn's own operations.
    Off,
}

impl FromStr for KernelChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "auto" => Ok(Self::Auto),
            "avx512" => Ok(Self::Avx512),
            "avx2" => Ok(Self::Avx2),
            "portable" => Ok(Self::Portable),
            "off" => Ok(Self::Off),
            _ => Err("there are auto, avx512, avx2, portable and off".to_owned()),
        }
    }
}

impl KernelChoice {
    /// The instructions; `None` for Burn's own operations.
    fn instructions(self) -> Result<Option<Instructions>, DeviceError> {
        let instructions = match self {
            Self::Auto => Instructions::best(),
            Self::Avx512 => Instructions::Avx512,
            Self::Avx2 => Instructions::Avx2,
            Self::Portable => Instructions::Portable,
            Self::Off => return Ok(None),
        };
        if instructions.is_available() {
            Ok(Some(instructions))
        } else {
            Err(DeviceError::NoSuchInstructions(format!("{self:?}").to_lowercase()))
        }
    }
}

/// Where and how to compute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComputeOptions {
    /// The device, for example `flex` or `cuda:1`; `None` = the best there is.
    pub device: Option<String>,
    /// The instructions of the CPU kernels.
    pub kernels: KernelChoice,
    /// Threads that compute on a CPU; `None` or 0 = as many as the processor runs at once (or
    /// `RAYON_NUM_THREADS`).
    pub threads: Option<usize>,
}

/// A device, the kernels that it computes with, and the threads that do it.
///
/// Opening one changes nothing for the rest of the process: work that is to use its kernels and threads
/// runs inside [`Self::install`].
///
/// ```
/// use model::{Compute, ComputeOptions};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let compute = Compute::open(&ComputeOptions { threads: Some(2), ..Default::default() })?;
/// println!("on {} ({}) with {} threads", compute.name, compute.description, compute.threads());
/// let sum = compute.install(|| burn::tensor::Tensor::<1>::ones([3], &compute.device).sum());
/// assert_eq!(sum.into_scalar::<f32>(), 3.0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Compute {
    /// The backend and, where it has several devices, an index: `cuda:1`.
    pub name: String,
    /// What the hardware calls itself, where it is known.
    pub description: String,
    /// Where Burn computes.
    pub device: Device,
    kernels: Option<Instructions>,
    pool: ThreadPool,
}

impl Compute {
    /// Finds the device and starts the threads.
    ///
    /// # Errors
    /// When there is no such device, the processor lacks the instructions, or the threads cannot be
    /// started.
    pub fn open(options: &ComputeOptions) -> Result<Self, DeviceError> {
        let kernels = options.kernels.instructions()?;
        let NamedDevice { name, description, device, .. } =
            device::find(options.device.as_deref())?;
        let pool = threads_with(kernels)
            .num_threads(options.threads.unwrap_or(0))
            .thread_name(|index| format!("compute-{index}"))
            .build()
            .map_err(DeviceError::Threads)?;
        Ok(Self { name, description, device, kernels, pool })
    }

    /// Whether the device computes in the machine's own memory, and not in that of a GPU.
    #[must_use]
    pub fn uses_host_memory(&self) -> bool {
        device::uses_host_memory(&self.name)
    }

    /// Threads that compute on a CPU.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// Runs `work` on one of the threads that compute, and waits for it.
    ///
    /// A whole program belongs in here, not each operation: an operation that is started from any
    /// other thread wakes the pool and waits for it.
    pub fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }

    /// Builds a pool beside this one, whose threads use the same kernels.
    #[must_use]
    pub fn pool_builder(&self) -> ThreadPoolBuilder {
        threads_with(self.kernels)
    }
}

/// Builds threads that use these kernels.
fn threads_with(kernels: Option<Instructions>) -> ThreadPoolBuilder {
    ThreadPoolBuilder::new().start_handler(move |_| kernels::use_on_this_thread(kernels))
}

#[cfg(feature = "flex")]
#[cfg(test)]
mod tests {
    use super::*;

    fn open(kernels: KernelChoice, threads: usize) -> Compute {
        let device = Some("flex".to_owned());
        Compute::open(&ComputeOptions { device, kernels, threads: Some(threads) }).unwrap()
    }

    #[test]
    fn each_value_has_its_own_kernels_and_threads_and_changes_no_other_thread() {
        let before = kernels::used_on_this_thread();
        let (off, portable) = (open(KernelChoice::Off, 1), open(KernelChoice::Portable, 3));
        let used = |compute: &Compute| {
            let used = rayon::broadcast(|_| kernels::used_on_this_thread());
            assert_eq!(used.len(), compute.threads());
            used
        };
        assert!(off.uses_host_memory());
        assert_eq!(off.install(|| used(&off)), [None]);
        assert_eq!(portable.install(|| used(&portable)), [Some(Instructions::Portable); 3]);
        assert!(!off.install(|| kernels::work_on(&off.device)));
        assert!(portable.install(|| kernels::work_on(&portable.device)));
        assert_eq!(kernels::used_on_this_thread(), before);
    }

    #[test]
    fn a_pool_beside_it_uses_the_same_kernels() {
        let pool = open(KernelChoice::Off, 2).pool_builder().num_threads(1).build().unwrap();
        assert_eq!(pool.install(kernels::used_on_this_thread), None);
    }
}
