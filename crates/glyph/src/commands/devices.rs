//! `glyph devices`: the backends compiled in, and what they find.

use std::process::ExitCode;

use terminal::print;

/// Prints a line per device.
pub fn run() -> ExitCode {
    let row = |name: &str, description: &str| print(&format!("{name:<10} {description}"));
    for backend in model::list_backends() {
        match &backend.devices {
            None => row(backend.name, &format!("not compiled in (--features {})", backend.name)),
            Some(devices) if devices.is_empty() => row(backend.name, "no device found"),
            Some(devices) => {
                for device in devices {
                    row(&device.name, &device.description);
                }
            }
        }
    }
    ExitCode::SUCCESS
}
