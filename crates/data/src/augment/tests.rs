use proptest::prelude::*;

use super::*;
use crate::normalization::Normalization;

const SHAPE: ImageShape = ImageShape { channels: 1, height: 9, width: 12 };
const KEY: SampleKey = SampleKey { seed: 42, epoch: 3, index: 7 };

fn normalizer() -> Normalizer {
    Normalizer::new(&Normalization { mean: vec![0.3], standard_deviation: vec![0.2] }, SHAPE)
        .unwrap()
}

fn pixels() -> Vec<u8> {
    (0..SHAPE.pixels()).map(|index| (index * 47 % 256) as u8).collect()
}

fn plain(pixels: &[u8]) -> Vec<f32> {
    let mut out = vec![0.0; SHAPE.pixels()];
    normalizer().apply(pixels, &mut out);
    out
}

fn augmented(config: &str, pixels: &[u8], key: SampleKey) -> Vec<f32> {
    let augmentation = toml::from_str::<AugmentConfig>(config).unwrap().build(SHAPE).unwrap();
    let mut out = vec![0.0; SHAPE.pixels()];
    augmentation.apply(&normalizer(), pixels, key, &mut out);
    out
}

const EVERYTHING: &str = "
    rotate = 15.0
    translate = 0.1
    scale = [0.8, 1.2]
    shear = 10.0
    elastic = { displacement = 1.0, smoothness = 2.0 }
    erase = { probability = 0.5, area = [0.1, 0.3] }
";

#[test]
fn no_distortion_changes_no_bit() {
    let idle = "
        rotate = 0.0
        translate = 0.0
        scale = [1.0, 1.0]
        shear = 0.0
        elastic = { displacement = 0.0, smoothness = 2.0 }
        erase = { probability = 0.0, area = [0.1, 0.3] }
    ";
    assert_eq!(augmented(idle, &pixels(), KEY), plain(&pixels()));
    assert_eq!(augmented("", &pixels(), KEY), plain(&pixels()));
}

#[test]
fn each_distortion_changes_something() {
    for config in [
        "rotate = 15.0",
        "translate = 0.1",
        "scale = [0.8, 0.9]",
        "shear = 10.0",
        "elastic = { displacement = 1.0, smoothness = 2.0 }",
        "erase = { probability = 1.0, area = [0.1, 0.3] }",
    ] {
        assert_ne!(augmented(config, &pixels(), KEY), plain(&pixels()), "{config}");
    }
}

#[test]
fn distortion_depends_on_seed_epoch_and_index_only() {
    let reference = augmented(EVERYTHING, &pixels(), KEY);
    assert_eq!(augmented(EVERYTHING, &pixels(), KEY), reference);
    for key in
        [SampleKey { seed: 1, ..KEY }, SampleKey { epoch: 4, ..KEY }, SampleKey { index: 8, ..KEY }]
    {
        assert_ne!(augmented(EVERYTHING, &pixels(), key), reference, "{key:?}");
    }
}

#[test]
fn setting_outside_its_range_is_named() {
    for (config, message) in [
        ("rotate = 200.0", "augment.rotate is 200: expected 0 to 180 degrees"),
        ("rotate = nan", "augment.rotate is NaN: expected 0 to 180 degrees"),
        ("translate = -0.1", "augment.translate is -0.1: expected 0 to 1 of the side"),
        (
            "scale = [1.2, 0.8]",
            "augment.scale is [1.2, 0.8]: expected [least, greatest] from 0.1 to 10",
        ),
        ("shear = 90.0", "augment.shear is 90: expected 0 to 60 degrees"),
        (
            "elastic = { displacement = 13.0, smoothness = 2.0 }",
            "augment.elastic.displacement is 13: expected 0 to 12 pixels",
        ),
        (
            "elastic = { displacement = 1.0, smoothness = 0.0 }",
            "augment.elastic.smoothness is 0: expected 0.5 to 12 pixels",
        ),
        (
            "erase = { probability = 2.0, area = [0.1, 0.2] }",
            "augment.erase.probability is 2: expected 0 to 1",
        ),
        (
            "erase = { probability = 1.0, area = [0.2, 1.1] }",
            "augment.erase.area is [0.2, 1.1]: expected [least, greatest] from 0 to 1",
        ),
    ] {
        let error = toml::from_str::<AugmentConfig>(config).unwrap().build(SHAPE).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn unknown_key_is_refused_and_absent_ones_stay_absent() {
    assert!(toml::from_str::<AugmentConfig>("rotation = 10.0").is_err());
    let config = AugmentConfig { rotate: Some(10.0), ..AugmentConfig::default() };
    assert_eq!(toml::to_string(&config).unwrap(), "rotate = 10.0\n");
}

#[test]
fn one_pixel_image_survives_every_distortion() {
    let shape = ImageShape { channels: 1, height: 1, width: 1 };
    let config = EVERYTHING
        .replace("smoothness = 2.0", "smoothness = 1.0")
        .replace("0.5, area", "0.0, area");
    let augmentation = toml::from_str::<AugmentConfig>(&config).unwrap().build(shape).unwrap();
    let normalizer =
        Normalizer::new(&Normalization { mean: vec![0.0], standard_deviation: vec![1.0] }, shape)
            .unwrap();
    let mut out = [0.0];
    augmentation.apply(&normalizer, &[255], KEY, &mut out);
    assert!((out[0] - 1.0).abs() < 1e-6);
}

proptest! {
    #[test]
    fn interpolation_stays_between_the_darkest_and_the_brightest_pixel(
        pixels in prop::collection::vec(any::<u8>(), SHAPE.pixels()),
        seed: u64,
        epoch: u64,
        index: u64,
    ) {
        let config = EVERYTHING.replace("probability = 0.5", "probability = 0.0");
        let plain = plain(&pixels);
        let low = plain.iter().copied().fold(f32::INFINITY, f32::min) - 1e-5;
        let high = plain.iter().copied().fold(f32::NEG_INFINITY, f32::max) + 1e-5;
        let out = augmented(&config, &pixels, SampleKey { seed, epoch, index });
        prop_assert!(out.iter().all(|value| (low..=high).contains(value)), "{:?}", out);
    }
}
