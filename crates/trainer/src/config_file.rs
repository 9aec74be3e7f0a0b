//! Reading a config: the file, the overrides of the command line, and errors that say where.

use std::path::{Path, PathBuf};
use std::{fs, io};

use model::LayerConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::de::{DeArray, DeTable, DeValue};
use toml::{Table, Value};

use crate::config::{Config, Invalid};
use crate::optimizer::OptimizerConfig;
use crate::renamed_keys::find_renamed_key;
use crate::schedule::ScheduleConfig;

/// A config as read, with what it takes to say where in the file a key stands.
pub struct ConfigFile {
    path: PathBuf,
    text: String,
    overrides: Vec<String>,
}

/// A config that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: cannot read the config: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{place}: {problem}{hint}")]
    Wrong {
        /// File and line, or the override at fault.
        place: String,
        problem: String,
        /// The nearest key that exists, on a line of its own.
        hint: String,
    },
}

impl ConfigFile {
    /// Reads `path` and applies `overrides`, each of the form `key.path=value`.
    pub fn read(path: &Path, overrides: &[String]) -> Result<(Self, Config), ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        Self::new(path, text, overrides)
    }

    /// The same for the `text` of a file, which stands at `path` or could stand there.
    pub fn new(
        path: &Path,
        text: String,
        overrides: &[String],
    ) -> Result<(Self, Config), ConfigError> {
        let file = Self { path: path.to_owned(), text, overrides: overrides.to_vec() };
        let config = file.parse()?;
        config.check().map_err(|invalid| file.locate(&invalid))?;
        Ok((file, config))
    }

    /// An error about a value, with the line on which its key stands.
    pub fn locate(&self, invalid: &Invalid) -> ConfigError {
        self.locate_key(&invalid.key, invalid.to_string())
    }

    /// An error about `key`, with the line on which it stands.
    pub fn locate_key(&self, key: &str, problem: String) -> ConfigError {
        let overridden = self.overrides.iter().rfind(|text| overrides_key(text, key));
        let place = match (overridden, line_of(&self.text, key)) {
            (Some(text), _) => format!("--set {text}"),
            (None, Some(line)) => format!("{}:{line}", self.path.display()),
            (None, None) => self.path.display().to_string(),
        };
        ConfigError::Wrong { place, problem, hint: String::new() }
    }

    fn parse(&self) -> Result<Config, ConfigError> {
        if let Some(renamed) = self.table().ok().as_ref().and_then(find_renamed_key) {
            return Err(self.locate_key(renamed.key, renamed.problem.to_owned()));
        }
        let merged = self.merge();
        let mut config = match merged {
            Ok(config) => config,
            // The file by itself, where errors have lines; if it is right, the overrides are not.
            Err(error) => match toml::from_str::<Config>(&self.text) {
                Ok(_) => return Err(error),
                Err(error) => return Err(self.locate_syntax(&error)),
            },
        };
        // A path in the file is relative to the file, one from the command line to where it was
        // typed.
        let typed = self.overrides.iter().any(|text| overrides_key(text, "dataset.path"));
        let folder = self.path.parent().filter(|_| !typed).unwrap_or(Path::new(""));
        config
            .resolve_paths(folder)
            .map_err(|source| ConfigError::Unreadable { path: self.path.clone(), source })?;
        Ok(config)
    }

    /// The config with all overrides applied.
    fn merge(&self) -> Result<Config, ConfigError> {
        let place = || {
            let arguments = self.overrides.iter().map(|text| format!("--set {text}"));
            arguments.collect::<Vec<_>>().join(" ")
        };
        Config::deserialize(self.table()?).map_err(|error| wrong(place(), error.message()))
    }

    /// The file's table with all overrides applied.
    fn table(&self) -> Result<Table, ConfigError> {
        let mut table: Table =
            toml::from_str(&self.text).map_err(|error| self.locate_syntax(&error))?;
        for text in &self.overrides {
            set(&mut table, text).map_err(|problem| wrong(format!("--set {text}"), &problem))?;
        }
        Ok(table)
    }

    /// An error of the file by itself, with its line.
    fn locate_syntax(&self, error: &toml::de::Error) -> ConfigError {
        let culprit = toml::from_str(&self.text).ok().and_then(|table| culprit(&table));
        let (line, problem) = if let Some((key, problem)) = culprit {
            (line_of(&self.text, &key), problem)
        } else {
            let line = error.span().map(|span| line_at(&self.text, span.start));
            (line, error.message().to_owned())
        };
        let place = match line {
            Some(line) => format!("{}:{line}", self.path.display()),
            None => self.path.display().to_string(),
        };
        wrong(place, &problem)
    }
}

/// Whether an override changes `key`, something inside it, or something around it.
fn overrides_key(text: &str, key: &str) -> bool {
    let Some((name, _)) = text.split_once('=') else { return false };
    name.trim().split('.').zip(key.split('.')).all(|(left, right)| left == right)
}

/// The key and the problem of the first part whose kind is chosen by its `type`: about those,
/// serde's errors do not say where.
fn culprit(table: &Table) -> Option<(String, String)> {
    let layers = table.get("model").and_then(|model| model.get("layers"))?.as_array()?;
    let layers = layers
        .iter()
        .enumerate()
        .map(|(index, layer)| (format!("model.layers.{index}"), problem_of::<LayerConfig>(layer)));
    let section = |name: &str| table.get(name).cloned();
    let optimizer = section("optimizer").and_then(|value| problem_of::<OptimizerConfig>(&value));
    let schedule = section("schedule").and_then(|value| problem_of::<ScheduleConfig>(&value));
    let sections = [("optimizer".to_owned(), optimizer), ("schedule".to_owned(), schedule)];
    let (key, problem) = layers.chain(sections).find_map(|(key, problem)| Some((key, problem?)))?;
    let unknown = quoted(&problem).next().unwrap_or_default();
    Some((format!("{key}.{unknown}"), problem))
}

fn problem_of<T: DeserializeOwned>(value: &Value) -> Option<String> {
    T::deserialize(value.clone()).err().map(|error| error.message().to_owned())
}

fn wrong(place: String, problem: &str) -> ConfigError {
    let hint = nearest(problem).map(|name| format!("\n  did you mean `{name}`?"));
    ConfigError::Wrong { place, problem: problem.to_owned(), hint: hint.unwrap_or_default() }
}

/// The existing name that is nearest to the unknown one in serde's message, which quotes the
/// unknown one first and then all there are.
fn nearest(problem: &str) -> Option<&str> {
    let mut names = quoted(problem);
    let unknown = names.next()?;
    names
        .map(|name| (strsim::jaro_winkler(unknown, name), name))
        .filter(|(similarity, _)| *similarity > 0.75)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, name)| name)
}

/// The names that a message about an unknown name quotes; none in other messages.
fn quoted(problem: &str) -> impl Iterator<Item = &str> {
    let start = problem.find("unknown field").or_else(|| problem.find("unknown variant"));
    problem[start.unwrap_or(problem.len())..].split('`').skip(1).step_by(2)
}

/// Parts of the longest key, as in TOML's own parser: tables in tables are dropped and read by
/// functions that call themselves.
const DEEPEST: usize = 80;

/// Applies one `key.path=value`; an index selects an element of an array.
fn set(table: &mut Table, text: &str) -> Result<(), String> {
    let (key, value) = text.split_once('=').ok_or("write KEY=VALUE, for example train.epochs=1")?;
    let value = parse_value(value.trim());
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
    match current {
        Value::Table(table) => drop(table.insert((*last).to_owned(), value)),
        Value::Array(array) => *element(array, last)? = value,
        _ => return Err(format!("`{last}` is inside a value that has no keys")),
    }
    if let Value::Table(changed) = root {
        *table = changed;
    }
    Ok(())
}

fn element<'a>(array: &'a mut [Value], index: &str) -> Result<&'a mut Value, String> {
    let length = array.len();
    index
        .parse::<usize>()
        .ok()
        .and_then(|index| array.get_mut(index))
        .ok_or_else(|| format!("`{index}` is not an index below {length}"))
}

/// A TOML value; what is none is a string, so that words need no quotes.
fn parse_value(text: &str) -> Value {
    let parsed = toml::from_str::<Table>(&format!("value = {text}")).ok();
    parsed
        .and_then(|mut table| table.remove("value").filter(|_| table.is_empty()))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// The line, from 1, of the deepest part of `key` that stands in `text`.
fn line_of(text: &str, key: &str) -> Option<usize> {
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

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = r#"
[dataset]
source = "mnist"

[[model.layers]]
type = "flatten"

[[model.layers]]
type = "linear"
features = 10

[optimizer]
type = "sgd"
learning_rate = 0.1

[train]
epochs = 3
batch_size = 8
"#;

    fn read(text: &str, overrides: &[&str]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.toml");
        fs::write(&path, text).unwrap();
        let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
        ConfigFile::read(&path, &overrides)
            .map(|(_, config)| config)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn overrides_change_values_add_keys_and_reach_into_arrays() {
        let overrides = [
            "train.epochs=7",
            "augment.rotate=5.0",
            "optimizer.type=adam",
            "model.layers.1.features = 4",
            "schedule={type = 'cosine'}",
        ];
        let config = read(TEXT, &overrides).unwrap();
        assert_eq!(config.train.epochs, 7);
        assert!(config.augment.is_some());
        assert!(matches!(config.optimizer, crate::optimizer::OptimizerConfig::Adam { .. }));
        assert!(matches!(config.schedule, crate::schedule::ScheduleConfig::Cosine { .. }));
        let model::LayerConfig::Linear { features, .. } = config.model.layers[1] else { panic!() };
        assert_eq!(features, 4);
    }

    #[test]
    fn wrong_overrides_are_named() {
        for (text, part) in [
            ("train.epochs", "write KEY=VALUE"),
            ("train..epochs=1", "not a key"),
            ("model.layers.9.features=1", "not an index below 2"),
            ("seed.x=1", "has no keys"),
            ("train.epoch=1", "did you mean `epochs`?"),
            ("train.epochs=0", "outside 1 to"),
        ] {
            // `seed` is absent from the file, so give it a value first.
            let message = read(&format!("seed = 1\n{TEXT}"), &[text]).unwrap_err();
            assert!(message.contains("--set") && message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn an_unknown_key_names_its_line_and_its_nearest_neighbour() {
        let message = read(&TEXT.replace("epochs = 3", "epoch = 3"), &[]).unwrap_err();
        assert!(message.contains("test.toml:17:"), "{message}");
        assert!(message.contains("did you mean `epochs`?"), "{message}");
    }

    #[test]
    fn a_mistake_in_a_layer_or_the_optimizer_names_its_own_line() {
        for (from, to, line) in [
            ("features = 10", "featurs = 10", 10),
            ("learning_rate = 0.1", "lr = 0.1", 14),
            ("features = 10", "features = 'many'", 8),
        ] {
            let message = read(&TEXT.replace(from, to), &[]).unwrap_err();
            assert!(message.contains(&format!("test.toml:{line}:")), "{to}: {message}");
        }
    }

    #[test]
    fn a_key_of_an_earlier_version_names_the_new_one_and_its_line() {
        let old = TEXT.replace("source = \"mnist\"", "name = \"mnist\"");
        for (text, overrides, parts) in [
            (old.as_str(), &[][..], ["test.toml:3:", "dataset.name is now dataset.source"]),
            (&format!("{TEXT}[cuts]\nrough = 0.1"), &[], ["test.toml:19:", "[line_negatives]"]),
            (TEXT, &["dataset={name = 'mnist'}"], ["--set dataset=", "dataset.source"]),
            (TEXT, &["cuts.wrong=0.1"], ["--set cuts.wrong=0.1", "is now invalid"]),
        ] {
            let message = read(text, overrides).unwrap_err();
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        }
    }

    #[test]
    fn a_validation_size_is_a_number_of_images_or_a_share() {
        use data::ValidationSize::{Images, Share};
        for (value, expected) in [("600", Images(600)), ("0.1", Share(0.1))] {
            let set = format!("dataset.validation={value}");
            assert_eq!(read(TEXT, &[&set]).unwrap().dataset.validation, expected);
        }
        let text = TEXT.replace("\"mnist\"", "\"mnist\"\nvalidation = 1.0");
        let message = read(&text, &[]).unwrap_err();
        assert!(message.contains("test.toml:4:") && message.contains("`1.0`"), "{message}");
        assert!(message.contains("such as 5000") && message.contains("such as 0.1"), "{message}");
    }

    #[test]
    fn an_override_of_endless_depth_is_refused() {
        let text = format!("{}epochs=1", "train.".repeat(100_000));
        assert!(read(TEXT, &[&text]).unwrap_err().contains("has 100001 parts"));
    }

    #[test]
    fn an_override_can_mend_what_the_file_lacks() {
        let text = TEXT.replace("learning_rate = 0.1", "");
        assert!(read(&text, &[]).is_err());
        assert!(read(&text, &["optimizer.learning_rate=0.1"]).is_ok());
    }

    #[test]
    fn an_override_is_blamed_for_its_own_key_only() {
        for (text, key, expected) in [
            ("train.epochs=1", "train.epochs", true),
            ("train={epochs = 1}", "train.epochs", true),
            ("model.layers.1.kernel=1", "model.layers.1", true),
            ("model.layers.1.kernel=1", "model.layers.10", false),
            ("train.epochs=1", "train.batch_size", false),
        ] {
            assert_eq!(overrides_key(text, key), expected, "{text} {key}");
        }
    }

    #[test]
    fn an_unknown_layer_names_its_nearest_neighbour() {
        let message = read(&TEXT.replace("\"flatten\"", "\"flaten\""), &[]).unwrap_err();
        assert!(message.contains("did you mean `flatten`?"), "{message}");
    }

    #[test]
    fn an_unknown_key_of_a_layer_is_refused() {
        for key in ["features = 10\nkernel = 3", "features = 10\nfeature = 3"] {
            assert!(read(&TEXT.replace("features = 10", key), &[]).is_err(), "{key}");
        }
        let text = TEXT.replace("\"flatten\"", "\"flatten\"\nkernel = 2");
        assert!(read(&text, &[]).is_err());
    }

    #[test]
    fn a_value_out_of_range_names_its_line() {
        let message = read(&TEXT.replace("0.1", "-0.1"), &[]).unwrap_err();
        assert!(message.contains("test.toml:14: optimizer.learning_rate"), "{message}");
    }

    #[test]
    fn a_key_is_found_on_its_line_or_its_tables() {
        assert_eq!(line_of(TEXT, "train.batch_size"), Some(18));
        assert_eq!(line_of(TEXT, "train.early_stopping"), Some(16));
        assert_eq!(line_of(TEXT, "model.layers.1"), Some(8));
        assert_eq!(line_of(TEXT, "clip.norm"), None);
    }

    #[test]
    fn a_config_survives_being_written_and_read() {
        let overrides =
            ["augment.translate=0.08", "augment.scale=[0.9, 1.1]", "loss.l1=1e-5", "clip.norm=1.0"];
        let config = read(TEXT, &overrides).unwrap();
        let text = toml::to_string(&config).unwrap();
        assert!(text.contains("0.08\n"), "{text}");
        assert_eq!(read(&text, &[]).unwrap().optimizer, config.optimizer);
        assert_eq!(toml::to_string(&read(&text, &[]).unwrap()).unwrap(), text);
    }

    proptest! {
        /// Neither a config nor an override can make the program panic.
        #[test]
        fn no_text_panics(
            characters in proptest::collection::vec(any::<char>(), 0..60),
            at in 0_usize..TEXT.len(),
        ) {
            let text: String = characters.into_iter().collect();
            let mut changed = TEXT.to_owned();
            changed.insert_str(at, &text);
            let _ = toml::from_str::<Config>(&changed);
            let mut table: Table = toml::from_str(TEXT).unwrap();
            let _ = set(&mut table, &text);
            let _ = line_of(&changed, &text);
        }
    }
}
