//! Writing a report to a folder.

use std::path::Path;

use anyhow::Context;
use data::printable_path;
use report::Report;
use runs::files::{PLOTS, REPORT_PAGE};
use runs::{make_folder, write_file};

/// Writes the page and its pictures.
///
/// # Errors
/// When a file cannot be written.
pub fn write_page(folder: &Path, report: &Report) -> anyhow::Result<()> {
    let plots = folder.join(PLOTS);
    make_folder(&plots).with_context(|| printable_path(&plots))?;
    for plot in &report.pictures {
        write_file(&plots.join(plot.file), &plot.picture.png()?)?;
    }
    write_file(&folder.join(REPORT_PAGE), report.page.html().as_bytes())
}
