//! Serves models over HTTP.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use model::{DeviceError, KernelChoice, open_device};
use server::{ModelNameError, ServeOptions, Server, start_logging};

#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

/// Serve models over HTTP, with a web page for drawing digits
#[derive(Parser)]
#[command(name = "server", version)]
struct CommandLine {
    #[command(flatten)]
    options: ServeOptions,
    /// Device to compute on, for example flex or cuda:1; see `trainer devices`
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Instructions of Glyph's CPU kernels: auto, avx512, avx2, portable; off = Burn's operations
    #[arg(long, value_name = "SET", default_value = "auto")]
    kernels: KernelChoice,
}

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let _flush_at_exit = start_logging(command_line.options.log_format);
    let Err(error) = serve(&command_line) else { return ExitCode::SUCCESS };
    let _ = writeln!(io::stderr(), "error: {error:#}");
    let is_usage_error = error.is::<DeviceError>() || error.is::<ModelNameError>();
    ExitCode::from(if is_usage_error { 2 } else { 1 })
}

fn serve(command_line: &CommandLine) -> anyhow::Result<()> {
    let device = open_device(command_line.device.as_deref(), command_line.kernels)?;
    let mut models: Vec<PathBuf> = command_line.options.models.iter().map(PathBuf::from).collect();
    if models.is_empty() {
        models.push("artifacts/cnn".into());
    }
    let server = Server::start(&command_line.options, &models, &device)?;
    // A closed stdout is no reason to stop.
    let _ = writeln!(io::stdout(), "{}", server.url());
    server.run()
}
