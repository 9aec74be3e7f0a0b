//! How often lines are read rightly: numbers written with digits of MNIST's test split, and pages of
//! every kind with marks, letters and several lines.
//!
//! `cargo bench -p reader --bench reading`

#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used)]

mod numbers;
mod pages;
#[path = "../../tests/pictures/mod.rs"]
mod pictures;

use burn::tensor::Device;
use pictures::mnist_test;
use reader::Reader;

const SEED: u64 = 20_261_122;

fn main() {
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/../../artifacts/cnn");
    let reader = Reader::open(model.as_ref(), &Device::flex()).unwrap();
    let test = mnist_test();
    numbers::numbers(&reader, &test);
    pages::pages(&reader, &test);
}
