//! `glyph schema`: the JSON Schema of configs.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::process::ExitCode;

use clap::Args;
use terminal::print;
use trainer::config::config_schema;

/// Options of `glyph schema`: none.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph schema > glyph.schema.json

Editors with taplo (Even Better TOML) complete and check a config whose first line is
#:schema ./glyph.schema.json")]
pub struct Options {}

/// Prints the schema.
pub fn run() -> anyhow::Result<ExitCode> {
    print(config_schema()?.trim_end());
    Ok(ExitCode::SUCCESS)
}
