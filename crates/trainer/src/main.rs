//! Glyph's command line: trains image classifiers from a TOML config and evaluates them.

use std::process::ExitCode;

use clap::Parser;
use trainer::Arguments;

#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

fn main() -> ExitCode {
    trainer::run(Arguments::parse())
}
