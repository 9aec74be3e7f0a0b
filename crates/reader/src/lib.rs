//! Pictures in, answers out: [`model::Classifier`] with the road from any picture to its input.
//!
//! A [`Reader`] prepares a picture as its model needs it ([`Preparation`]) and says what it shows,
//! or that it shows nothing the model knows ([`Rejection`]). The command line and the server both
//! answer through it. It reads no files and prints nothing.

mod answer;
mod error;
mod judgement;
mod line;
mod plausibility;
mod preparation;
mod reader;
mod segmentation;

pub use answer::Answer;
pub use error::ReadError;
pub use ink::BoundingBox;
pub use judgement::{DEFAULT_THRESHOLD, Judgement, Rejection};
pub use line::{Digit, Line, LineJudgement};
pub use model::{Preparation, PreparationKind};
pub use preparation::{PreparePicture, Prepared};
pub use reader::Reader;
