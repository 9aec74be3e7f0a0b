//! Two hundred short trainings, one after another in one process: what each of them leaves behind.
//! Exit code 1 when memory grows, or descriptors or threads are lost. On Linux, because it reads /proc.
//!
//! `cargo test --workspace --bench soak`

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::exit;

use runs::Observers;
use terminal::ComputeArguments;
use trainer::{Ending, RunSource, TrainOptions};

// The program's own.
#[global_allocator]
static ALLOCATOR: kernels::Allocator = kernels::Allocator;

const TRAININGS: usize = 200;
/// Trainings in which the allocator takes what it will keep, in steps of megabytes.
const WARM_UP: usize = 100;
/// A leak of one image set, checkpoint or report would be ten times as much.
const LIMIT_KIB: f64 = 16.0;

/// What the process holds after a training.
#[derive(Clone, Copy)]
struct Sample {
    anonymous_kib: f64,
    descriptors: usize,
    threads: usize,
}

fn main() {
    let place = tempfile::tempdir().unwrap();
    let samples: Vec<Sample> = (0..TRAININGS)
        .map(|number| {
            train(place.path(), number);
            let sample = Sample::now();
            if number % 20 == 19 {
                let Sample { anonymous_kib, descriptors, threads } = sample;
                let megabytes = anonymous_kib / 1024.0;
                println!(
                    "{}: {megabytes:.1} MiB, {descriptors} descriptors, {threads} threads",
                    number + 1
                );
            }
            sample
        })
        .collect();
    let samples = &samples[WARM_UP..];
    let memory: Vec<f64> = samples.iter().map(|sample| sample.anonymous_kib).collect();
    let (slope, error) = slope(&memory);
    println!("{TRAININGS} trainings: memory grows by {slope:.1} ± {error:.1} KiB a training");
    let (first, last) = (samples[0], samples[samples.len() - 1]);
    let is_flat = slope <= LIMIT_KIB || slope <= 3.0 * error;
    if !is_flat || last.descriptors > first.descriptors || last.threads > first.threads {
        println!("FAILED: trainings leave something behind");
        exit(1);
    }
}

/// Trains `configs/smoke.toml` into a folder that is removed afterwards.
fn train(place: &Path, number: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = place.join("run");
    let options = TrainOptions {
        set: vec![format!("seed={number}")],
        output: Some(output.clone()),
        overwrite: false,
        tensorboard: true,
        checkpoint_minutes: 5.0,
    };
    let source = RunSource::Config(root.join("configs/smoke.toml"));
    let compute = ComputeArguments::default();
    let ending = trainer::train(&source, &options, &compute, Observers::default()).unwrap();
    assert_eq!(ending, Ending::Complete);
    fs::remove_dir_all(output).unwrap();
}

impl Sample {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let number = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap()
        };
        Self {
            anonymous_kib: number("RssAnon:"),
            descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
            threads: number("Threads:") as usize,
        }
    }
}

/// The slope of the line of least squares through `values`, and its standard error.
fn slope(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let centre = (count - 1.0) / 2.0;
    let mean = values.iter().sum::<f64>() / count;
    let points =
        || values.iter().enumerate().map(|(index, value)| (index as f64 - centre, value - mean));
    let squares: f64 = points().map(|(index, _)| index * index).sum();
    let slope = points().map(|(index, value)| index * value).sum::<f64>() / squares;
    let residuals: f64 = points().map(|(index, value)| (value - slope * index).powi(2)).sum();
    (slope, (residuals / (count - 2.0) / squares).sqrt())
}
