//! Stored models: the model card and the weights.

use std::fs;
use std::sync::OnceLock;

use data::{Image, Normalizer, sha256};
use model::{
    CARD_FILE, Classifier, Compute, ComputeOptions, ModelCard, Plan, PlannedLayer, WEIGHTS_FILE,
};
use serde_json::Value;

use crate::scratch;

/// A model with every type of layer that has weights, for images of 6×6 pixels.
const CARD: &[u8] = include_bytes!("../model/model.json");
const WEIGHTS: &[u8] = include_bytes!("../model/model.bpk");

/// Largest number of activations between two layers, and of multiplications, of a network that is
/// run.
const MAX_SIZE: usize = 1 << 20;

/// Most bytes that classifying one image may need, whatever the model: the copies of the most
/// parameters, and the largest layer.
const MAX_MEMORY: u64 = 11_000_000_000;

/// Any bytes as the weights of a small model whose card has their SHA-256.
///
/// # Panics
///
/// If the model loads and returns another number of probabilities than it has classes.
pub fn weights(bytes: &[u8]) {
    let mut card: Value = serde_json::from_slice(CARD).expect("the card is JSON");
    card["weights_sha256"] = sha256(bytes).into();
    load(card.to_string().as_bytes(), bytes);
}

/// Any bytes as the card of a small model.
///
/// # Panics
///
/// As [`weights`], if the input of a model that loads is not finite after normalization, and if a
/// network is accepted that needs more memory than any may.
pub fn card(bytes: &[u8]) {
    load(bytes, WEIGHTS);
}

fn load(card: &[u8], weights: &[u8]) {
    static COMPUTE: OnceLock<Compute> = OnceLock::new();
    let compute =
        COMPUTE.get_or_init(|| Compute::open(&ComputeOptions::default()).expect("a backend works"));
    if ModelCard::parse(card).is_ok_and(|card| is_large(&card)) {
        return;
    }
    let folder = scratch::folder();
    for (file, content) in [(CARD_FILE, card), (WEIGHTS_FILE, weights)] {
        fs::write(folder.path().join(file), content).expect("files can be written");
    }
    if let Ok(classifier) = Classifier::open(folder.path(), &compute.device) {
        check_input(classifier.card());
        check_answer(&classifier);
    }
}

/// Whether running the network would take seconds.
fn is_large(card: &ModelCard) -> bool {
    let Ok(plan) = Plan::new(&card.layers, card.input, card.class_names.len()) else {
        return false;
    };
    assert!(plan.inference_memory() <= MAX_MEMORY, "{} bytes", plan.inference_memory());
    plan.multiply_adds() > MAX_SIZE || card.input.pixels() > MAX_SIZE || are_large(plan.layers())
}

fn are_large(layers: &[PlannedLayer]) -> bool {
    layers.iter().any(|layer| layer.output.len() > MAX_SIZE || are_large(&layer.nested))
}

fn check_input(card: &ModelCard) {
    let normalizer = Normalizer::new(&card.normalization, card.input);
    let normalizer = normalizer.expect("a model that loads can normalize");
    for level in [0, 255] {
        let mut input = vec![f32::NAN; card.input.pixels()];
        normalizer.apply(&vec![level; card.input.pixels()], &mut input);
        assert!(input.iter().all(|value| value.is_finite()), "{:?}", card.normalization);
    }
}

fn check_answer(classifier: &Classifier) {
    let shape = classifier.input();
    let pixels = (0..shape.pixels()).map(|at| (at * 37 % 256) as u8).collect();
    let image = Image::new(shape, pixels).expect("an image of the model's shape");
    let answers = classifier.classify_and_score(&[image]).expect("the device computes");
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].log_probabilities.len(), classifier.class_names().len());
    assert!(answers[0].class < classifier.class_names().len());
    assert!((0.0..=1.0 + 1e-9).contains(&answers[0].confidence()), "{}", answers[0].confidence());
    // NaN is no answer; every other score is a divergence.
    assert!(
        classifier.multi_label().is_some()
            || answers[0].score().is_nan()
            || answers[0].score() > -1e-6
    );
    if let Some(multi_label) = classifier.multi_label() {
        assert!(multi_label.predicted(&answers[0]).len() <= classifier.class_names().len());
    }
}
