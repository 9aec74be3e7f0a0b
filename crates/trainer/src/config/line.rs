//! The line of a key in a config.

use toml::de::{DeArray, DeTable, DeValue};

/// The line, counted from 1, of the deepest part of `key` that `text` has.
pub fn line_of(text: &str, key: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = Some(document.get_ref());
    let mut array: Option<&DeArray<'_>> = None;
    let mut start = None;
    for part in key.split('.') {
        let value = match (table, array) {
            (Some(table), _) => {
                let Some((name, value)) =
                    table.iter().find(|(name, _)| name.get_ref().as_ref() == part)
                else {
                    break;
                };
                start = Some(name.span().start);
                value
            }
            (None, Some(array)) => {
                let Some(value) = part.parse::<usize>().ok().and_then(|index| array.get(index))
                else {
                    break;
                };
                start = Some(value.span().start);
                value
            }
            (None, None) => break,
        };
        (table, array) = match value.get_ref() {
            DeValue::Table(table) => (Some(table), None),
            DeValue::Array(array) => (None, Some(array)),
            _ => (None, None),
        };
    }
    start.map(|start| line_at(text, start))
}

/// The line, counted from 1, at a byte offset.
pub fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
}
