//! A model as the server holds it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::body::Bytes;
use ink::PixelLimit;
use model::NamedDevice;
use reader::{Line, Reader};

use crate::inference::batch::BatchLimit;
use crate::inference::model_card::PublicCard;
use crate::inference::picture::{Content, Recipe};
use crate::inference::worker::{self, Answered, FoundLine, Job, Order, Reply, Ticket, Worker};
use crate::metrics::Metrics;
use crate::problem::Problem;

/// The picture of a report that the page shows, in the model's folder.
const CONFUSION_MATRIX: &str = "plots/confusion_matrix.png";

/// A model with its thread.
#[derive(Debug)]
pub struct ServedModel {
    pub card: PublicCard,
    pub class_names: Vec<String>,
    /// A PNG file.
    pub confusion_matrix: Option<Bytes>,
    recipe: Recipe,
    worker: Worker,
}

impl ServedModel {
    /// Reads everything that is ever needed from the model's folder, and starts its thread.
    pub fn load(
        name: &str,
        folder: &Path,
        device: &NamedDevice,
        pixels: PixelLimit,
        batches: BatchLimit,
        metrics: &Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let reader = Reader::load(folder, &device.device)?;
        let classifier = reader.classifier();
        let confusion_matrix = fs::read(folder.join(CONFUSION_MATRIX)).ok().map(Bytes::from);
        let card = classifier.card();
        Ok(Self {
            card: PublicCard::new(name, folder, card, confusion_matrix.is_some()),
            class_names: card.class_names.clone(),
            confusion_matrix,
            recipe: Recipe {
                preparation: reader.preparation(),
                shape: classifier.input(),
                limit: pixels,
            },
            worker: Worker::start(name, reader, batches, Arc::clone(metrics))
                .context("cannot start a thread")?,
        })
    }

    /// Whether its thread can still answer.
    pub fn is_alive(&self) -> bool {
        self.worker.is_alive()
    }

    /// Prepares a picture, which takes a while, and has the model tell what it shows.
    pub fn predict(&self, content: &Content, reply: Reply<Answered>, ticket: Arc<Ticket>) {
        let job = |question, reply, ticket| Job::Predict(Order { question, reply, ticket });
        self.ask(|| self.recipe.prepare(content), job, reply, ticket);
    }

    /// Finds the line on a picture, which takes a while, and has the model read it.
    pub fn read(&self, content: &Content, threshold: f64, reply: Reply<Line>, ticket: Arc<Ticket>) {
        let find = || Ok(FoundLine { line: self.recipe.find_line(content)?, threshold });
        let job = |question, reply, ticket| Job::Read(Order { question, reply, ticket });
        self.ask(find, job, reply, ticket);
    }

    fn ask<Q, A>(
        &self,
        prepare: impl FnOnce() -> Result<Q, Problem>,
        job: impl FnOnce(Q, Reply<A>, Arc<Ticket>) -> Job,
        reply: Reply<A>,
        ticket: Arc<Ticket>,
    ) {
        // Nobody waits for it any more.
        if reply.is_closed() {
            return;
        }
        match prepare() {
            Ok(question) => self.worker.hand_over(job(question, reply, ticket)),
            Err(problem) => worker::send(reply, ticket, Err(problem)),
        }
    }
}
