//! How pictures become a network's input.

use std::fmt;

use data::ImageShape;
use serde::{Deserialize, Serialize};

/// How pictures become a network's input: `[input]` in a config, `preparation` in a model's card.
///
/// It says what to do with a picture that a user brings, so that it is like the images that the
/// network was trained on. Those are in that form already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preparation {
    /// The method.
    pub kind: PreparationKind,
}

/// A method of preparing pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreparationKind {
    /// The ink alone, light on black, scaled and centred as in MNIST: for images of single
    /// characters in MNIST's form. Only such models read lines of digits.
    Ink,
    /// The whole picture, scaled to the network's input.
    Picture,
}

impl Preparation {
    /// The ink alone.
    pub const INK: Self = Self { kind: PreparationKind::Ink };

    /// The whole picture.
    pub const PICTURE: Self = Self { kind: PreparationKind::Picture };

    /// Whether it makes images of this shape.
    #[must_use]
    pub fn makes(self, input: ImageShape) -> bool {
        match self.kind {
            PreparationKind::Ink => input == MNIST,
            PreparationKind::Picture => true,
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

/// The shape of MNIST's images.
const MNIST: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

/// Whether images look like characters in MNIST's form: grey, 28×28, and every class is a single
/// letter or digit.
#[must_use]
pub fn looks_like_characters<Name: AsRef<str>>(input: ImageShape, class_names: &[Name]) -> bool {
    let is_character = |name: &Name| {
        let mut characters = name.as_ref().chars();
        characters.next().is_some_and(char::is_alphanumeric) && characters.next().is_none()
    };
    input == MNIST && class_names.iter().all(is_character)
}
