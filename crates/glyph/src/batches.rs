//! Going through the pictures that a user named, in their order, batch by batch.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use ink::InkError;
use rayon::prelude::*;
use terminal::print_error;

use crate::input_results::InputResults;
use crate::inputs::{Input, MissingInput, find_inputs};

/// A batch that took longer is followed by a smaller one, so that answers appear steadily.
const BATCH_TIME: Duration = Duration::from_millis(100);
/// Pictures of a batch at most.
const LARGEST_BATCH: usize = 1000;

/// Answers the pictures in the files and folders `named`: `prepare` runs on all threads, `answer` takes the
/// prepared pictures of a batch, `print` each answer. Unreadable pictures are reported in their place
/// and skipped.
pub fn answer_pictures<P: Send, A>(
    named: &[PathBuf],
    prepare: impl Fn(&Input) -> anyhow::Result<P> + Sync,
    answer: impl Fn(Vec<P>) -> anyhow::Result<Vec<A>>,
    print: impl Fn(&Input, &A) -> anyhow::Result<()>,
) -> anyhow::Result<InputResults> {
    let mut results = InputResults::default();
    let mut inputs = Vec::new();
    for named in named {
        match find_inputs(named) {
            Ok(found) => inputs.extend(found),
            Err(error) => {
                print_error(&error);
                let is_missing = error.is::<MissingInput>();
                *(if is_missing { &mut results.missing } else { &mut results.failed }) += 1;
            }
        }
    }
    let mut rest = inputs.as_slice();
    let mut size = rayon::current_num_threads();
    while !rest.is_empty() {
        let start = Instant::now();
        let (batch, later) = rest.split_at(size.min(rest.len()));
        rest = later;
        let prepared: Vec<anyhow::Result<P>> = batch.par_iter().map(&prepare).collect();
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
    anyhow!("{}: {error}{remedy}", input.name())
}
