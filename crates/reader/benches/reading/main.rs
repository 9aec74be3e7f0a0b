//! How often lines are read rightly: numbers written with digits of MNIST's test split, and pages of
//! every kind with marks, letters and several lines.
//!
//! `cargo bench -p glyph -p reader --bench reading`. To choose thresholds, measure on validation images
//! instead, and on fewer pages: `-- --validation --per-kind 20`. `--model FOLDER` measures another model
//! than the released one.

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used)]

mod numbers;
mod pages;
#[path = "../../tests/pictures/mod.rs"]
mod pictures;

use burn::tensor::Device;
use pictures::{mnist_test, mnist_validation};
use reader::Reader;

const SEED: u64 = 20_261_122;

fn main() {
    let reader = Reader::open(&pictures::model(), &Device::flex()).unwrap();
    let arguments: Vec<String> = std::env::args().collect();
    let is_validation = arguments.iter().any(|argument| argument == "--validation");
    let (set, seed) =
        if is_validation { (mnist_validation(), SEED + 1) } else { (mnist_test(), SEED) };
    let per_kind = arguments.iter().position(|argument| argument == "--per-kind");
    let per_kind = per_kind.map(|at| arguments[at + 1].parse().unwrap());
    numbers::numbers(&reader, &set, seed, per_kind.unwrap_or(numbers::PER_KIND));
    pages::pages(&reader, &set, seed, per_kind.unwrap_or(pages::PER_KIND));
}
