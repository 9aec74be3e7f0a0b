//! How much memory networks need, and how much the machine has.

use std::fs;
use std::path::Path;

/// Bytes of so many numbers in single precision.
pub(crate) fn bytes(numbers: usize) -> u64 {
    (numbers as u64).saturating_mul(4)
}

/// A number of bytes for people: `350 MB`, `1.2 GB`.
#[must_use]
pub fn size_text(bytes: u64) -> String {
    let size = bytes as f64;
    if bytes < 1_000_000 {
        format!("{:.0} kB", size / 1e3)
    } else if bytes < 1_000_000_000 {
        format!("{:.0} MB", size / 1e6)
    } else if bytes < 1_000_000_000_000 {
        format!("{:.1} GB", size / 1e9)
    } else {
        format!("{:.1} TB", size / 1e12)
    }
}

/// What training needs besides the images of the data set, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrainingMemory {
    /// Weights, their gradients and the optimizer's state.
    pub parameters: u64,
    /// What is kept of a batch for its gradients, and the gradients of the largest layer.
    pub activations: u64,
}

impl TrainingMemory {
    /// The sum.
    #[must_use]
    pub fn total(self) -> u64 {
        self.parameters.saturating_add(self.activations)
    }
}

/// The memory that this process can have, in bytes: the smallest of the machine's memory, the
/// limits of its control groups and its address space (`ulimit -v`). `None` where the system does
/// not say, that is, on other systems than Linux.
#[must_use]
pub fn machine_memory() -> Option<u64> {
    let read = |path: &Path| fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo".as_ref()).and_then(|text| machine_bytes(&text));
    let limits = read("/proc/self/limits".as_ref()).and_then(|text| address_space_bytes(&text));
    let groups = read("/proc/self/cgroup".as_ref()).map(|text| group_files(&text));
    let groups = groups.unwrap_or_default().into_iter().filter_map(|file| read(file.as_ref()));
    let groups = groups.filter_map(|text| text.trim().parse().ok());
    machine.into_iter().chain(limits).chain(groups).min()
}

/// All memory, in `/proc/meminfo`.
fn machine_bytes(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The soft limit of the address space, in `/proc/self/limits`; `None` if it is unlimited.
fn address_space_bytes(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The files with the limits of a process's control groups, by `/proc/self/cgroup`: of version 2
/// its group and all above it, which limit it too, and of version 1 the one that a container sees.
fn group_files(text: &str) -> Vec<String> {
    let mut files = vec!["/sys/fs/cgroup/memory/memory.limit_in_bytes".to_owned()];
    if let Some(group) = text.lines().find_map(|line| line.strip_prefix("0::")) {
        let groups = Path::new(group).ancestors().filter_map(Path::to_str);
        files.extend(
            groups.map(|group| format!("/sys/fs/cgroup{}/memory.max", group.trim_end_matches('/'))),
        );
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_to_their_unit() {
        for (bytes, text) in [
            (40_000, "40 kB"),
            (350_400_000, "350 MB"),
            (1_240_000_000, "1.2 GB"),
            (33_000_000_000_000, "33.0 TB"),
        ] {
            assert_eq!(size_text(bytes), text);
        }
    }

    #[test]
    fn the_systems_files_are_understood() {
        let memory = "MemFree:   12 kB\nMemTotal:       16384 kB\n";
        assert_eq!(machine_bytes(memory), Some(16 << 20));
        let limits = |soft: &str| {
            format!(
                "Limit                Soft Limit    Hard Limit    Units\n\
                 Max address space    {soft}        unlimited     bytes\n"
            )
        };
        assert_eq!(address_space_bytes(&limits("512000000")), Some(512_000_000));
        assert_eq!(address_space_bytes(&limits("unlimited")), None);
        assert_eq!(
            group_files("1:name=x:/y\n0::/a/b\n")[1..],
            ["/a/b", "/a", ""].map(|group| format!("/sys/fs/cgroup{group}/memory.max"))
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_machine_has_memory() {
        assert!(machine_memory().unwrap() > 100_000_000);
    }
}
