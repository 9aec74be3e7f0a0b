//! The thread that owns a model and runs its jobs in batches.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use anyhow::Context;
use ink::InkPage;
use model::{ClassifyError, Compute};
use reader::{Prepared, Reader, Reading};

use crate::inference::batch::BatchPolicy;
use crate::inference::job::{Job, Pending, PredictedPicture, send_reply};
use crate::inference::worker_loop::{PanicCount, run_batches};
use crate::metrics::ServerMetrics;
use crate::problem::Problem;

/// A handle to a model's thread.
#[derive(Clone, Debug)]
pub struct Worker {
    jobs: Sender<Job>,
    panics: Arc<PanicCount>,
}

impl Worker {
    /// Starts a model's thread. It ends when all handles are dropped.
    pub fn start(
        name: &str,
        reader: Reader,
        compute: &Compute,
        policy: BatchPolicy,
        metrics: Arc<ServerMetrics>,
    ) -> anyhow::Result<Self> {
        let (sender, jobs) = channel();
        let panics = Arc::new(PanicCount::default());
        let counted = Arc::clone(&panics);
        let thread_name = format!("model-{name}");
        // A pool with one thread, because the kernels split a batch among the pool that they run in.
        // With many clients, splitting costs more than it gains.
        let pool = compute
            .pool_builder()
            .num_threads(1)
            .thread_name(move |_| thread_name.clone())
            .build()
            .context("cannot start the model's thread")?;
        pool.spawn(move || {
            run_batches(&jobs, policy, &counted, |batch| run_jobs(&reader, batch, &metrics));
        });
        Ok(Self { jobs: sender, panics })
    }

    /// Submits a job. If its batch panics, the job's reply sender is dropped.
    pub fn submit(&self, job: Job) {
        let _ = self.jobs.send(job);
    }

    /// Whether the model answers: its last batches have not all panicked.
    pub fn is_alive(&self) -> bool {
        !self.panics.has_failed()
    }
}

fn run_jobs(reader: &Reader, batch: Vec<Job>, metrics: &ServerMetrics) {
    let (mut pictures, mut lines) = (Vec::new(), Vec::new());
    for job in batch {
        match job {
            Job::Predict(picture) => pictures.push(picture),
            Job::Read(line) => lines.push(line),
        }
    }
    predict(reader, pictures, metrics);
    // The candidates for the digits of one line are a batch by themselves.
    for line in lines {
        read(reader, line, metrics);
    }
}

/// Runs the model once on all pictures of a batch.
fn predict(
    reader: &Reader,
    mut batch: Vec<Pending<Prepared, PredictedPicture>>,
    metrics: &ServerMetrics,
) {
    batch.retain(Pending::is_awaited);
    if batch.is_empty() {
        return;
    }
    metrics.count_batch(batch.len());
    let (pictures, waiting): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|job| (job.input, (job.reply, job.permit))).unzip();
    let answers = match reader.answer(&pictures) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(internal_error(&error)); waiting.len()],
    };
    for ((picture, answer), (reply, permit)) in pictures.into_iter().zip(answers).zip(waiting) {
        send_reply(reply, permit, answer.map(|answer| PredictedPicture { picture, answer }));
    }
}

/// Runs the model on the candidates of one page.
fn read(reader: &Reader, job: Pending<Option<InkPage>, Reading>, metrics: &ServerMetrics) {
    if job.is_awaited() {
        let found = job.input.as_ref();
        let lines = found.map_or(&[][..], |page| &page.lines);
        metrics.count_batch(lines.iter().map(|line| line.candidates.len()).sum());
        let reading = reader.read_ink(found);
        send_reply(job.reply, job.permit, reading.map_err(|error| internal_error(&error)));
    }
}

fn internal_error(error: &ClassifyError) -> Problem {
    tracing::error!(%error, "a batch failed");
    Problem::internal()
}
