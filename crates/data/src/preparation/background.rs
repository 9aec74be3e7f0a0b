//! The colour behind a picture: what a user writes as `input.background`.

use std::borrow::Cow;
use std::fmt;

use image::Rgb;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A colour: in a config, one level from 0 (black) to 255 (white), or `[red, green, blue]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Background(pub [u8; 3]);

impl Background {
    /// White.
    pub const WHITE: Self = Self([255; 3]);

    /// The colour as a pixel.
    #[must_use]
    pub fn colour(self) -> Rgb<u8> {
        Rgb(self.0)
    }

    /// The level, if it is grey.
    fn level(self) -> Option<u8> {
        let [red, green, blue] = self.0;
        (red == green && green == blue).then_some(red)
    }
}

impl Default for Background {
    fn default() -> Self {
        Self::WHITE
    }
}

impl fmt::Display for Background {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.level(), self.0) {
            (Some(255), _) => formatter.write_str("white"),
            (Some(0), _) => formatter.write_str("black"),
            (Some(level), _) => write!(formatter, "grey level {level}"),
            (None, [red, green, blue]) => write!(formatter, "RGB {red}, {green}, {blue}"),
        }
    }
}

/// What can be written for a [`Background`].
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a level from 0 to 255, or [red, green, blue] of such levels"
)]
enum Written {
    Level(u8),
    Colour([u8; 3]),
}

impl JsonSchema for Background {
    fn schema_name() -> Cow<'static, str> {
        "Background".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

impl Serialize for Background {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.level().map_or(Written::Colour(self.0), Written::Level).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Background {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Written::deserialize(deserializer)? {
            Written::Level(level) => Self([level; 3]),
            Written::Colour(colour) => Self(colour),
        })
    }
}
