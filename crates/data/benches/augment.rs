//! Images a second through normalization and augmentation, 1×28×28, on one core.

use data::{
    AugmentConfig, ElasticConfig, EraseConfig, ImageShape, Normalization, Normalizer, RandomRange,
    SampleKey,
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

fn always(low: f32, high: f32) -> Option<RandomRange> {
    Some(RandomRange { probability: 1.0, range: [low, high] })
}

/// Every transform with a probability of 1.
#[divan::bench]
fn everything_always(bencher: Bencher) {
    let config = AugmentConfig {
        thickness: always(-1.0, 1.5),
        outline: always(0.5, 1.0),
        strokes: always(1.0, 2.5),
        blobs: always(0.05, 0.3),
        random_convolution: always(0.5, 1.0),
        background: always(0.1, 0.8),
        gradient: always(0.2, 1.0),
        contrast: always(0.2, 1.0),
        brightness: always(-0.2, 0.6),
        gamma: always(0.5, 2.0),
        invert: Some(0.5),
        disc_blur: always(0.5, 2.0),
        gaussian_blur: always(0.5, 1.5),
        motion_blur: always(2.0, 8.0),
        resampling: always(0.3, 0.8),
        gaussian_noise: always(0.05, 0.4),
        speckle_noise: always(0.1, 0.6),
        sensor_noise: always(0.1, 0.5),
        impulse_noise: always(0.02, 0.3),
        jpeg: always(5.0, 60.0),
        elastic: Some(ElasticConfig { displacement: 1.0, smoothness: 4.0 }),
        erase: Some(EraseConfig { probability: 1.0, area: [0.02, 0.15] }),
        ..affine_config()
    };
    augment(bencher, &config);
}

/// One transform alone, with a probability of 1.
#[divan::bench(args = [
    "thickness", "outline", "strokes", "blobs", "random_convolution", "background", "gradient",
    "contrast", "gamma", "disc_blur", "gaussian_blur", "motion_blur", "resampling",
    "gaussian_noise", "impulse_noise", "jpeg",
])]
fn alone(bencher: Bencher, name: &str) {
    let mut config = AugmentConfig::default();
    match name {
        "thickness" => config.thickness = always(-1.0, 1.5),
        "outline" => config.outline = always(0.5, 1.0),
        "strokes" => config.strokes = always(1.0, 2.5),
        "blobs" => config.blobs = always(0.05, 0.3),
        "random_convolution" => config.random_convolution = always(0.5, 1.0),
        "background" => config.background = always(0.1, 0.8),
        "gradient" => config.gradient = always(0.2, 1.0),
        "contrast" => config.contrast = always(0.2, 1.0),
        "gamma" => config.gamma = always(0.5, 2.0),
        "disc_blur" => config.disc_blur = always(0.5, 2.0),
        "gaussian_blur" => config.gaussian_blur = always(0.5, 1.5),
        "motion_blur" => config.motion_blur = always(2.0, 8.0),
        "resampling" => config.resampling = always(0.3, 0.8),
        "gaussian_noise" => config.gaussian_noise = always(0.05, 0.4),
        "impulse_noise" => config.impulse_noise = always(0.02, 0.3),
        _ => config.jpeg = always(5.0, 60.0),
    }
    augment(bencher, &config);
}
