//! Going through the pictures that a user named, in their order, batch by batch.

use std::time::{Duration, Instant};

use anyhow::anyhow;
use ink::InkError;
use rayon::prelude::*;
use terminal::print_error;

use crate::input_results::InputResults;
use crate::inputs::Input;

/// A batch that took longer is followed by a smaller one, so that answers appear steadily.
const BATCH_TIME: Duration = Duration::from_millis(100);
/// Pictures of a batch at most.
const LARGEST_BATCH: usize = 1000;

/// Answers `inputs`: `prepare` takes the index of a picture and runs on all threads, `answer` takes the
/// prepared pictures of a batch, `print` each answer. Unreadable pictures are reported in their place,
/// skipped, and counted in the results.
pub fn answer_pictures<P: Send, A>(
    inputs: &[Input],
    mut results: InputResults,
    prepare: impl Fn(usize, &Input) -> anyhow::Result<P> + Sync,
    answer: impl Fn(Vec<P>) -> anyhow::Result<Vec<A>>,
    print: impl Fn(&Input, &A) -> anyhow::Result<()>,
) -> anyhow::Result<InputResults> {
    let mut rest = inputs;
    let mut size = rayon::current_num_threads();
    while !rest.is_empty() {
        let start = Instant::now();
        let first = inputs.len() - rest.len();
        let (batch, later) = rest.split_at(size.min(rest.len()));
        rest = later;
        let prepare = |(index, input)| prepare(first + index, input);
        let prepared: Vec<anyhow::Result<P>> = batch.par_iter().enumerate().map(prepare).collect();
        let mut pictures = Vec::with_capacity(batch.len());
        let mut errors = Vec::with_capacity(batch.len());
        for result in prepared {
            match result {
                Ok(picture) => {
                    pictures.push(picture);
                    errors.push(None);
                }
                Err(error) => errors.push(Some(error)),
            }
        }
        let mut answers = answer(pictures)?.into_iter();
        for (input, error) in batch.iter().zip(errors) {
            match error {
                Some(error) => {
                    print_error(&error);
                    results.failed += 1;
                }
                None => answers.next().map_or(Ok(()), |answer| print(input, &answer))?,
            }
        }
        size = if start.elapsed() < BATCH_TIME { 2 * size } else { size.div_ceil(2) };
        size = size.min(LARGEST_BATCH);
    }
    Ok(results)
}

/// An error about a picture, with its name and, for a limit, the option that raises it.
pub fn picture_error(input: &Input, error: &InkError) -> anyhow::Error {
    let remedy = if error.is_limit() { ": raise it with --max-pixels" } else { "" };
    anyhow!("{}: {error}{remedy}", input.printable_name())
}
