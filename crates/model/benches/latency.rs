//! How long a stored model takes for one image, from pixels to probabilities.
//!
//! `cargo bench -p model --bench latency -- FOLDER`; Cargo starts it in `crates/model`, so name the
//! model's folder by its absolute path.
#![allow(clippy::print_stdout)]

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use burn::tensor::Device;
use data::Image;
use model::Classifier;

const WARM_UP_CALLS: usize = 2_000;
const TIMED_CALLS: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds options of its own, and nothing else when it runs every benchmark or test.
    let mut arguments = env::args_os().skip(1);
    let Some(folder) = arguments.find(|argument| !argument.to_string_lossy().starts_with("--"))
    else {
        println!("usage: cargo bench -p model --bench latency -- FOLDER_OF_A_MODEL");
        return Ok(());
    };
    let classifier = Classifier::open(Path::new(&folder), &Device::default())?;
    let pixels = (0..classifier.input().pixels()).map(|index| (index * 37) as u8).collect();
    let image = [Image::new(classifier.input(), pixels)?];
    for _ in 0..WARM_UP_CALLS {
        black_box(classifier.classify(black_box(&image))?);
    }
    let mut microseconds = Vec::with_capacity(TIMED_CALLS);
    for _ in 0..TIMED_CALLS {
        let start = Instant::now();
        black_box(classifier.classify(black_box(&image))?);
        microseconds.push(1e6 * start.elapsed().as_secs_f64());
    }
    microseconds.sort_unstable_by(f64::total_cmp);
    let median = microseconds[TIMED_CALLS / 2];
    let p99 = microseconds[TIMED_CALLS * 99 / 100];
    println!(r#"{{"median_microseconds": {median:.3}, "p99_microseconds": {p99:.3}}}"#);
    Ok(())
}
