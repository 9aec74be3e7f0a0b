//! `--set KEY=VALUE` and `--set KEY=`: changing a config from the command line.

use serde::de::DeserializeOwned;
use toml::{Table, Value};

/// A section made of settings alone, each `KEY=VALUE`.
///
/// # Errors
/// The setting that is no `KEY=VALUE`, or serde's message about a key or a value.
pub fn parse_settings<T: DeserializeOwned>(settings: &[String]) -> Result<T, String> {
    let mut table = Table::new();
    for text in settings {
        apply(&mut table, text).map_err(|problem| format!("{text}: {problem}"))?;
    }
    T::deserialize(table).map_err(|error| error.message().to_owned())
}

/// Whether an override changes `key`, something inside it, or something around it.
pub fn overrides_key(text: &str, key: &str) -> bool {
    let Some((name, _)) = text.split_once('=') else { return false };
    name.trim().split('.').zip(key.split('.')).all(|(left, right)| left == right)
}

/// Parts of the longest key, as in TOML's own parser: nested tables are dropped and read recursively.
const DEEPEST: usize = 80;

/// Applies one `key.path=value`; an index selects an element of an array. `key.path=` removes the key,
/// or the table or array element it names.
pub fn apply(table: &mut Table, text: &str) -> Result<(), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE, for example train.epochs=1")?;
    let value = Some(value.trim()).filter(|value| !value.is_empty()).map(parse_value);
    let parts: Vec<&str> = key.trim().split('.').collect();
    let Some((last, outer)) = parts.split_last() else { return Err("the key is empty".to_owned()) };
    if parts.iter().any(|part| part.is_empty()) {
        return Err(format!("`{key}` is not a key"));
    }
    if parts.len() > DEEPEST {
        return Err(format!("the key has {} parts: no key has more than {DEEPEST}", parts.len()));
    }
    let mut root = Value::Table(std::mem::take(table));
    let mut current = &mut root;
    for part in outer {
        current = match current {
            Value::Table(table) => table.entry(*part).or_insert_with(|| Value::Table(Table::new())),
            Value::Array(array) => element(array, part)?,
            _ => return Err(format!("`{part}` is inside a value that has no keys")),
        };
    }
    match (current, value) {
        (Value::Table(table), Some(value)) => drop(table.insert((*last).to_owned(), value)),
        (Value::Table(table), None) => drop(
            table.remove(*last).ok_or_else(|| format!("there is no `{}` to remove", key.trim()))?,
        ),
        (Value::Array(array), Some(value)) => *element(array, last)? = value,
        (Value::Array(array), None) => drop(array.remove(index(array, last)?)),
        _ => return Err(format!("`{last}` is inside a value that has no keys")),
    }
    if let Value::Table(changed) = root {
        *table = changed;
    }
    Ok(())
}

fn element<'a>(array: &'a mut [Value], part: &str) -> Result<&'a mut Value, String> {
    let index = index(array, part)?;
    Ok(&mut array[index])
}

/// The index that `part` of a key names.
fn index(array: &[Value], part: &str) -> Result<usize, String> {
    let index = part.parse::<usize>().ok().filter(|index| *index < array.len());
    index.ok_or_else(|| format!("`{part}` is not an index below {}", array.len()))
}

/// A TOML value; anything else is a string, so that words need no quotes.
fn parse_value(text: &str) -> Value {
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok();
    parsed
        .and_then(|mut table| table.remove("value").filter(|_| table.is_empty()))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}
