//! `glyph serve`: models over HTTP.

use std::process::ExitCode;

use terminal::{ComputeArguments, Verbosity};

/// Options of `glyph serve`.
#[derive(clap::Args)]
pub struct Options {}

/// TODO
pub fn run(_: &Options, _: &ComputeArguments, _: Verbosity) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
