//! The name of a source: what a user writes as `dataset.source`.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::definition::{Request, Source};
use super::loaded::LoadedDataset;
use super::registry::{NAMES, REGISTRY};
use crate::error::DataError;

/// The name of a source that exists, such as `mnist` or `folder`.
///
/// Other names are refused when a config is read or a text is parsed.
#[derive(Clone, Copy)]
pub struct SourceName(&'static Source);

impl SourceName {
    /// The names of all sources.
    pub fn all() -> impl Iterator<Item = Self> {
        REGISTRY.iter().copied().map(Self)
    }

    /// The name as written in a config.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.name
    }

    /// Whether every image is a single character in MNIST's form: light ink on black, 28×28, centred.
    /// False for sources whose images the user brings.
    #[must_use]
    pub fn has_mnist_form(self) -> bool {
        self.0.mnist_form
    }

    /// Whether the source reads picture files, which `[input]` turns into images.
    #[must_use]
    pub fn reads_pictures(self) -> bool {
        self.0.reads_pictures
    }

    /// Indices of images of the source's test split whose published label is known to be wrong.
    /// Empty for most sources.
    #[must_use]
    pub fn label_errors(self) -> &'static [usize] {
        self.0.label_errors
    }

    /// Reads all images of the source.
    pub(crate) fn load(self, request: &mut Request) -> Result<LoadedDataset, DataError> {
        request.options.check(self.0)?;
        (self.0.load)(request)
    }

    fn find(name: &str) -> Option<Self> {
        Self::all().find(|source| source.as_str() == name)
    }
}

impl FromStr for SourceName {
    type Err = DataError;

    /// Finds the source by its name.
    ///
    /// # Errors
    ///
    /// [`DataError::UnknownSource`] if there is no source of that name.
    fn from_str(name: &str) -> Result<Self, DataError> {
        Self::find(name).ok_or_else(|| DataError::UnknownSource {
            name: String::from(name),
            known: NAMES.join(", "),
        })
    }
}

impl fmt::Display for SourceName {
    /// The name as written in a config.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SourceName").field(&self.as_str()).finish()
    }
}

impl PartialEq for SourceName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for SourceName {}

impl JsonSchema for SourceName {
    fn schema_name() -> Cow<'static, str> {
        "SourceName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": NAMES })
    }
}

impl Serialize for SourceName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SourceName {
    /// Fails with the message of an unknown enum variant, which lists all names.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::find(&name).ok_or_else(|| D::Error::unknown_variant(&name, NAMES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Section {
        source: SourceName,
    }

    #[test]
    fn every_name_survives_being_written_and_read() {
        for source in SourceName::all() {
            let text = toml::to_string(&Section { source }).unwrap();
            assert_eq!(text, format!("source = \"{source}\"\n"));
            assert_eq!(toml::from_str::<Section>(&text).unwrap(), Section { source });
            assert_eq!(source.as_str().parse::<SourceName>().unwrap(), source);
        }
    }

    #[test]
    fn unknown_name_is_refused_with_all_that_exist() {
        let error = toml::from_str::<Section>("source = 'mnits'").unwrap_err();
        assert_eq!(
            error.message(),
            "unknown variant `mnits`, expected one of `mnist`, `fashion-mnist`, `idx`, `npz`, `folder`"
        );
        assert_eq!(
            "mnits".parse::<SourceName>().unwrap_err().to_string(),
            "there is no source \"mnits\": expected one of mnist, fashion-mnist, idx, npz, folder"
        );
    }
}
