//! How many connections the process's limit on file descriptors allows.

use crate::net::slots::RESERVED_SLOTS;

/// Descriptors for everything but connections: streams, listeners, the runtime's, signals, and files
/// that are open for a moment.
const OTHER_DESCRIPTORS: u64 = 48;

/// The maximum number of connections: `wanted`, or less if the process may not open as many
/// descriptors. Then a warning names both.
pub fn limit_connections(wanted: u32) -> u32 {
    let Some(descriptors) = max_descriptors() else { return wanted };
    let allowed = allowed(wanted, descriptors);
    if allowed < wanted {
        tracing::warn!(
            "--max-connections {wanted} needs more file descriptors than the limit of {descriptors} \
             (ulimit -n) allows: at most {allowed} connections are accepted; raise the limit, or \
             lower --max-connections"
        );
    }
    allowed
}

fn allowed(wanted: u32, descriptors: u64) -> u32 {
    let left = descriptors.saturating_sub(OTHER_DESCRIPTORS + u64::from(RESERVED_SLOTS)).max(1);
    u32::try_from(left).map_or(wanted, |left| left.min(wanted))
}

/// The soft limit on open file descriptors; `None` if it is unknown.
#[cfg(unix)]
fn max_descriptors() -> Option<u64> {
    rlimit::Resource::NOFILE.get_soft().ok()
}

#[cfg(not(unix))]
fn max_descriptors() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_descriptors_mean_fewer_connections() {
        assert_eq!(allowed(1_000, 20_000), 1_000);
        assert_eq!(allowed(1_000, 1_024), 944);
        assert_eq!(allowed(1_000, 256), 176);
        assert_eq!(allowed(1_000, 10), 1);
        assert_eq!(allowed(50, 10_000_000_000), 50);
    }
}
