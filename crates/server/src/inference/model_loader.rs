//! Loads models as the command line says, at the start and again when their files change.

use std::sync::Arc;

use anyhow::{Context, ensure};
use data::Image;
use ink::PixelLimit;
use model::{Compute, ModelFiles};
use reader::{Prepared, Reader};

use crate::inference::batch::BatchPolicy;
use crate::inference::served_model::ServedModel;
use crate::metrics::ServerMetrics;

/// What all models are loaded with.
#[derive(Debug)]
pub struct ModelLoader {
    pub compute: Compute,
    pub pixel_limit: PixelLimit,
    pub batches: BatchPolicy,
    pub metrics: Arc<ServerMetrics>,
}

impl ModelLoader {
    /// Loads a model, has it classify a test picture, and starts its thread.
    ///
    /// # Errors
    ///
    /// If the files cannot be loaded, or the answer about the test picture is not one.
    pub fn load(&self, name: &str, files: &ModelFiles) -> anyhow::Result<Arc<ServedModel>> {
        let Self { compute, pixel_limit, batches, metrics } = self;
        let reader = compute.install(|| -> anyhow::Result<Reader> {
            let reader = Reader::load(files, &compute.device)?;
            check_answer(&reader)?;
            Ok(reader)
        })?;
        ServedModel::start(name, files, reader, compute, *pixel_limit, *batches, metrics)
            .map(Arc::new)
    }
}

/// Checks that the model has a finite probability for each class of a picture with all grey levels.
fn check_answer(reader: &Reader) -> anyhow::Result<()> {
    let shape = reader.classifier().input();
    let levels = (0..shape.pixels()).map(|pixel| (pixel % 256) as u8).collect();
    let image = Image::new(shape, levels)?;
    let answers = reader.answer(&[Prepared::Image { image, is_clear: true }])?;
    let answer = answers.first().context("the model has no answer to a test picture")?;
    let classes = answer.ranked();
    let is_complete = classes.len() == reader.classifier().class_names().len();
    let is_finite = classes.iter().all(|(_, probability)| probability.is_finite());
    ensure!(
        is_complete && is_finite,
        "its answer to a test picture is not a number for each class: train it again"
    );
    Ok(())
}
