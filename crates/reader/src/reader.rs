//! A model, and the preparation of the pictures it takes.

use std::path::Path;

use burn::tensor::Device;
use data::{DataError, Image, Preparation, PreparationKind, Prepared};
use image::GrayImage;
use ink::{InkError, InkLine, PixelLimit, Step, decode, find_line};
use model::{ArtifactError, Classifier, ClassifyError, ModelFiles, Prediction};

use crate::line::{Digit, Line};
use crate::segmentation::{Chosen, divide};
use crate::{Answer, ReadError};

/// Classifies pictures and reads lines of digits.
///
/// ```
/// use burn::tensor::Device;
/// use ink::PixelLimit;
/// use reader::{DEFAULT_THRESHOLD, Reader};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let reader = Reader::open("../../artifacts/cnn".as_ref(), &Device::default())?;
/// let picture = std::fs::read("../../tests/pictures/seven.jpg")?;
/// let prepared = reader.prepare(&picture, PixelLimit::default(), |_step, _picture| ())?;
/// let answers = reader.answer(&[prepared])?;
/// let judgement = answers[0].judge(DEFAULT_THRESHOLD);
/// assert_eq!(judgement.text(reader.classifier().class_names()), "7");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Reader {
    classifier: Classifier,
    preparation: Preparation,
}

impl Reader {
    /// Loads the model in `folder` onto `device`.
    ///
    /// # Errors
    ///
    /// Those of [`Classifier::load`].
    pub fn open(folder: &Path, device: &Device) -> Result<Self, ArtifactError> {
        Self::load(&ModelFiles::in_folder(folder), device)
    }

    /// Loads the model in `files` onto `device`.
    ///
    /// # Errors
    ///
    /// Those of [`Classifier::load`].
    pub fn load(files: &ModelFiles, device: &Device) -> Result<Self, ArtifactError> {
        let classifier = Classifier::load(files, device)?;
        let preparation = classifier.card().preparation;
        Ok(Self { classifier, preparation })
    }

    /// The same model with another preparation of its pictures.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`] if that does not make images of the model's shape.
    pub fn with_preparation(self, preparation: Preparation) -> Result<Self, DataError> {
        let input = self.classifier.input();
        if preparation.makes(input) {
            return Ok(Self { preparation, ..self });
        }
        let value = format!("\"{}\"", preparation.kind);
        let expected = format!("\"picture\": the network takes images of {input}, not 1×28×28");
        Err(DataError::Setting { key: "input.kind", value, expected })
    }

    /// The model.
    #[must_use]
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// How it prepares pictures: as the model's card says, unless [`Self::with_preparation`] says
    /// otherwise.
    #[must_use]
    pub fn preparation(&self) -> Preparation {
        self.preparation
    }

    /// Decodes a picture and makes it the model's input. If the model takes single characters
    /// ([`PreparationKind::Ink`]), `watch` is called with the picture of every step.
    ///
    /// # Errors
    ///
    /// If the picture cannot be decoded.
    pub fn prepare(
        &self,
        bytes: &[u8],
        limit: PixelLimit,
        watch: impl FnMut(Step, &GrayImage),
    ) -> Result<Prepared, InkError> {
        self.preparation().prepare(bytes, limit, self.classifier.input(), watch)
    }

    /// What the pictures show, in order, not yet judged ([`Answer::judge`]).
    ///
    /// # Errors
    ///
    /// If the device fails, or a picture was prepared for another model.
    pub fn answer(&self, pictures: &[Prepared]) -> Result<Vec<Answer>, ClassifyError> {
        let images: Vec<Image> = pictures.iter().filter_map(Prepared::image).cloned().collect();
        let mut predictions = self.classifier.classify(&images)?.into_iter();
        let answer = |picture: &Prepared| match picture {
            Prepared::Blank => Answer::Blank,
            Prepared::Image { is_clear, .. } => {
                let answer = if *is_clear { Answer::Clear } else { Answer::Unclear };
                predictions.next().map_or(Answer::Blank, answer)
            }
        };
        Ok(pictures.iter().map(answer).collect())
    }

    /// Checks that the model can read lines of digits.
    ///
    /// # Errors
    ///
    /// [`ReadError::NoInk`] if the model does not take single characters
    /// ([`PreparationKind::Picture`]).
    pub fn check_reads_lines(&self) -> Result<(), ReadError> {
        match self.preparation().kind {
            PreparationKind::Ink => Ok(()),
            PreparationKind::Picture => Err(ReadError::NoInk),
        }
    }

    /// Decodes a picture and reads the number on it: finds the line of digits on the page and divides
    /// it into the digits that are most plausible to the model. A page without ink gives an empty
    /// line. The line is not yet judged ([`Line::judge`]).
    ///
    /// # Errors
    ///
    /// If the picture cannot be decoded, the model does not take single characters
    /// ([`PreparationKind::Picture`]), or the device fails.
    pub fn read(&self, bytes: &[u8], limit: PixelLimit) -> Result<Line, ReadError> {
        self.check_reads_lines()?;
        let page = decode(bytes, limit)?;
        Ok(self.read_ink_line(find_line(&page).as_ref())?)
    }

    /// Reads a line that [`ink::find_line`] has found on a page. Finding it takes longer than this,
    /// and needs no model.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn read_ink_line(&self, found: Option<&InkLine>) -> Result<Line, ClassifyError> {
        match found {
            None => Ok(Line::new(Vec::new())),
            Some(line) if !line.is_clear() => Ok(Line::unclear()),
            Some(line) => self.read_clear_line(line),
        }
    }

    /// Classifies all candidates for digits, and chooses the most plausible division.
    fn read_clear_line(&self, line: &InkLine) -> Result<Line, ClassifyError> {
        let shape = self.classifier.input();
        let image = |image: &GrayImage| Image::new(shape, image.as_raw().clone()).ok();
        let images: Vec<Image> =
            line.candidates.iter().filter_map(|span| image(&span.image)).collect();
        let predictions = self.classifier.classify(&images)?;
        // One of them makes the probability of every division NaN.
        if !predictions.iter().all(Prediction::is_valid) {
            return Ok(Line::unclear());
        }
        let Some(chosen) = divide(line, &predictions, self.classifier.class_names()) else {
            return Ok(Line::unclear());
        };
        let digit = |Chosen { span, confidence }: Chosen| Digit {
            prediction: predictions[span].clone(),
            confidence,
            bounds: line.candidates[span].bounds,
            image: images[span].clone(),
        };
        Ok(Line::new(chosen.into_iter().map(digit).collect()))
    }
}
