//! The `[input]` section of a config.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Background, Fit, Polarity, Preparation, PreparationKind};
use crate::error::DataError;
use crate::shape::ImageShape;

/// The `[input]` section of a config file: how pictures become the network's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputConfig {
    /// The method: "picture" or "ink". Absent: "ink" for MNIST, else "picture".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<PreparationKind>,
    /// Height and width of the network's input in pixels: one number for both, or
    /// `[height, width]`. Absent: that of the pictures, if all have the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<InputSize>,
    /// Number of channels: 1 for grey, 3 for RGB. Absent: 3 if any picture is stored in colours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<usize>,
    /// How pictures of another ratio of sides fit: "stretch", "pad" or "crop". Absent: "stretch".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The colour behind transparent pixels and around padded pictures: a level from 0 to 255 or
    /// `[red, green, blue]`. Absent: 255, white.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// "keep", or "invert" to exchange light and dark. Absent: "keep".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polarity: Option<Polarity>,
}

/// Height and width in pixels, at least 1 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSize {
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
}

/// Longest side of an input; larger ones are mistakes.
const MAX_SIDE: usize = 16_384;

impl InputConfig {
    /// The section that says all there is to say about `preparation` and `shape`.
    #[must_use]
    pub fn resolved(preparation: Preparation, shape: ImageShape) -> Self {
        let Preparation { kind, fit, background, polarity } = preparation;
        let none = Self { kind: Some(kind), ..Self::default() };
        if kind == PreparationKind::Ink {
            return none;
        }
        Self {
            size: Some(InputSize { height: shape.height, width: shape.width }),
            channels: Some(shape.channels),
            fit: Some(fit),
            background: Some(background),
            polarity: Some(polarity),
            ..none
        }
    }

    /// The shape of the images, if the section says all of it.
    pub(crate) fn shape(&self, preparation: Preparation) -> Option<ImageShape> {
        if preparation.kind == PreparationKind::Ink {
            return Some(ImageShape::MNIST);
        }
        let InputSize { height, width } = self.size?;
        Some(ImageShape { channels: self.channels?, height, width })
    }

    /// The preparation of pictures, with `default` as the method if the section names none.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`] for a value outside its range, and for a key that the method does not
    /// have.
    pub fn preparation(&self, default: PreparationKind) -> Result<Preparation, DataError> {
        let kind = self.kind.unwrap_or(default);
        self.check(kind)?;
        Ok(Preparation {
            kind,
            fit: self.fit.unwrap_or_default(),
            background: self.background.unwrap_or_default(),
            polarity: self.polarity.unwrap_or_default(),
        })
    }

    /// The preparation of a finished model, with the keys of this section in place of its own.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`] for `size` and `channels`, which the network fixes, for a value outside
    /// its range, and for a key that the method does not have.
    pub fn changed(&self, of_model: Preparation) -> Result<Preparation, DataError> {
        let fixed = [
            ("input.size", self.size.map(|size| size.to_string())),
            ("input.channels", self.channels.map(|channels| channels.to_string())),
        ];
        if let Some((key, Some(value))) = fixed.into_iter().find(|(_, value)| value.is_some()) {
            let expected = String::from("it to be absent: the network's input has one shape");
            return Err(DataError::Setting { key, value, expected });
        }
        let kind = self.kind.unwrap_or(of_model.kind);
        self.check(kind)?;
        let unchanged = if kind == of_model.kind { of_model } else { Preparation::new(kind) };
        Ok(Preparation {
            kind,
            fit: self.fit.unwrap_or(unchanged.fit),
            background: self.background.unwrap_or(unchanged.background),
            polarity: self.polarity.unwrap_or(unchanged.polarity),
        })
    }

    fn check(&self, kind: PreparationKind) -> Result<(), DataError> {
        let refuse = |key, value: String, expected: &str| {
            Err(DataError::Setting { key, value, expected: String::from(expected) })
        };
        if let Some(channels) = self.channels.filter(|channels| ![1, 3].contains(channels)) {
            let expected = "1 for grey levels, or 3 for RGB";
            return refuse("input.channels", channels.to_string(), expected);
        }
        if kind == PreparationKind::Picture {
            return Ok(());
        }
        let absent = "the key to be absent: kind = \"ink\" finds it in every picture";
        if let Some(size) = self.size.filter(|size| (size.height, size.width) != (28, 28)) {
            return refuse("input.size", size.to_string(), "28: kind = \"ink\" makes 28×28 pixels");
        }
        if self.channels == Some(3) {
            return refuse("input.channels", String::from("3"), "1: kind = \"ink\" is grey");
        }
        if let Some(fit) = self.fit {
            return refuse("input.fit", fit.to_string(), "the key to be absent: ink is centred");
        }
        if let Some(background) = self.background {
            return refuse("input.background", background.to_string(), absent);
        }
        match self.polarity {
            Some(_) => refuse("input.polarity", String::from("set"), absent),
            None => Ok(()),
        }
    }

    /// Checks that the section asks for no other images than those of `shape`, which a data set
    /// holds already.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`] if it does.
    pub(crate) fn check_shape(&self, shape: ImageShape) -> Result<(), DataError> {
        let refuse = |key, value: String, expected: String| {
            let expected = format!("{expected}, as the images of this source are");
            Err(DataError::Setting { key, value, expected })
        };
        if let Some(size) = self.size.filter(|size| !size.is_of(shape)) {
            return refuse("input.size", size.to_string(), InputSize::of(shape).to_string());
        }
        match self.channels {
            Some(channels) if channels != shape.channels => {
                refuse("input.channels", channels.to_string(), shape.channels.to_string())
            }
            _ => Ok(()),
        }
    }
}

impl InputSize {
    fn of(shape: ImageShape) -> Self {
        Self { height: shape.height, width: shape.width }
    }

    fn is_of(self, shape: ImageShape) -> bool {
        self == Self::of(shape)
    }
}

impl fmt::Display for InputSize {
    /// `height×width`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}×{}", self.height, self.width)
    }
}

/// What can be written for an [`InputSize`].
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a number of pixels, or [height, width]")]
enum Written {
    Side(usize),
    Sides([usize; 2]),
}

impl JsonSchema for InputSize {
    fn schema_name() -> Cow<'static, str> {
        "InputSize".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

impl Serialize for InputSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written::Sides([self.height, self.width]).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for InputSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let [height, width] = match Written::deserialize(deserializer)? {
            Written::Side(side) => [side; 2],
            Written::Sides(sides) => sides,
        };
        if [height, width].iter().any(|side| !(1..=MAX_SIDE).contains(side)) {
            let message = format!("{height}×{width} is outside 1 to {MAX_SIDE} pixels");
            return Err(serde::de::Error::custom(message));
        }
        Ok(Self { height, width })
    }
}
