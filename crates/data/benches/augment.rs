//! Images a second through normalization and augmentation, 1×28×28, on one core.

use data::{
    AugmentConfig, ElasticConfig, EraseConfig, ImageShape, Normalization, Normalizer, SampleKey,
};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const SHAPE: ImageShape = ImageShape { channels: 1, height: 28, width: 28 };

fn main() {
    divan::main();
}

fn pixels() -> Vec<u8> {
    (0..SHAPE.pixels()).map(|index| (index * 37) as u8).collect()
}

fn normalizer() -> Normalizer {
    let normalization = Normalization { mean: vec![0.1307], standard_deviation: vec![0.3081] };
    Normalizer::new(&normalization, SHAPE).expect("valid statistics")
}

fn affine_config() -> AugmentConfig {
    AugmentConfig {
        rotate: Some(10.0),
        translate: Some(0.08),
        scale: Some([0.9, 1.1]),
        shear: Some(10.0),
        ..AugmentConfig::default()
    }
}

/// Augments one image after another, each in its own way.
fn augment(bencher: Bencher, config: &AugmentConfig) {
    let (pixels, normalizer) = (pixels(), normalizer());
    let augmentation = config.build(SHAPE).expect("valid settings");
    let mut out = vec![0.0; SHAPE.pixels()];
    let mut index = 0;
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        index += 1;
        let key = SampleKey { seed: 42, epoch: 0, index };
        augmentation.apply(&normalizer, black_box(&pixels), key, black_box(&mut out));
    });
}

#[divan::bench]
fn normalize_only(bencher: Bencher) {
    let (pixels, normalizer) = (pixels(), normalizer());
    let mut out = vec![0.0; SHAPE.pixels()];
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| normalizer.apply(black_box(&pixels), black_box(&mut out)));
}

#[divan::bench]
fn affine(bencher: Bencher) {
    augment(bencher, &affine_config());
}

#[divan::bench]
fn affine_and_erase(bencher: Bencher) {
    let erase = Some(EraseConfig { probability: 0.5, area: [0.02, 0.4] });
    augment(bencher, &AugmentConfig { erase, ..affine_config() });
}

#[divan::bench]
fn elastic(bencher: Bencher) {
    let elastic = Some(ElasticConfig { displacement: 1.0, smoothness: 4.0 });
    augment(bencher, &AugmentConfig { elastic, ..AugmentConfig::default() });
}

/// Changes of levels, each with a probability of 1.
const LEVELS: [(&str, &str); 20] = [
    ("thickness", "[-1.0, 1.5]"),
    ("outline", "[0.5, 1.0]"),
    ("strokes", "[1.0, 2.5]"),
    ("blobs", "[0.05, 0.3]"),
    ("random_convolution", "[0.5, 1.0]"),
    ("background", "[0.1, 0.8]"),
    ("gradient", "[0.2, 1.0]"),
    ("contrast", "[0.2, 1.0]"),
    ("brightness", "[-0.2, 0.6]"),
    ("gamma", "[0.5, 2.0]"),
    ("disc_blur", "[0.5, 2.0]"),
    ("gaussian_blur", "[0.5, 1.5]"),
    ("motion_blur", "[2.0, 12.0]"),
    ("resampling", "[0.3, 0.8]"),
    ("gaussian_noise", "[0.05, 0.4]"),
    ("speckle_noise", "[0.1, 0.6]"),
    ("sensor_noise", "[0.1, 0.5]"),
    ("impulse_noise", "[0.02, 0.4]"),
    ("jpeg", "[5.0, 60.0]"),
    ("elastic", ""),
];

/// A config with one change.
fn line((key, range): (&str, &str)) -> String {
    if range.is_empty() {
        return format!("{key} = {{ displacement = 1.0, smoothness = 4.0 }}\n");
    }
    format!("{key} = {{ probability = 1.0, range = {range} }}\n")
}

fn parse(config: &str) -> AugmentConfig {
    toml::from_str(config).expect("a valid section")
}

/// Every transform with a probability of 1.
#[divan::bench]
fn everything_always(bencher: Bencher) {
    let geometry = "rotate = 18.0\nshear = 12.0\ntranslate = 0.1\nscale = [0.72, 1.18]\n";
    let others =
        "invert = 0.5\npartial = 0.5\nerase = { probability = 1.0, area = [0.02, 0.15] }\n";
    let levels: String = LEVELS.into_iter().map(line).collect();
    augment(bencher, &parse(&format!("{geometry}{levels}{others}")));
}

/// The transforms of `configs/robust.toml` with their probabilities.
#[divan::bench]
fn robust(bencher: Bencher) {
    let config: toml::Table =
        toml::from_str(include_str!("../../../configs/robust.toml")).expect("a config");
    augment(bencher, &config["augment"].clone().try_into().expect("a valid section"));
}

/// One change of levels alone, with a probability of 1.
#[divan::bench(args = LEVELS.map(|(key, _)| key))]
fn alone(bencher: Bencher, key: &str) {
    let config = LEVELS.into_iter().find(|(other, _)| *other == key).map(line);
    augment(bencher, &parse(&config.expect("a key of the table")));
}
