//! Lines of comma-separated values.

/// A row of a table.
///
/// # Errors
/// When memory runs out.
pub fn csv_line(fields: &[String]) -> anyhow::Result<String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(fields)?;
    Ok(String::from_utf8(table.into_inner()?)?.trim_end().to_owned())
}

/// A number in a table, with six decimals.
pub fn decimal(value: f64) -> String {
    format!("{value:.6}")
}
