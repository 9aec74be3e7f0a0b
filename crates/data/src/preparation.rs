//! How pictures become a network's input: for training, evaluation and prediction alike.
//!
//! [`InputConfig`] is what a user writes as `[input]`. With the data set it resolves to a
//! [`Preparation`] and an image shape, both of which the stored model keeps.

mod background;
mod config;
mod fit;
mod prepare;
mod prepared;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::background::Background;
pub use self::config::{InputConfig, InputSize};
pub use self::fit::Fit;
pub use self::prepared::Prepared;
use crate::shape::ImageShape;

/// How pictures become a network's input: `preparation` in a model's card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preparation {
    /// The method.
    pub kind: PreparationKind,
    /// How a picture of another shape fits the network's input.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fit: Fit,
    /// The colour behind transparent pixels, and around pictures that are padded.
    #[serde(default, skip_serializing_if = "is_default")]
    pub background: Background,
    /// Whether light and dark are exchanged.
    #[serde(default, skip_serializing_if = "is_default")]
    pub polarity: Polarity,
}

/// A method of preparing pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PreparationKind {
    /// The ink alone, light on black, scaled and centred as in MNIST: for images of single
    /// characters in MNIST's form. Only such models read lines of digits.
    Ink,
    /// The whole picture, scaled to the network's input.
    Picture,
}

/// Whether light and dark are exchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// Pixels keep their levels.
    #[default]
    Keep,
    /// Every level becomes 255 minus it: for pictures that are dark on white and a network that was
    /// trained on light on black.
    Invert,
}

impl Preparation {
    /// The ink alone.
    pub const INK: Self = Self::new(PreparationKind::Ink);

    /// The whole picture, stretched.
    pub const PICTURE: Self = Self::new(PreparationKind::Picture);

    const fn new(kind: PreparationKind) -> Self {
        let (fit, background, polarity) = (Fit::Stretch, Background::WHITE, Polarity::Keep);
        Self { kind, fit, background, polarity }
    }

    /// Whether it makes images of this shape.
    #[must_use]
    pub fn makes(self, input: ImageShape) -> bool {
        match self.kind {
            PreparationKind::Ink => input == ImageShape::MNIST,
            PreparationKind::Picture => matches!(input.channels, 1 | 3),
        }
    }
}

impl fmt::Display for PreparationKind {
    /// The name as written in a config.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ink => "ink",
            Self::Picture => "picture",
        })
    }
}

impl fmt::Display for Preparation {
    /// A phrase for people, such as `whole picture, padded, on white`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == PreparationKind::Ink {
            return formatter.write_str("the ink, light on black, centred in 28×28");
        }
        write!(formatter, "the whole picture, {}, on {}", self.fit, self.background)?;
        match self.polarity {
            Polarity::Keep => Ok(()),
            Polarity::Invert => formatter.write_str(", inverted"),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests;
