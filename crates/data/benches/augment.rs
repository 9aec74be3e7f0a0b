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
