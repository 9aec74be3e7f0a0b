//! Which backends are compiled in, which devices they find, and which of them to use. The only
//! module that names a backend.

use std::panic::{self, AssertUnwindSafe};

use burn::tensor::Device;
#[cfg(any(feature = "wgpu", feature = "vulkan", feature = "metal"))]
use burn::tensor::DeviceKind;
use burn::tensor::DeviceType;
use rayon::ThreadPoolBuildError;

/// All backends, best first: the order in which one is chosen by default.
const BACKENDS: [&str; 7] = ["cuda", "rocm", "metal", "vulkan", "wgpu", "flex", "ndarray"];

/// A device and its name.
#[derive(Clone, Debug)]
pub struct NamedDevice {
    /// The backend and, where it has several devices, an index: `cuda:1`.
    pub name: String,
    /// What the hardware calls itself, where it is known.
    pub description: String,
    /// Where Burn computes.
    pub device: Device,
    /// A GPU interface emulated on a CPU: slower than a CPU backend, and so never the default.
    software: bool,
}

/// A backend and its devices.
pub struct Backend {
    /// The name of its feature.
    pub name: &'static str,
    /// Its devices; `None` where it is not compiled in.
    pub devices: Option<Vec<NamedDevice>>,
}

/// Why there is no device to compute on, or no threads.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// No backend has this name.
    #[error("unknown device `{name}`; there are: {}", BACKENDS.join(", "))]
    Unknown {
        /// The name as given.
        name: String,
    },
    /// The backend is not compiled in.
    #[error(
        "device `{name}`: this program was built without that backend: build it with \
         `--features {name}`; built in and working: {available}"
    )]
    NotCompiledIn {
        /// The backend.
        name: String,
        /// Names of the devices that there are.
        available: String,
    },
    /// The backend has no such device.
    #[error("device `{name}`: no such device on this machine; built in and working: {available}")]
    NotFound {
        /// The name as given.
        name: String,
        /// Names of the devices that there are.
        available: String,
    },
    /// There are no devices.
    #[error("no backend works: build with `--features flex`")]
    None,
    /// The processor lacks the instructions.
    #[error(
        "kernels `{0}`: this processor does not have these instructions; `auto` takes the best it has"
    )]
    NoSuchInstructions(String),
    /// The threads that compute cannot be started.
    #[error("cannot start the threads that compute: {0}")]
    Threads(ThreadPoolBuildError),
}

/// All backends, and the devices of those compiled in.
#[must_use]
pub fn list_backends() -> Vec<Backend> {
    BACKENDS.map(|name| Backend { name, devices: devices(name) }).into()
}

/// Whether the backend of the device called `name` computes in the machine's own memory.
pub(crate) fn uses_host_memory(name: &str) -> bool {
    matches!(name, "flex" | "ndarray")
}

/// The device called `name`, or the best there is.
pub(crate) fn find(name: Option<&str>) -> Result<NamedDevice, DeviceError> {
    let Some(name) = name else {
        return best(BACKENDS.iter().filter_map(|backend| devices(backend)).flatten());
    };
    let (backend, index) = match name.split_once(':') {
        Some((backend, index)) => (backend, index.parse().ok()),
        None => (name, Some(0)),
    };
    let (Some(index), true) = (index, BACKENDS.contains(&backend)) else {
        return Err(DeviceError::Unknown { name: name.to_owned() });
    };
    let Some(found) = devices(backend) else {
        return Err(DeviceError::NotCompiledIn { name: backend.to_owned(), available: working() });
    };
    found
        .into_iter()
        .nth(index)
        .ok_or_else(|| DeviceError::NotFound { name: name.to_owned(), available: working() })
}

/// The first device that is not emulated on a CPU; later backends are not queried.
fn best(devices: impl Iterator<Item = NamedDevice>) -> Result<NamedDevice, DeviceError> {
    let mut software = None;
    for device in devices {
        if !device.software {
            return Ok(device);
        }
        software.get_or_insert(device);
    }
    software.ok_or(DeviceError::None)
}

/// Names of all devices.
fn working() -> String {
    let found = BACKENDS.iter().filter_map(|backend| devices(backend)).flatten();
    let names: Vec<String> = found.map(|device| device.name).collect();
    names.join(", ")
}

/// The devices of a backend; `None` where it is not compiled in.
fn devices(backend: &str) -> Option<Vec<NamedDevice>> {
    let kind = match backend {
        #[cfg(feature = "cuda")]
        "cuda" => DeviceType::Cuda,
        #[cfg(feature = "rocm")]
        "rocm" => DeviceType::Rocm,
        #[cfg(feature = "metal")]
        "metal" => DeviceType::Metal,
        #[cfg(feature = "vulkan")]
        "vulkan" => DeviceType::Vulkan,
        #[cfg(feature = "wgpu")]
        "wgpu" => DeviceType::Wgpu,
        #[cfg(feature = "flex")]
        "flex" => DeviceType::Flex,
        #[cfg(feature = "ndarray")]
        "ndarray" => DeviceType::NdArray,
        _ => return None,
    };
    let found = quietly(|| Device::enumerate(kind).into_vec()).unwrap_or_default();
    let several = found.len() > 1;
    let named = found.into_iter().enumerate().filter_map(|(index, device)| {
        Some(NamedDevice {
            name: if several { format!("{backend}:{index}") } else { backend.to_owned() },
            description: quietly(|| describe(&device))?,
            software: is_software(backend, &device),
            device,
        })
    });
    Some(named.collect())
}

/// Runs `probe`. Backends panic where a driver is missing or broken; here that means `None`, and
/// nothing is printed.
fn quietly<T>(probe: impl FnOnce() -> T) -> Option<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(probe));
    panic::set_hook(hook);
    result.ok()
}

#[cfg(any(
    feature = "cuda",
    feature = "rocm",
    feature = "metal",
    feature = "vulkan",
    feature = "wgpu"
))]
fn describe(device: &Device) -> String {
    device.identity().map_or_else(|| "CPU".to_owned(), |identity| identity.name)
}

#[cfg(not(any(
    feature = "cuda",
    feature = "rocm",
    feature = "metal",
    feature = "vulkan",
    feature = "wgpu"
)))]
fn describe(_: &Device) -> String {
    "CPU".to_owned()
}

fn is_software(backend: &str, _device: &Device) -> bool {
    match backend {
        #[cfg(feature = "metal")]
        "metal" => *_device == Device::metal(DeviceKind::Cpu),
        #[cfg(feature = "vulkan")]
        "vulkan" => *_device == Device::vulkan(DeviceKind::Cpu),
        #[cfg(feature = "wgpu")]
        "wgpu" => *_device == Device::wgpu(DeviceKind::Cpu),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, software: bool) -> NamedDevice {
        let device = Device::flex();
        NamedDevice { name: name.to_owned(), description: String::new(), device, software }
    }

    #[test]
    fn a_gpu_is_preferred_but_not_one_emulated_on_a_cpu() {
        let choose = |devices: &[(&str, bool)]| {
            best(devices.iter().map(|&(name, software)| named(name, software))).unwrap().name
        };
        assert_eq!(choose(&[("wgpu", false), ("flex", false)]), "wgpu");
        assert_eq!(choose(&[("wgpu", true), ("flex", false)]), "flex");
        assert_eq!(choose(&[("wgpu", true)]), "wgpu");
    }

    #[test]
    fn a_backend_that_panics_counts_as_missing() {
        assert_eq!(quietly(|| panic!("no driver")), None::<()>);
    }

    #[test]
    fn an_unknown_name_lists_those_there_are() {
        for name in ["gpu", "cuda:x", ""] {
            let message = find(Some(name)).unwrap_err().to_string();
            assert!(message.contains("unknown device") && message.contains("ndarray"), "{message}");
        }
    }

    #[test]
    #[cfg(feature = "flex")]
    fn an_index_beyond_the_last_device_lists_those_there_are() {
        let message = find(Some("flex:7")).unwrap_err().to_string();
        assert!(message.contains("no such device") && message.contains("flex"), "{message}");
    }
}
