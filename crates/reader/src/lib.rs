//! From a picture to an answer: a [`model::Classifier`] and the preparation of its input.
//!
//! A [`Reader`] prepares pictures as its model needs them ([`Preparation`]), classifies them or reads
//! the lines of digits on them, and returns [`Answer`]s and [`Reading`]s. Judged by a threshold, each is
//! accepted, or rejected for a reason ([`Judgement`]). The commands and the server both use it. Apart
//! from the model, it reads no files, and it prints nothing.

mod answer;
mod consistency;
mod error;
mod judgement;
mod letter;
mod line;
mod plausibility;
mod reader;
mod reading;
mod segmentation;
mod threshold;

pub use answer::Answer;
pub use data::{Preparation, PreparationKind, Prepared};
pub use error::ReadError;
pub use ink::{BoundingBox, Ignored, MarkKind};
pub use judgement::{DEFAULT_THRESHOLD, Judgement, Rejection};
pub use line::{Digit, Line, LineJudgement, LineMark};
pub use reader::Reader;
pub use reading::{Reading, ReadingJudgement};
pub use threshold::Threshold;
