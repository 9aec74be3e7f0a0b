//! A model, and the preparation of the pictures it takes.

use std::path::Path;

use burn::tensor::Device;
use data::{DataError, Image, Preparation, PreparationKind, Prepared};
use image::GrayImage;
use ink::{InkError, InkLine, InkPage, Mark, PixelLimit, Step, decode, find_lines};
use model::{ArtifactError, Classifier, ClassifyError, ModelFiles, Prediction};

use crate::consistency::{COUNT, MIN_CONSISTENCY, consistency, vary};
use crate::letter::are_halves_of_letter;
use crate::line::{Digit, Line, LineMark};
use crate::reading::Reading;
use crate::segmentation::{Chosen, divide};
use crate::threshold::Threshold;
use crate::{Answer, ReadError};

/// Classifies pictures and reads lines of digits.
///
/// ```
/// use burn::tensor::Device;
/// use ink::PixelLimit;
/// use reader::Reader;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let reader = Reader::open("../../artifacts/cnn".as_ref(), &Device::default())?;
/// let picture = std::fs::read("../../tests/pictures/seven.jpg")?;
/// let prepared = reader.prepare(&picture, PixelLimit::default(), |_step, _picture| ())?;
/// let answers = reader.answer(&[prepared])?;
/// let judgement = answers[0].judge(&reader.threshold(None));
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

    /// What an answer needs to be accepted, where the user asks for a `confidence` (0 to 1) or not; see
    /// [`Threshold::new`].
    #[must_use]
    pub fn threshold(&self, confidence: Option<f64>) -> Threshold {
        Threshold::new(self.classifier.calibration(), confidence)
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
        let mut predictions = self.classifier.classify_and_score(&images)?.into_iter();
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
    /// ([`PreparationKind::Picture`]), [`ReadError::MultiLabel`] if it predicts any number of classes.
    pub fn check_reads_lines(&self) -> Result<(), ReadError> {
        if self.classifier.multi_label().is_some() {
            return Err(ReadError::MultiLabel);
        }
        match self.preparation().kind {
            PreparationKind::Ink => Ok(()),
            PreparationKind::Picture => Err(ReadError::NoInk),
        }
    }

    /// Decodes a picture and reads the numbers on it: finds the lines of digits on the page and divides
    /// each into the digits that are most plausible to the model. A page without ink gives no lines.
    /// The reading is not yet judged ([`Reading::judge`]).
    ///
    /// # Errors
    ///
    /// If the picture cannot be decoded, the model does not take single characters
    /// ([`PreparationKind::Picture`]), or the device fails.
    pub fn read(&self, bytes: &[u8], limit: PixelLimit) -> Result<Reading, ReadError> {
        self.check_reads_lines()?;
        let page = decode(bytes, limit)?;
        Ok(self.read_ink(find_lines(&page).as_ref())?)
    }

    /// Reads the lines that [`ink::find_lines`] has found on a page. Finding them takes longer than
    /// this, and needs no model.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn read_ink(&self, found: Option<&InkPage>) -> Result<Reading, ClassifyError> {
        let Some(page) = found else { return Ok(Reading::new(Vec::new(), Vec::new())) };
        if !page.is_clear() {
            return Ok(Reading::unclear());
        }
        let mut lines = Vec::new();
        for line in &page.lines {
            let Some(line) = self.read_line(line)? else { return Ok(Reading::unclear()) };
            lines.push(line);
        }
        Ok(Reading::new(lines, page.ignored.clone()))
    }

    /// Classifies all candidates for digits, and chooses the most plausible division. None if the
    /// candidates do not cover the line, or the network's numbers overflowed.
    fn read_line(&self, line: &InkLine) -> Result<Option<Line>, ClassifyError> {
        let shape = self.classifier.input();
        let image = |image: &GrayImage| Image::new(shape, image.as_raw().clone()).ok();
        let images: Vec<Image> =
            line.candidates.iter().filter_map(|span| image(&span.image)).collect();
        let predictions = self.classifier.classify(&images)?;
        // One of them makes the probability of every division NaN.
        if !predictions.iter().all(Prediction::is_valid) {
            return Ok(None);
        }
        let Some(chosen) = divide(line, &predictions, self.classifier.class_names()) else {
            return Ok(None);
        };
        let varied: Vec<Image> = chosen.iter().flat_map(|one| vary(&images[one.span])).collect();
        let varied = self.classifier.classify(&varied)?;
        let mark = |mark: &Mark| {
            let is_left =
                |chosen: &&Chosen| line.candidates[chosen.span].segments.end <= mark.segment;
            let position = chosen.iter().filter(is_left).count();
            LineMark { kind: mark.kind, position, bounds: mark.bounds }
        };
        let named = |at: usize| {
            let span = chosen[at].span;
            let name = &self.classifier.class_names()[predictions[span].class];
            (&line.candidates[span], name.as_str())
        };
        let is_half =
            |at: usize| at + 1 < chosen.len() && are_halves_of_letter(named(at), named(at + 1));
        let digit = |at: usize, varied: &[Prediction]| {
            let Chosen { span, confidence } = chosen[at];
            let prediction = predictions[span].clone();
            // NaN is not consistent.
            let is_consistent =
                confidence * consistency(prediction.class, varied) >= MIN_CONSISTENCY;
            Digit {
                prediction,
                confidence,
                is_doubtful: line.candidates[span].is_doubtful
                    || !is_consistent
                    || is_half(at)
                    || (at > 0 && is_half(at - 1)),
                bounds: line.candidates[span].bounds,
                image: images[span].clone(),
            }
        };
        let varied = varied.chunks(COUNT).enumerate();
        Ok(Some(Line {
            digits: varied.map(|(at, varied)| digit(at, varied)).collect(),
            marks: line.marks.iter().map(mark).collect(),
            bounds: line.bounds,
        }))
    }
}
