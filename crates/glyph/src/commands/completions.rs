//! `glyph completions`: a script that completes commands and options in a shell.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use crate::cli::Cli;

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

/// Prints the script.
pub fn run(options: &Options) {
    let mut script = Vec::new();
    generate(options.shell, &mut Cli::command(), "glyph", &mut script);
    terminal::print(String::from_utf8_lossy(&script).trim_end());
}
