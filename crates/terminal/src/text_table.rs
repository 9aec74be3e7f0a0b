//! Aligned columns for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

use data::printable;
use metrics::numbers::is_number;

/// The widest cell in characters; a longer one ends with an ellipsis.
const WIDEST: usize = 60;
/// The widest cell of the last column, which pushes no other aside.
const WIDEST_LAST: usize = 240;

/// A table of `rows`, each with a cell for every heading, one line each. Columns of numbers are
/// aligned to the right, all others to the left. Control characters are escaped, and cells of more
/// than 60 characters are cut, those of the last column of more than 240.
#[must_use]
pub fn text_table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let shown = |row: &Vec<String>| -> Vec<String> {
        let cells = row.iter().enumerate();
        let widest = |index| if index + 1 == headings.len() { WIDEST_LAST } else { WIDEST };
        cells.map(|(index, cell)| shorten(printable(cell), widest(index)).into_owned()).collect()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
    let columns: Vec<Column> = headings
        .iter()
        .enumerate()
        .map(|(index, heading)| Column::of(heading, rows.iter().filter_map(|row| row.get(index))))
        .collect();
    let mut text = line(&columns, headings);
    for row in &rows {
        text += &line(&columns, row);
    }
    text
}

/// The cell, or the start of it that fits.
fn shorten(cell: Cow<str>, widest: usize) -> Cow<str> {
    match cell.char_indices().nth(widest) {
        None => cell,
        Some(_) => cell.chars().take(widest - 1).chain(['…']).collect::<String>().into(),
    }
}

struct Column {
    /// In characters.
    width: usize,
    numbers: bool,
}

impl Column {
    fn of<'a>(heading: &str, cells: impl Iterator<Item = &'a String> + Clone) -> Self {
        let width = cells.clone().map(|cell| cell.chars().count()).max().unwrap_or(0);
        let numbers = cells.map(String::as_str).all(is_number);
        Self { width: width.max(heading.chars().count()), numbers }
    }
}

fn line(columns: &[Column], cells: &[impl AsRef<str>]) -> String {
    let mut text = String::new();
    for (&Column { width, numbers }, cell) in columns.iter().zip(cells) {
        let cell = cell.as_ref();
        // Writing to a string cannot fail.
        let _ = if numbers {
            write!(text, "  {cell:>width$}")
        } else {
            write!(text, "  {cell:<width$}")
        };
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_to_the_right_and_words_to_the_left() {
        let rows = [["cnn", "99.45 %", "5"], ["façade", "–", "10,000"]];
        let table = text_table(
            &["run", "accuracy", "wrong"],
            &rows.map(|row| row.map(str::to_owned).to_vec()),
        );
        assert_eq!(
            table,
            "  run     accuracy   wrong\n  cnn      99.45 %       5\n  façade         –  10,000\n"
        );
    }

    #[test]
    fn lines_do_not_end_in_spaces() {
        let rows = [vec!["a".to_owned(), "b".to_owned()], vec!["1".to_owned(), String::new()]];
        let table = text_table(&["first", "second"], &rows);
        assert_eq!(table, "  first  second\n  a      b\n  1\n");
    }

    #[test]
    fn long_cells_are_cut_and_control_characters_escaped() {
        let rows =
            [vec!["x".repeat(100_000), "1".to_owned()], vec!["a\nb".to_owned(), "2".to_owned()]];
        let table = text_table(&["class", "images"], &rows);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3, "{table}");
        assert_eq!(lines[1], format!("  {}…       1", "x".repeat(59)));
        assert!(lines[2].starts_with("  a\\nb   ") && lines[2].ends_with('2'), "{table}");
    }

    #[test]
    fn a_table_without_rows_has_its_headings() {
        assert_eq!(text_table(&["run", "loss"], &[]), "  run  loss\n");
    }
}
