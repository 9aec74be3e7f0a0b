//! Reading a config: the file, the overrides of the command line, and errors that name the line.

use std::io;
use std::path::{Path, PathBuf};

use data::{DatasetConfig, FOLDER_CONFIG, LARGEST_TEXT, printable, printable_path, read_regular};
use model::LayerConfig;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::line::{line_at, line_of};
use super::overrides::{apply, overrides_key};
use super::renamed_keys::find_renamed_key;
use super::{Config, DataConfig, Invalid, OptimizerConfig, ScheduleConfig};

/// A config as read, with the text that error messages need to name a line.
pub struct ConfigFile {
    path: PathBuf,
    text: String,
    /// Whether `text` is the contents of the file `path`; a folder of pictures has no config.
    is_file: bool,
    overrides: Vec<String>,
}

/// A config that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot read the config: {source}", printable_path(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A key or a value is wrong.
    #[error("{}: {problem}{hint}", printable(place))]
    Wrong {
        /// File and line, or the override at fault.
        place: String,
        /// What is wrong, and what would be right.
        problem: String,
        /// The most similar existing key, on a separate line.
        hint: String,
    },
}

/// What a config file can be read as.
trait UserConfig: DeserializeOwned {
    /// Refuses values that are wrong for all images.
    fn check(&self) -> Result<(), Invalid>;

    fn dataset(&mut self) -> &mut DatasetConfig;
}

impl UserConfig for Config {
    fn check(&self) -> Result<(), Invalid> {
        Config::check(self)
    }

    fn dataset(&mut self) -> &mut DatasetConfig {
        &mut self.dataset
    }
}

impl UserConfig for DataConfig {
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    fn dataset(&mut self) -> &mut DatasetConfig {
        &mut self.dataset
    }
}

impl ConfigFile {
    /// Reads the config at `path`, or that of a folder of pictures, and applies `overrides`, each of
    /// the form `key.path=value`.
    ///
    /// # Errors
    /// When the file cannot be read, or a key or value is wrong.
    pub fn read(path: &Path, overrides: &[String]) -> Result<(Self, Config), ConfigError> {
        let path = config_of(path);
        Self::new(&path, read_text(&path)?, overrides)
    }

    /// A whole config that is in no file: `text`, made for the folder of pictures at `path`.
    ///
    /// # Errors
    /// When a key or value is wrong.
    pub fn proposed(
        path: &Path,
        text: String,
        overrides: &[String],
    ) -> Result<(Self, Config), ConfigError> {
        let overrides = overrides.to_vec();
        let file = Self { path: path.to_owned(), text, is_file: false, overrides };
        let config = file.parse()?;
        Ok((file, config))
    }

    /// The same for `text`, which is or could be the contents of the file `path`.
    ///
    /// # Errors
    /// When a key or value is wrong.
    pub fn new(
        path: &Path,
        text: String,
        overrides: &[String],
    ) -> Result<(Self, Config), ConfigError> {
        let overrides = overrides.to_vec();
        let file = Self { path: path.to_owned(), text, is_file: true, overrides };
        let config = file.parse()?;
        Ok((file, config))
    }

    /// Reads what a config says about images. `path` is a whole config, one that has no sections but
    /// those of [`DataConfig`], or a folder of pictures, with a config or without.
    ///
    /// # Errors
    /// When the file cannot be read, or a key or value is wrong.
    pub fn read_data(path: &Path, overrides: &[String]) -> Result<(Self, DataConfig), ConfigError> {
        let path = config_of(path);
        if path.is_dir() {
            return Self::folder(&path, overrides);
        }
        Self::data_of(&path, read_text(&path)?, overrides)
    }

    /// What is said about a folder of pictures without a config: `overrides` alone.
    ///
    /// # Errors
    /// When a key or value is wrong.
    pub fn folder(path: &Path, overrides: &[String]) -> Result<(Self, DataConfig), ConfigError> {
        let text = "[dataset]\nsource = \"folder\"\n".to_owned();
        let overrides = overrides.to_vec();
        let file = Self { path: path.to_owned(), text, is_file: false, overrides };
        let config = file.parse()?;
        Ok((file, config))
    }

    /// The same for `text`, which is or could be the contents of the file `path`.
    ///
    /// # Errors
    /// When a key or value is wrong.
    pub fn data_of(
        path: &Path,
        text: String,
        overrides: &[String],
    ) -> Result<(Self, DataConfig), ConfigError> {
        let is_whole =
            toml::from_str::<Table>(&text).is_ok_and(|table| table.contains_key("model"));
        if is_whole {
            let (file, config) = Self::new(path, text, overrides)?;
            return Ok((file, DataConfig::from(&config)));
        }
        let overrides = overrides.to_vec();
        let file = Self { path: path.to_owned(), text, is_file: true, overrides };
        let config = file.parse()?;
        Ok((file, config))
    }

    /// An error about a value, with the line of its key.
    #[must_use]
    pub fn locate(&self, invalid: &Invalid) -> ConfigError {
        self.locate_key(&invalid.key, invalid.to_string())
    }

    /// An error about `key`, with its line.
    #[must_use]
    pub fn locate_key(&self, key: &str, problem: String) -> ConfigError {
        let overridden = self.overrides.iter().rfind(|text| overrides_key(text, key));
        let place = match (overridden, self.line_of(key)) {
            (Some(text), _) => format!("--set {text}"),
            (None, Some(line)) => format!("{}:{line}", printable_path(&self.path)),
            (None, None) => printable_path(&self.path),
        };
        ConfigError::Wrong { place, problem, hint: String::new() }
    }

    fn line_of(&self, key: &str) -> Option<usize> {
        line_of(&self.text, key).filter(|_| self.is_file)
    }

    fn parse<T: UserConfig>(&self) -> Result<T, ConfigError> {
        if let Some(renamed) = self.table().ok().as_ref().and_then(find_renamed_key) {
            return Err(self.locate_key(renamed.key, renamed.problem.to_owned()));
        }
        let merged = self.merge();
        let mut config: T = match merged {
            Ok(config) => config,
            // Errors of the file alone have lines; if there are none, an override is wrong.
            Err(error) => match toml::from_str::<T>(&self.text) {
                Ok(_) => return Err(error),
                Err(error) => return Err(self.locate_syntax(&error)),
            },
        };
        config.check().map_err(|invalid| self.locate(&invalid))?;
        self.resolve_paths(config.dataset())
            .map_err(|source| ConfigError::Unreadable { path: self.path.clone(), source })?;
        Ok(config)
    }

    /// Makes the paths of the data and of its corrections absolute, because a run stores the config
    /// elsewhere. In a file they are relative to the file, on the command line to the working directory.
    fn resolve_paths(&self, dataset: &mut DatasetConfig) -> io::Result<()> {
        let absolute = |key: &str, path: &Path| {
            let is_typed = self.overrides.iter().any(|text| overrides_key(text, key));
            let folder = if self.is_file { self.path.parent() } else { Some(self.path.as_path()) };
            std::path::absolute(folder.filter(|_| !is_typed).unwrap_or(Path::new("")).join(path))
        };
        match &mut dataset.path {
            Some(path) => *path = absolute("dataset.path", path)?,
            None if !self.is_file => dataset.path = Some(std::path::absolute(&self.path)?),
            None => {}
        }
        if let Some(file) = &mut dataset.corrections {
            *file = absolute("dataset.corrections", file)?;
        }
        Ok(())
    }

    /// The config with all overrides applied.
    fn merge<T: UserConfig>(&self) -> Result<T, ConfigError> {
        let place = || {
            let arguments = self.overrides.iter().map(|text| format!("--set {text}"));
            arguments.collect::<Vec<_>>().join(" ")
        };
        T::deserialize(self.table()?).map_err(|error| wrong(place(), error.message()))
    }

    /// The file's table with all overrides applied.
    fn table(&self) -> Result<Table, ConfigError> {
        let mut table: Table =
            toml::from_str(&self.text).map_err(|error| self.locate_syntax(&error))?;
        for text in &self.overrides {
            apply(&mut table, text).map_err(|problem| wrong(format!("--set {text}"), &problem))?;
        }
        Ok(table)
    }

    /// An error of the file alone, with its line.
    fn locate_syntax(&self, error: &toml::de::Error) -> ConfigError {
        let culprit = toml::from_str(&self.text).ok().and_then(|table| culprit(&table));
        let (line, problem) = if let Some((key, problem)) = culprit {
            (self.line_of(&key), problem)
        } else {
            let line = error.span().map(|span| line_at(&self.text, span.start));
            (line, error.message().to_owned())
        };
        let place = match line {
            Some(line) => format!("{}:{line}", printable_path(&self.path)),
            None => printable_path(&self.path),
        };
        wrong(place, &problem)
    }
}

/// The config in a folder of pictures, if it has one; any other path as it is.
fn config_of(path: &Path) -> PathBuf {
    let inside = path.join(FOLDER_CONFIG);
    if path.is_dir() && inside.exists() { inside } else { path.to_owned() }
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    read_regular(path, LARGEST_TEXT)
        .and_then(|bytes| {
            let refuse = |error| io::Error::new(io::ErrorKind::InvalidData, error);
            String::from_utf8(bytes).map_err(refuse)
        })
        .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })
}

/// The key and the problem of the first value whose kind is chosen by its `type`: serde's errors
/// about those have no line.
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

#[cfg(test)]
mod tests {
    use std::fs;

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
        assert!(matches!(config.optimizer, OptimizerConfig::Adam { .. }));
        assert!(matches!(config.schedule, ScheduleConfig::Cosine { .. }));
        let model::LayerConfig::Linear(linear) = config.model.layers[1] else { panic!() };
        assert_eq!(linear.features, 4);
    }

    #[test]
    fn a_config_needs_a_data_set_and_layers_alone() {
        let (text, _) = TEXT.split_once("[optimizer]").unwrap();
        let config = read(text, &[]).unwrap();
        assert_eq!(config.optimizer, OptimizerConfig::default());
        assert_eq!(config.train.batch_size, 128);
        let config = read(&format!("{text}[optimizer]\ntype = \"sgd\"\n"), &[]).unwrap();
        assert!((config.optimizer.learning_rate() - 1e-2).abs() < 1e-12);
    }

    #[test]
    fn an_override_without_a_value_removes_a_key_a_table_or_an_element() {
        let text = format!("{TEXT}early_stopping = 3\n[augment]\nrotate = 5.0\n");
        let overrides = ["augment=", "train.early_stopping = ", "model.layers.0="];
        let config = read(&text, &overrides).unwrap();
        assert!(config.augment.is_none() && config.train.early_stopping.is_none());
        assert_eq!(config.model.layers.len(), 1);
    }

    #[test]
    fn data_is_read_from_a_whole_config_its_sections_alone_or_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data.toml");
        let alone = "seed = 7\n[dataset]\nsource = \"idx\"\npath = \"images\"\n";
        for text in [TEXT, alone] {
            fs::write(&path, text).unwrap();
            let overrides = ["dataset.validation=9".to_owned()];
            let (_, config) = ConfigFile::read_data(&path, &overrides).unwrap();
            assert_eq!(config.seed, if text == alone { 7 } else { 42 });
            assert_eq!(config.dataset.path, (text == alone).then(|| folder.path().join("images")));
        }
        let (_, config) = ConfigFile::read_data(folder.path(), &[]).unwrap();
        assert_eq!(config.dataset.source.as_str(), "folder");
        assert_eq!(config.dataset.path.as_deref(), Some(folder.path()));
        fs::write(&path, "[dataset]\nsource = \"mnist\"\n[train]\nepochs = 1\n").unwrap();
        let error = ConfigFile::read_data(&path, &[]).err().unwrap().to_string();
        assert!(error.contains("data.toml:3: unknown field `train`"), "{error}");
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
            ("augment=", "there is no `augment` to remove"),
            ("model.layers.7=", "not an index below 2"),
            ("dataset=", "missing field `dataset`"),
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
        use data::SplitSize::{Images, Share};
        for (value, expected) in [("600", Images(600)), ("0.1", Share(0.1))] {
            let set = format!("dataset.validation={value}");
            assert_eq!(read(TEXT, &[&set]).unwrap().dataset.validation, Some(expected));
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
    fn an_override_can_add_what_the_file_lacks() {
        let text = TEXT.replace("type = \"sgd\"", "");
        assert!(read(&text, &[]).is_err());
        assert!(read(&text, &["optimizer.type=sgd"]).is_ok());
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
            let _ = apply(&mut table, &text);
            let _ = line_of(&changed, &text);
        }
    }
}
