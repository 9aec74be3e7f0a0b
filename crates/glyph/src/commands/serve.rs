//! `glyph serve`: models over HTTP, with a page to draw on.

use std::process::ExitCode;

use clap::Args;
use server::{LogLevel, ServeOptions, Server, start_logging};
use terminal::{ComputeArguments, Verbosity, print};

use crate::models::{DEFAULT_MODEL, find_model};

/// Options of `glyph serve`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph serve
  glyph serve --model artifacts/runs/mine --model cnn --bind 0.0.0.0:8080")]
pub struct Options {
    #[command(flatten)]
    serve: ServeOptions,
}

/// Prints the URL of the page, and serves until Ctrl-C or SIGTERM.
pub fn run(
    options: &Options,
    compute: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    let options = &options.serve;
    let _flush_at_exit = start_logging(options.log_format, log_level(verbosity));
    let default = [DEFAULT_MODEL.to_owned()];
    let names = if options.models.is_empty() { &default[..] } else { &options.models };
    let models = names.iter().map(|name| find_model(name)).collect::<Result<Vec<_>, _>>()?;
    let server = Server::start(options, &models, compute.open()?)?;
    print(&server.url());
    server.run()?;
    Ok(ExitCode::SUCCESS)
}

fn log_level(verbosity: Verbosity) -> LogLevel {
    match verbosity {
        Verbosity::Quiet => LogLevel::Warn,
        Verbosity::Normal => LogLevel::Info,
        Verbosity::Verbose => LogLevel::Debug,
    }
}
