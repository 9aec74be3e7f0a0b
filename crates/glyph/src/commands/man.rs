//! `glyph man`: manual pages.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use clap_mangen::Man;
use data::printable_path;
use runs::write_file;

/// Options of `glyph man`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph man | man -l -
  glyph man -o ~/.local/share/man/man1")]
pub struct Options {
    /// Folder to write a page per command to
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Prints the page of the program, or writes the pages of all commands.
pub fn run(options: &Options, mut cli: clap::Command) -> anyhow::Result<ExitCode> {
    // Gives every command its full name and the options that all of them have.
    cli.build();
    match &options.output {
        None => terminal::print(String::from_utf8(page(&cli)?)?.trim_end()),
        Some(folder) => {
            fs::create_dir_all(folder).with_context(|| printable_path(folder))?;
            write_pages(folder, &cli, "glyph")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the pages of a command and of those below it.
fn write_pages(folder: &Path, command: &clap::Command, name: &str) -> anyhow::Result<()> {
    write_file(&folder.join(format!("{name}.1")), &page(command)?)?;
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        write_pages(folder, command, &format!("{name}-{}", command.get_name()))?;
    }
    Ok(())
}

fn page(command: &clap::Command) -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text)?;
    // clap_mangen leaves environment variables out.
    let variables = command
        .get_arguments()
        .filter_map(|argument| Some((argument.get_env()?.to_string_lossy(), argument.get_long()?)));
    for (index, (variable, option)) in variables.enumerate() {
        if index == 0 {
            writeln!(text, ".SH ENVIRONMENT")?;
        }
        writeln!(text, ".TP\n\\fB{variable}\\fR\nValue of \\-\\-{option}, unless it is given.")?;
    }
    Ok(text)
}
