//! Answers over HTTP what pictures show, and serves a page to draw on.

use std::process::ExitCode;

use clap::Parser;
use server::Arguments;

#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

fn main() -> ExitCode {
    server::run(&Arguments::parse())
}
