//! Opening the model that `predict` and `read` look at pictures with.

use std::process::ExitCode;

use reader::Reader;
use terminal::{ComputeArguments, Console};

use crate::input_results::InputResults;
use crate::models::{compute_line, find_model};
use crate::options::{InputRefused, PictureOptions};

/// Loads the model that the options name, and runs `work` with it on the threads that compute.
pub fn with_reader(
    options: &PictureOptions,
    compute: &ComputeArguments,
    console: &Console,
    work: impl FnOnce(&Reader) -> anyhow::Result<InputResults> + Send,
) -> anyhow::Result<ExitCode> {
    let files = find_model(&options.model)?;
    let compute = compute.open()?;
    console.detail(&compute_line(&files, &compute));
    let results = compute.install(|| {
        let reader = Reader::load(&files, &compute.device)?;
        let preparation = options.preparation(reader.preparation())?;
        let reader = reader
            .with_preparation(preparation)
            .map_err(|error| InputRefused(error.to_string()))?;
        work(&reader)
    })?;
    Ok(results.into())
}
