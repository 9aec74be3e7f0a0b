//! `glyph data audit`: labels that are probably wrong, near-duplicates and outliers.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use data::printable_path;
use model::Compute;
use runs::Observers;
use terminal::{
    ComputeArguments, Console, Format, JsonObserver, LogObserver, TextObserver, Verbosity,
    text_or_json,
};
use trainer::audit::{
    AUDIT_PAGE, AuditInputs, Audited, CORRECTIONS, ISSUES, SCORES, audit, is_audit,
};
use trainer::config::{Config, ConfigFile, DataConfig, TaskKind};
use trainer::load_source;
use trainer::proposal::{needs_proposal, read_config};

use crate::options::DataOptions;
use crate::read_from::ReadFrom;

/// Options of `glyph data audit`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  glyph data audit pictures/ -o audit
  glyph data audit configs/cnn.toml --set train.epochs=3 --folds 3 -o audit")]
pub struct AuditOptions {
    #[command(flatten)]
    data: DataOptions,
    /// Parts of the training split, 2 or more: each is classified by a network trained on the others
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..))]
    folds: u16,
    /// Folder to write audit.html, issues.csv, scores.csv, corrections.csv and the folds to; the same
    /// command with the same folder continues an interrupted audit
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
    /// Form of the results: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = text_or_json)]
    format: Format,
}

/// Audits a data set, and prints what was found.
pub fn run(
    options: &AuditOptions,
    arguments: &ComputeArguments,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    kernels::keep_freed_memory();
    let console = Console::new(options.format, verbosity);
    let (file, config) = read(&options.data, arguments, &console)?;
    if config.task.kind == TaskKind::MultiLabel {
        let problem = "task.kind is \"multi_label\": only images of one class each can be audited";
        return Err(file.locate_key("task.kind", problem.to_owned()).into());
    }
    if !is_audit(&options.output) {
        let data = [Some(options.data.data.as_path()), config.dataset.path.as_deref()];
        let read = ReadFrom::paths(data.into_iter().flatten());
        let written = [AUDIT_PAGE, ISSUES, SCORES, CORRECTIONS];
        written.iter().try_for_each(|file| read.spare(&options.output.join(file)))?;
    }
    let compute = Compute::open(&arguments.options(config.device.as_deref(), config.kernels))?;
    compute.install(|| audit_images(options, &file, &config, &compute, console, verbosity))
}

/// Reads the config, or proposes what a folder of pictures needs, and says what it is.
fn read(
    options: &DataOptions,
    arguments: &ComputeArguments,
    console: &Console,
) -> anyhow::Result<(ConfigFile, Config)> {
    let DataOptions { data, set } = options;
    let read = |path: &Path| read_config(path, set);
    // A survey of the pictures takes as many threads as the training.
    let (file, config, proposal) =
        if needs_proposal(data) { arguments.open()?.install(|| read(data))? } else { read(data)? };
    if let Some(proposal) = proposal {
        proposal.messages().iter().for_each(|message| console.message(message));
        proposal.warnings.iter().for_each(|warning| console.warning(warning));
    }
    Ok((file, config))
}

fn audit_images(
    options: &AuditOptions,
    file: &ConfigFile,
    config: &Config,
    compute: &Compute,
    mut console: Console,
    verbosity: Verbosity,
) -> anyhow::Result<ExitCode> {
    let source = load_source(&DataConfig::from(config), file, &mut |download| {
        console.download(&download.file, download.received, download.total);
    })?;
    source.notes.iter().for_each(|note| console.message(note));
    let folder = options.output.as_path();
    let inputs = AuditInputs { config, file, compute, folder, folds: options.folds.into() };
    let observers = |fold| {
        console.message(&format!("fold {fold} of {}", options.folds));
        let mut observers = Observers::default();
        match options.format {
            Format::Json => observers.add(JsonObserver::new(verbosity)),
            Format::Text | Format::Csv => observers.add(TextObserver::new(verbosity)),
        }
        observers.add(LogObserver);
        observers
    };
    match audit(&inputs, &source, observers)? {
        Audited::Complete { findings, kept_corrections } => {
            console.result(&findings.text(), &findings);
            let note = if kept_corrections { "kept as it was" } else { "edit what you agree with" };
            console.message(&format!("page: {}", printable_path(&folder.join(AUDIT_PAGE))));
            let corrections = folder.join(CORRECTIONS);
            console.message(&format!("decisions: {}, {note}", printable_path(&corrections)));
            Ok(ExitCode::SUCCESS)
        }
        Audited::Interrupted(signal) => {
            console.message("the same command continues the audit");
            Ok(ExitCode::from(signal.exit_code()))
        }
    }
}
