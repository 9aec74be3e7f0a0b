//! Loss and accuracy of a split, added up from counts, and their table.

use std::collections::VecDeque;
use std::fmt::Write;

use burn::tensor::TensorReadError;
use serde::{Deserialize, Serialize};

use crate::trainee::StepOutput;

/// How many steps may be under way before the oldest one's result is read: reading waits for the
/// device, and a GPU should not wait for the program.
const UNREAD_STEPS: usize = 8;

/// Sums over the images of a split seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    loss_sum: f64,
    /// Of all images' class weights; the number of images where there are none.
    weight_sum: f64,
    correct: u64,
    images: u64,
    /// The least and the greatest class answered, where that was asked; nothing to resume from.
    #[serde(skip)]
    answers: Option<[usize; 2]>,
}

impl Tally {
    fn add(&mut self, mean_loss: f64, weight: f64, correct: u64, images: u64) {
        self.loss_sum += mean_loss * weight;
        self.weight_sum += weight;
        self.correct += correct;
        self.images += images;
    }

    /// Mean loss, in nats; 0 before the first image.
    pub fn loss(&self) -> f64 {
        if self.images == 0 { 0.0 } else { self.loss_sum / self.weight_sum }
    }

    /// Share of the images classified rightly; 0 before the first image.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.images.max(1) as f64
    }

    /// The least and the greatest class that an image was taken for; none of training batches.
    pub fn answers(&self) -> Option<[usize; 2]> {
        self.answers
    }

    fn add_answers(&mut self, least: usize, greatest: usize) {
        let [least_yet, greatest_yet] = self.answers.unwrap_or([least, greatest]);
        self.answers = Some([least.min(least_yet), greatest.max(greatest_yet)]);
    }

    /// Images seen.
    pub fn images(&self) -> u64 {
        self.images
    }
}

/// Why a step's result is no use.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    #[error(
        "the loss became {loss} at step {step} (epoch {epoch}): lower optimizer.learning_rate, \
         or set clip.norm = 1.0"
    )]
    NotFinite { loss: f64, step: u64, epoch: usize },
    #[error("the device could not compute step {step}: {source:?}")]
    Device { step: u64, source: TensorReadError },
}

/// Reads the results of steps a little after they were started, in order.
#[derive(Default)]
pub struct LateReader {
    unread: VecDeque<(u64, StepOutput)>,
}

impl LateReader {
    /// Takes the result of `step` (counted from 1) and adds to `tally` those that are due.
    pub fn push(
        &mut self,
        step: u64,
        output: StepOutput,
        epoch: usize,
        tally: &mut Tally,
    ) -> Result<(), StepError> {
        self.unread.push_back((step, output));
        self.read_down_to(UNREAD_STEPS, epoch, tally)
    }

    /// Adds to `tally` all that is left.
    pub fn finish(&mut self, epoch: usize, tally: &mut Tally) -> Result<(), StepError> {
        self.read_down_to(0, epoch, tally)
    }

    fn read_down_to(
        &mut self,
        left: usize,
        epoch: usize,
        tally: &mut Tally,
    ) -> Result<(), StepError> {
        while self.unread.len() > left
            && let Some((step, output)) = self.unread.pop_front()
        {
            let failed = |source| StepError::Device { step, source };
            let loss = f64::from(output.loss.try_into_scalar::<f32>().map_err(failed)?);
            let correct = output.correct.try_into_scalar::<i64>().map_err(failed)?;
            if !loss.is_finite() {
                return Err(StepError::NotFinite { loss, step, epoch });
            }
            let images = output.images as u64;
            let weight = match output.weight {
                Some(weight) => f64::from(weight.try_into_scalar::<f32>().map_err(failed)?),
                None => images as f64,
            };
            tally.add(loss, weight, correct.unsigned_abs(), images);
            if let Some([least, greatest]) = output.answers {
                let least = least.try_into_scalar::<i64>().map_err(failed)?;
                let greatest = greatest.try_into_scalar::<i64>().map_err(failed)?;
                tally.add_answers(least as usize, greatest as usize);
            }
        }
        Ok(())
    }
}

/// The figures of one split in one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitFigures {
    pub loss: f64,
    pub accuracy: f64,
    pub seconds: f64,
    pub images_per_second: f64,
}

impl SplitFigures {
    pub fn new(tally: &Tally, seconds: f64) -> Self {
        Self {
            loss: tally.loss(),
            accuracy: tally.accuracy(),
            seconds,
            images_per_second: tally.images() as f64 / seconds.max(1e-9),
        }
    }
}

/// The figures of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochFigures {
    /// From 1.
    pub epoch: usize,
    pub train: SplitFigures,
    pub validation: SplitFigures,
    /// Of the epoch's last step.
    pub learning_rate: f64,
}

/// The contents of `metrics.csv`: two rows an epoch.
pub fn csv(history: &[EpochFigures]) -> String {
    let mut text = "epoch,split,loss,accuracy,learning_rate,seconds,images_per_second\n".to_owned();
    for epoch in history {
        for (split, figures) in [("train", &epoch.train), ("validation", &epoch.validation)] {
            let SplitFigures { loss, accuracy, seconds, images_per_second } = figures;
            let (number, rate) = (epoch.epoch, epoch.learning_rate);
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{number},{split},{loss:.6},{accuracy:.6},{rate:.6e},{seconds:.3},\
                 {images_per_second:.1}"
            );
        }
    }
    text
}

/// The history of a run as its learning curves take it.
pub fn curves(history: &[EpochFigures]) -> Vec<charts::EpochPoint> {
    let point = |figures: &EpochFigures| charts::EpochPoint {
        train_loss: figures.train.loss,
        train_accuracy: figures.train.accuracy,
        validation_loss: Some(figures.validation.loss),
        validation_accuracy: Some(figures.validation.accuracy),
        learning_rate: figures.learning_rate,
    };
    history.iter().map(point).collect()
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;

    fn output(loss: f32, correct: i32, images: usize) -> StepOutput {
        let device = Device::flex();
        StepOutput {
            loss: Tensor::from_floats([loss], &device),
            weight: None,
            correct: Tensor::from_ints([correct], &device),
            answers: None,
            images,
        }
    }

    #[test]
    fn batches_of_different_sizes_weigh_by_their_images() {
        let (mut reader, mut tally) = (LateReader::default(), Tally::default());
        reader.push(1, output(1.0, 3, 3), 1, &mut tally).unwrap();
        reader.push(2, output(5.0, 0, 1), 1, &mut tally).unwrap();
        reader.finish(1, &mut tally).unwrap();
        assert_eq!((tally.loss(), tally.accuracy(), tally.images()), (2.0, 0.75, 4));
    }

    #[test]
    fn batches_of_different_class_weights_weigh_by_those() {
        let (mut reader, mut tally) = (LateReader::default(), Tally::default());
        for (step, loss, weight) in [(1, 1.0, 3.0), (2, 5.0, 1.0)] {
            let weight = Some(Tensor::from_floats([weight], &Device::flex()));
            reader.push(step, StepOutput { weight, ..output(loss, 0, 2) }, 1, &mut tally).unwrap();
        }
        reader.finish(1, &mut tally).unwrap();
        assert_eq!((tally.loss(), tally.images()), (2.0, 4));
    }

    #[test]
    fn a_loss_that_is_not_finite_names_its_step() {
        for loss in [f32::NAN, f32::INFINITY] {
            let (mut reader, mut tally) = (LateReader::default(), Tally::default());
            let mut push = |step, loss| reader.push(step, output(loss, 0, 1), 2, &mut tally);
            push(1, 1.0).unwrap();
            push(2, loss).unwrap();
            let error = reader.finish(2, &mut tally).unwrap_err().to_string();
            assert!(error.contains("step 2 (epoch 2)"), "{error}");
        }
    }

    #[test]
    fn the_table_has_two_rows_an_epoch() {
        let figures =
            SplitFigures { loss: 0.5, accuracy: 0.25, seconds: 2.0, images_per_second: 10.0 };
        let epoch =
            EpochFigures { epoch: 1, train: figures, validation: figures, learning_rate: 1e-3 };
        let rows = csv(&[epoch]);
        assert_eq!(rows.lines().nth(1), Some("1,train,0.500000,0.250000,1.000000e-3,2.000,10.0"));
        assert_eq!(rows.lines().count(), 3);
    }
}
