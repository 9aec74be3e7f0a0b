//! Going through the pictures that a user named, in their order.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use ink::InkError;
use rayon::prelude::*;

use crate::console;
use crate::inputs::{Input, find_inputs};

/// A portion that took longer is followed by a smaller one, so that answers keep coming.
const PATIENCE: Duration = Duration::from_millis(100);
/// Pictures of a portion at most.
const LARGEST_PORTION: usize = 1000;

/// Answers every picture meant by `named`, portion by portion: `prepare` runs on all threads,
/// `answer` takes what could be prepared of a portion, `print` each answer. A picture that cannot
/// be read is told of in its place. Tells whether all could be read.
pub fn answer_pictures<P: Send, A>(
    named: &[PathBuf],
    prepare: impl Fn(&Input) -> anyhow::Result<P> + Sync,
    answer: impl Fn(Vec<P>) -> anyhow::Result<Vec<A>>,
    print: impl Fn(&Input, &A) -> anyhow::Result<()>,
) -> anyhow::Result<bool> {
    let mut all_read = true;
    let mut refuse = |error: anyhow::Error| {
        console::complain(&error);
        all_read = false;
    };
    let mut inputs = Vec::new();
    for named in named {
        match find_inputs(named) {
            Ok(found) => inputs.extend(found),
            Err(error) => refuse(error),
        }
    }
    let mut rest = inputs.as_slice();
    let mut portion = rayon::current_num_threads();
    while !rest.is_empty() {
        let start = Instant::now();
        let (now, later) = rest.split_at(portion.min(rest.len()));
        rest = later;
        let prepared: Vec<anyhow::Result<P>> = now.par_iter().map(&prepare).collect();
        let mut pictures = Vec::with_capacity(now.len());
        let mut errors = Vec::with_capacity(now.len());
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
        for (input, error) in now.iter().zip(errors) {
            match error {
                Some(error) => refuse(error),
                None => answers.next().map_or(Ok(()), |answer| print(input, &answer))?,
            }
        }
        portion = if start.elapsed() < PATIENCE { 2 * portion } else { portion.div_ceil(2) };
        portion = portion.min(LARGEST_PORTION);
    }
    Ok(all_read)
}

/// What is wrong with a picture, with its name and the option that lets it pass.
pub fn picture_error(input: &Input, error: &InkError) -> anyhow::Error {
    let remedy = if error.is_limit() { ": raise it with --max-pixels" } else { "" };
    anyhow!("{}: {error}{remedy}", input.name())
}
