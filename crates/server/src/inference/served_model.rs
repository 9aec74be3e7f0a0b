//! A model that the server has loaded.

use std::sync::Arc;

use anyhow::Context;
use axum::body::Bytes;
use data::ImageShape;
use ink::PixelLimit;
use model::{Calibration, Compute, ModelFiles, MultiLabel};
use reader::{ReadError, Reader, Reading};

use crate::inference::batch::BatchPolicy;
use crate::inference::confusion_matrix::load_confusion_matrix;
use crate::inference::job::{
    Job, Pending, PredictedPicture, ReplySender, RequestPermit, send_reply,
};
use crate::inference::model_card::PublicCard;
use crate::inference::picture::PictureData;
use crate::inference::picture_preparer::PicturePreparer;
use crate::inference::worker::Worker;
use crate::metrics::ServerMetrics;
use crate::problem::Problem;

/// A model and its thread.
#[derive(Debug)]
pub struct ServedModel {
    pub card: PublicCard,
    pub class_names: Vec<String>,
    /// How it predicts several classes; `None` if each picture is of one.
    pub multi_label: Option<MultiLabel>,
    /// How its probabilities and scores are calibrated, if they are.
    pub calibration: Option<Calibration>,
    /// A PNG file.
    pub confusion_matrix: Option<Bytes>,
    preparer: PicturePreparer,
    worker: Worker,
}

impl ServedModel {
    /// Reads what clients can ask about the model from its files, and starts the model's thread.
    pub fn start(
        name: &str,
        files: &ModelFiles,
        reader: Reader,
        compute: &Compute,
        pixel_limit: PixelLimit,
        batches: BatchPolicy,
        metrics: &Arc<ServerMetrics>,
    ) -> anyhow::Result<Self> {
        let classifier = reader.classifier();
        let confusion_matrix = load_confusion_matrix(files);
        let card = classifier.card();
        Ok(Self {
            card: PublicCard::new(name, files, card, confusion_matrix.is_some()),
            class_names: card.class_names.clone(),
            multi_label: card.multi_label.clone(),
            calibration: card.calibration,
            confusion_matrix,
            preparer: PicturePreparer {
                preparation: reader.preparation(),
                shape: classifier.input(),
                pixel_limit,
            },
            worker: Worker::start(name, reader, compute, batches, Arc::clone(metrics))
                .context("cannot start a thread")?,
        })
    }

    /// Shape of the network's input.
    pub fn input(&self) -> ImageShape {
        self.preparer.shape
    }

    /// Whether it answers: its last batches have not all failed.
    pub fn is_alive(&self) -> bool {
        self.worker.is_alive()
    }

    /// Prepares a picture on this thread, and has the model's thread classify it.
    pub fn predict(
        &self,
        picture: &PictureData,
        reply: ReplySender<PredictedPicture>,
        permit: Arc<RequestPermit>,
    ) {
        let job = |input, reply, permit| Job::Predict(Pending { input, reply, permit });
        self.prepare_and_submit(|| self.preparer.prepare(picture), job, reply, permit);
    }

    /// Finds the lines on a picture on this thread, and has the model's thread read it.
    pub fn read(
        &self,
        picture: &PictureData,
        reply: ReplySender<Reading>,
        permit: Arc<RequestPermit>,
    ) {
        let job = |input, reply, permit| Job::Read(Pending { input, reply, permit });
        let find_lines = || match self.multi_label {
            None => self.preparer.find_lines(picture),
            Some(_) => Err(Problem::unprocessable(ReadError::MultiLabel.to_string())),
        };
        self.prepare_and_submit(find_lines, job, reply, permit);
    }

    fn prepare_and_submit<Input, Output>(
        &self,
        prepare: impl FnOnce() -> Result<Input, Problem>,
        job: impl FnOnce(Input, ReplySender<Output>, Arc<RequestPermit>) -> Job,
        reply: ReplySender<Output>,
        permit: Arc<RequestPermit>,
    ) {
        // The client has disconnected, or its deadline has passed.
        if reply.is_closed() {
            return;
        }
        match prepare() {
            Ok(input) => self.worker.submit(job(input, reply, permit)),
            Err(problem) => send_reply(reply, permit, Err(problem)),
        }
    }
}
