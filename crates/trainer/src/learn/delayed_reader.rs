//! Reading the results of steps from the device.

use std::collections::VecDeque;

use burn::tensor::TensorReadError;
use runs::Tally;

use crate::task::StepOutput;

/// How many steps may be in flight before the oldest one's result is read: reading waits for the
/// device, and a GPU should not wait for the program.
const UNREAD_STEPS: usize = 8;

/// Why the result of a step cannot be used.
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

/// Reads the results of steps a few steps later, in order.
#[derive(Default)]
pub struct DelayedReader {
    unread: VecDeque<(u64, StepOutput)>,
}

impl DelayedReader {
    /// Takes the result of `step`, counted from 1, and adds those that are due to `tally`.
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

    /// Adds all remaining results to `tally`.
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
            if let Some([least, greatest]) = output.predicted {
                let least = least.try_into_scalar::<i64>().map_err(failed)?;
                let greatest = greatest.try_into_scalar::<i64>().map_err(failed)?;
                tally.add_predicted(least as usize, greatest as usize);
            }
        }
        Ok(())
    }
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
            predicted: None,
            images,
        }
    }

    #[test]
    fn batches_of_different_sizes_weigh_by_their_images() {
        let (mut reader, mut tally) = (DelayedReader::default(), Tally::default());
        reader.push(1, output(1.0, 3, 3), 1, &mut tally).unwrap();
        reader.push(2, output(5.0, 0, 1), 1, &mut tally).unwrap();
        reader.finish(1, &mut tally).unwrap();
        assert_eq!((tally.loss(), tally.accuracy(), tally.images()), (2.0, 0.75, 4));
    }

    #[test]
    fn batches_of_different_class_weights_weigh_by_those() {
        let (mut reader, mut tally) = (DelayedReader::default(), Tally::default());
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
            let (mut reader, mut tally) = (DelayedReader::default(), Tally::default());
            let mut push = |step, loss| reader.push(step, output(loss, 0, 1), 2, &mut tally);
            push(1, 1.0).unwrap();
            push(2, loss).unwrap();
            let error = reader.finish(2, &mut tally).unwrap_err().to_string();
            assert!(error.contains("step 2 (epoch 2)"), "{error}");
        }
    }
}
