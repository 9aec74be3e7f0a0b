//! The size of a split that is divided off: what a user writes as `dataset.validation` or
//! `dataset.test`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many images are divided off.
///
/// In a config, an integer is a number of images and a float is a share of the training split:
/// `validation = 5000`, `validation = 0.1`. `1` is one image; `1.0` is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SplitSize {
    /// A number of images.
    Images(usize),
    /// A share of the images, above 0 and below 1; rounded to a whole number of images.
    Share(f64),
}

impl SplitSize {
    /// A tenth: the default of validation and test splits.
    pub const TENTH: Self = Self::Share(0.1);

    /// The number of images to hold out of `available` ones. A share is rounded to the nearest
    /// number of images, halves away from zero.
    #[must_use]
    pub fn images(self, available: usize) -> usize {
        match self {
            Self::Images(images) => images,
            Self::Share(share) => (share * available as f64).round() as usize,
        }
    }
}

impl fmt::Display for SplitSize {
    /// The value as written in a config.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Images(images) => write!(formatter, "{images}"),
            // `{:?}` keeps the decimal point, so that a share never reads as a number of images.
            Self::Share(share) => write!(formatter, "{share:?}"),
        }
    }
}

impl JsonSchema for SplitSize {
    fn schema_name() -> Cow<'static, str> {
        "SplitSize".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of images, or a share of them above 0 and below 1.",
            "anyOf": [
                { "type": "integer", "minimum": 1 },
                { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 },
            ],
        })
    }
}

impl Serialize for SplitSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Images(images) => images.serialize(serializer),
            Self::Share(share) => share.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for SplitSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

/// Reads an integer or a float.
struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = SplitSize;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "a number of images, such as 5000, or a share above 0.0 and below 1.0, such as 0.1",
        )
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<SplitSize, E> {
        let images = usize::try_from(value);
        let images = images.map_err(|_| E::invalid_value(Unexpected::Unsigned(value), &self))?;
        Ok(SplitSize::Images(images))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<SplitSize, E> {
        let images = usize::try_from(value);
        let images = images.map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))?;
        Ok(SplitSize::Images(images))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<SplitSize, E> {
        if value > 0.0 && value < 1.0 {
            return Ok(SplitSize::Share(value));
        }
        Err(E::invalid_value(Unexpected::Float(value), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Section {
        validation: SplitSize,
    }

    fn read(value: &str) -> Result<SplitSize, String> {
        toml::from_str::<Section>(&format!("validation = {value}"))
            .map(|section| section.validation)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn integers_are_images_and_floats_are_shares() {
        assert_eq!(read("5000"), Ok(SplitSize::Images(5000)));
        assert_eq!(read("1"), Ok(SplitSize::Images(1)));
        assert_eq!(read("0.1"), Ok(SplitSize::Share(0.1)));
        assert_eq!(read("1e-1"), Ok(SplitSize::Share(0.1)));
    }

    #[test]
    fn other_values_are_refused_with_both_forms() {
        for (value, named) in [
            ("1.0", "floating point `1.0`"),
            ("0.0", "floating point `0.0`"),
            ("-0.5", "floating point `-0.5`"),
            ("1e9", "floating point `1000000000.0`"),
            ("inf", "floating point `inf`"),
            ("nan", "floating point `NaN`"),
            ("-1", "integer `-1`"),
            ("'half'", "string \"half\""),
            ("true", "boolean `true`"),
        ] {
            let message = read(value).unwrap_err();
            assert!(message.contains(named), "{value}: {message}");
            assert!(
                message.contains("such as 5000") && message.contains("such as 0.1"),
                "{message}"
            );
        }
    }

    #[test]
    fn written_values_are_read_back_as_they_were() {
        let shares = [0.5, 0.1, 1e-9, f64::MIN_POSITIVE, 1.0 - f64::EPSILON];
        let shares = shares.into_iter().map(SplitSize::Share);
        for validation in shares.chain([1, 5000].map(SplitSize::Images)) {
            let text = toml::to_string(&Section { validation }).unwrap();
            assert_eq!(toml::from_str::<Section>(&text).unwrap().validation, validation, "{text}");
        }
    }

    #[test]
    fn shares_are_rounded_to_whole_images() {
        assert_eq!(SplitSize::Images(7).images(100), 7);
        assert_eq!(SplitSize::Share(0.1).images(60_000), 6000);
        assert_eq!(SplitSize::Share(0.25).images(10), 3);
        assert_eq!(SplitSize::Share(0.01).images(10), 0);
    }
}
