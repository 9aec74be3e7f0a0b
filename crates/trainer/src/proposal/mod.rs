//! A config for a folder of pictures, proposed from what they are like.
//!
//! Every choice has a reason. The text of the config is made of the choices, and a training without a
//! config reads that text, so that `glyph init` and `glyph train DIR` never differ.

mod findings;
mod input;
mod network;
mod text;
mod training;

use std::path::{Path, PathBuf};

use anyhow::Context;
use data::{DataError, FOLDER_CONFIG, InputConfig, Survey, printable_path, write_whole};
use serde::Serialize;

use crate::config::{Config, ConfigFile, DataConfig};
use crate::images::data_error;

/// A proposed config, and what it is made from.
#[derive(Debug, Serialize)]
pub struct Proposal {
    /// What the pictures are like.
    pub survey: Survey,
    /// What is chosen, in the order of the config.
    pub choices: Vec<Choice>,
    /// What is probably wrong with the pictures, a sentence each.
    pub warnings: Vec<String>,
}

/// A key of a config with its value, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Its dotted path, such as `input.size`.
    pub key: &'static str,
    /// The value as TOML.
    pub value: String,
    /// A sentence without a full stop.
    pub reason: String,
}

impl Choice {
    #[expect(clippy::needless_pass_by_value, reason = "numbers, flags and texts alike")]
    fn new(key: &'static str, value: impl ToString, reason: impl Into<String>) -> Self {
        Self { key, value: value.to_string(), reason: reason.into() }
    }
}

/// A proposal that cannot be made or written.
#[derive(Debug, thiserror::Error)]
pub enum ProposalError {
    /// There is a config already.
    #[error("{}: exists already: name another file with --output, or replace it with --overwrite", printable_path(.0))]
    Exists(PathBuf),
    /// The path does not lead to a folder.
    #[error("{}: no such folder: name a folder of pictures", printable_path(.0))]
    NoFolder(PathBuf),
}

impl Proposal {
    /// Proposes a config for surveyed pictures. What `input` says is taken as given.
    #[must_use]
    pub fn new(survey: Survey, input: &InputConfig) -> Self {
        let warnings = findings::warnings(&survey);
        let chosen = input::choose(&survey, input);
        let mut choices = training::choose_splits(&survey);
        choices.extend(training::choose_task(&survey));
        choices.extend(chosen.choices);
        choices.extend(training::choose_augmentation(chosen.shape));
        choices.push(network::choose(&survey, chosen.shape));
        choices.extend(training::choose(&survey));
        Self { survey, choices, warnings }
    }

    /// Surveys the pictures in `folder` and proposes a config for them. `overrides`, of the form
    /// `key.path=value`, say what is given.
    ///
    /// # Errors
    /// When an override is wrong, or the pictures cannot be read.
    pub fn of_folder(folder: &Path, overrides: &[String]) -> anyhow::Result<Self> {
        if !folder.is_dir() {
            return Err(ProposalError::NoFolder(folder.to_owned()).into());
        }
        // The other keys belong to a whole config, which does not exist yet.
        let is_about_pictures = |text: &&String| {
            let section = text.split(['.', '=']).next().unwrap_or_default().trim();
            ["dataset", "input"].contains(&section)
        };
        let given: Vec<String> = overrides.iter().filter(is_about_pictures).cloned().collect();
        let (file, config) = ConfigFile::folder(folder, &given)?;
        let survey = Survey::of(&config.dataset).map_err(|error| data_error(&file, error))?;
        Ok(Self::new(survey, &config.input))
    }

    /// Writes the config to `file`.
    ///
    /// # Errors
    /// When `folder` has no name in UTF-8, or the disk refuses.
    pub fn write(&self, folder: &Path, file: &Path) -> anyhow::Result<()> {
        let place = path_from(file, folder).with_context(|| printable_path(folder))?;
        let place = place.to_str().ok_or_else(|| DataError::NotUtf8 { path: place.clone() })?;
        write_whole(file, self.config_text(place).as_bytes())
            .with_context(|| format!("cannot write {}", printable_path(file)))
    }

    /// The config as a file holds it. `folder` is the path of the pictures, relative to the file.
    #[must_use]
    pub fn config_text(&self, folder: &str) -> String {
        text::config_text(self, folder)
    }

    /// What was found in the pictures, a line each.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        findings::findings(&self.survey)
    }

    /// What was found and what is chosen, for a training that nobody wrote a config for.
    #[must_use]
    pub fn messages(&self) -> Vec<String> {
        self.messages_of(|_| true)
    }

    /// What was found and what is chosen for `[dataset]` and `[input]`, for commands that train no
    /// network.
    #[must_use]
    pub fn input_messages(&self) -> Vec<String> {
        self.messages_of(|key| key.starts_with("dataset.") || key.starts_with("input."))
    }

    fn messages_of(&self, is_told: impl Fn(&str) -> bool) -> Vec<String> {
        let told = self.choices.iter().filter(|choice| is_told(choice.key));
        let message = |Choice { key, value, reason }: &Choice| match *key {
            network::KEY => format!("chosen: {key}: {reason}"),
            _ => format!("chosen: {key} = {value}: {reason}"),
        };
        self.findings().into_iter().chain(told.map(message)).collect()
    }

    /// The choices for people: key, value and reason.
    #[must_use]
    pub fn choice_rows(&self) -> Vec<Vec<String>> {
        let row = |Choice { key, value, reason }: &Choice| {
            let value = if *key == network::KEY { "[…]".to_owned() } else { value.clone() };
            vec![(*key).to_owned(), value, reason.clone()]
        };
        self.choices.iter().map(row).collect()
    }
}

/// A config to train, and the proposal that it is from if the user wrote none.
pub type ReadConfig<C> = (ConfigFile, C, Option<Proposal>);

/// Reads the config at `path`; of a folder of pictures, its `glyph.toml`, or else a proposal.
///
/// # Errors
/// When the config is wrong, or the pictures cannot be read.
pub fn read_config(path: &Path, overrides: &[String]) -> anyhow::Result<ReadConfig<Config>> {
    if !needs_proposal(path) {
        let (file, config) = ConfigFile::read(path, overrides)?;
        return Ok((file, config, None));
    }
    let proposal = Proposal::of_folder(path, overrides)?;
    let (file, config) = ConfigFile::proposed(path, proposal.config_text("."), overrides)?;
    Ok((file, config, Some(proposal)))
}

/// Reads what a config says about images, as [`read_config`] does.
///
/// # Errors
/// When the config is wrong, or the pictures cannot be read.
pub fn read_data_config(
    path: &Path,
    overrides: &[String],
) -> anyhow::Result<ReadConfig<DataConfig>> {
    if !needs_proposal(path) {
        let (file, config) = ConfigFile::read_data(path, overrides)?;
        return Ok((file, config, None));
    }
    let (file, config, proposal) = read_config(path, overrides)?;
    Ok((file, DataConfig::from(&config), proposal))
}

/// Whether `path` is a folder without a config.
#[must_use]
pub fn needs_proposal(path: &Path) -> bool {
    path.is_dir() && !path.join(FOLDER_CONFIG).exists()
}

/// The path of `folder` as seen from `file`: `.` if it holds the file, else an absolute one.
fn path_from(file: &Path, folder: &Path) -> std::io::Result<PathBuf> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    let is_inside = parent.canonicalize().ok() == folder.canonicalize().ok();
    if is_inside { Ok(PathBuf::from(".")) } else { std::path::absolute(folder) }
}

#[cfg(test)]
mod tests;
