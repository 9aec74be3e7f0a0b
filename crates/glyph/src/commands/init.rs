//! `glyph init`: a config for a folder of pictures.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use data::{FOLDER_CONFIG, printable_path};
use serde::Serialize;
use terminal::{ComputeArguments, Console, Format, Verbosity, text_or_json, text_table};
use trainer::proposal::{Proposal, ProposalError};

use crate::read_from::ReadFrom;

/// Options of `glyph init`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph init pictures/
  glyph init pictures/ -o pictures.toml --overwrite")]
pub struct Options {
    /// Folder of pictures: CLASS/*, train/CLASS/* and test/CLASS/*, or any files and a labels.csv
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// File to write [default: glyph.toml in the folder]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    overwrite: bool,
    /// Form of the results: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = text_or_json)]
    format: Format,
}

/// The results as JSON.
#[derive(Serialize)]
struct Results<'a> {
    /// The config that is written.
    file: String,
    #[serde(flatten)]
    proposal: &'a Proposal,
}

/// Looks at the pictures, writes the config, and prints what was found and chosen.
pub fn run(
    options: &Options,
    compute: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    let console = Console::new(options.format, verbosity);
    let folder = &options.folder;
    let file = options.output.clone().unwrap_or_else(|| folder.join(FOLDER_CONFIG));
    // Even a link that leads nowhere is someone's.
    if !options.overwrite && file.symlink_metadata().is_ok() {
        return Err(ProposalError::Exists(file).into());
    }
    if !file.ends_with(FOLDER_CONFIG) {
        ReadFrom::paths([folder.as_path()]).spare(&file)?;
    }
    let proposal = compute.open()?.install(|| Proposal::of_folder(folder, &[]))?;
    proposal.write(folder, &file)?;
    proposal.warnings.iter().for_each(|warning| console.warning(warning));
    let table = text_table(&["key", "value", "reason"], &proposal.choice_rows());
    let text = format!("{}\n\n{}", proposal.findings().join("\n"), table.trim_end());
    console.result(&text, &Results { file: file.display().to_string(), proposal: &proposal });
    let trained = if options.output.is_some() { &file } else { folder };
    console.message(&format!(
        "wrote {}; train with: glyph train {}",
        printable_path(&file),
        printable_path(trained)
    ));
    Ok(ExitCode::SUCCESS)
}
