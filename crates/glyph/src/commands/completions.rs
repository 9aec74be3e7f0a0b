//! `glyph completions`: a script that completes commands and options in a shell.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// Options of `glyph completions`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph completions bash > ~/.local/share/bash-completion/completions/glyph
  glyph completions zsh > ~/.zfunc/_glyph
  glyph completions fish > ~/.config/fish/completions/glyph.fish")]
pub struct Options {
    /// Shell to print the script for
    shell: Shell,
}

/// Prints the script for the command line `cli`.
pub fn run(options: &Options, cli: &mut Command) -> ExitCode {
    let mut script = Vec::new();
    generate(options.shell, cli, "glyph", &mut script);
    terminal::print(String::from_utf8_lossy(&script).trim_end());
    ExitCode::SUCCESS
}
