//! How answers are printed.

use clap::ValueEnum;

/// For people, for programs, for tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line to read.
    Text,
    /// A JSON object on each line.
    Json,
    /// A table with a header.
    Csv,
}

/// `98.20 %`.
pub fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// A number in a table.
pub fn decimal(value: f64) -> String {
    format!("{value:.6}")
}

/// A row of a table.
pub fn csv_line(fields: &[String]) -> anyhow::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(fields)?;
    Ok(String::from_utf8(table.into_inner()?)?.trim_end().to_owned())
}
