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
    flip = { horizontal = 0.5, vertical = 0.5 }
    invert = 0.5
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

/// Every change of levels with a probability of 1, and strengths that leave an image as it is and that
/// do not; empty where no strength does.
const LEVELS: [(&str, &str, &str); 20] = [
    ("thickness", "[0.0, 0.0]", "[1.0, 1.0]"),
    ("outline", "[0.0, 0.0]", "[0.5, 1.0]"),
    ("strokes", "", "[2.0, 2.0]"),
    ("blobs", "", "[0.3, 0.3]"),
    ("random_convolution", "[0.0, 0.0]", "[1.0, 1.0]"),
    ("background", "[0.0, 0.0]", "[0.5, 0.5]"),
    ("gradient", "[0.0, 0.0]", "[0.5, 0.5]"),
    ("contrast", "[1.0, 1.0]", "[0.5, 0.5]"),
    ("brightness", "[0.0, 0.0]", "[0.2, 0.2]"),
    ("gamma", "[1.0, 1.0]", "[2.0, 2.0]"),
    ("saturation", "[1.0, 1.0]", "[0.5, 0.5]"),
    ("hue", "[0.0, 0.0]", "[0.3, 0.3]"),
    ("disc_blur", "[0.0, 0.0]", "[1.5, 1.5]"),
    ("gaussian_blur", "", "[1.0, 1.0]"),
    ("motion_blur", "[1.0, 1.0]", "[4.0, 4.0]"),
    ("resampling", "[1.0, 1.0]", "[0.5, 0.5]"),
    ("gaussian_noise", "[0.0, 0.0]", "[0.2, 0.2]"),
    ("speckle_noise", "[0.0, 0.0]", "[0.2, 0.2]"),
    ("sensor_noise", "[0.0, 0.0]", "[0.2, 0.2]"),
    ("impulse_noise", "[0.0, 0.0]", "[0.2, 0.2]"),
];

const RGB: ImageShape = ImageShape { channels: 3, height: 9, width: 12 };

/// The levels, 0 to 1, of an RGB image that a config has augmented, and of the image itself.
fn levels_of_rgb(config: &str, index: u64) -> (Vec<f32>, Vec<f32>) {
    let normalization = Normalization { mean: vec![0.0; 3], standard_deviation: vec![1.0; 3] };
    let normalizer = Normalizer::new(&normalization, RGB).unwrap();
    let pixels: Vec<u8> = (0..RGB.pixels()).map(|at| (at * at * 47 % 256) as u8).collect();
    let augmentation = toml::from_str::<AugmentConfig>(config).unwrap().build(RGB).unwrap();
    let mut out = vec![0.0; RGB.pixels()];
    augmentation.apply(&normalizer, &pixels, SampleKey { index, ..KEY }, &mut out);
    (out, pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect())
}

fn largest_difference((one, other): &(Vec<f32>, Vec<f32>)) -> f32 {
    one.iter().zip(other).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}

#[test]
fn each_change_of_levels_has_its_strength_and_stays_in_range() {
    for (key, none, some) in LEVELS {
        let config = |probability: f32, range: &str| {
            format!("{key} = {{ probability = {probability:?}, range = {range} }}")
        };
        if !none.is_empty() {
            let unchanged = levels_of_rgb(&config(1.0, none), 1);
            assert!(largest_difference(&unchanged) < 1e-5, "{key}");
        }
        assert!(largest_difference(&levels_of_rgb(&config(0.0, some), 1)) < 1e-5, "{key}");
        let changed = levels_of_rgb(&config(1.0, some), 1);
        assert!(largest_difference(&changed) > 0.02, "{key}");
        assert!(changed.0.iter().all(|level| (-1e-6..=1.000_001).contains(level)), "{key}");
    }
    for config in ["invert = 1.0", "jpeg = { probability = 1.0, range = [5.0, 5.0] }"] {
        assert!(largest_difference(&levels_of_rgb(config, 1)) > 0.02, "{config}");
    }
}

#[test]
fn a_change_of_levels_happens_as_often_as_its_probability() {
    let config = "invert = 0.3";
    let changed =
        (0..1000).filter(|&index| largest_difference(&levels_of_rgb(config, index)) > 0.02).count();
    assert!((250..350).contains(&changed), "{changed} of 1000");
}

#[test]
fn a_partial_change_leaves_a_part_as_it_is() {
    let mut untouched = 0;
    for index in 0..100 {
        let (changed, original) = levels_of_rgb("invert = 1.0\npartial = 1.0", index);
        let is_either = |(changed, original): (&f32, &f32)| {
            (changed - original).abs() < 1e-5 || (changed + original - 1.0).abs() < 1e-5
        };
        assert!(changed.iter().zip(&original).all(is_either));
        let same = |(changed, original): &(&f32, &f32)| (*changed - *original).abs() < 1e-5;
        untouched += changed.iter().zip(&original).filter(same).count();
    }
    let share = untouched as f32 / 100.0 / RGB.pixels() as f32;
    assert!((0.3..0.7).contains(&share), "{share}");
}

#[test]
fn colours_are_not_changed_where_there_are_none() {
    for key in ["saturation", "hue"] {
        let config = format!("{key} = {{ probability = 1.0, range = [0.0, 0.1] }}");
        let error = toml::from_str::<AugmentConfig>(&config).unwrap().build(SHAPE).unwrap_err();
        let expected = format!("augment.{key} is 1 channel: expected images of 3 channels");
        assert!(error.to_string().starts_with(&expected), "{error}");
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
        ("flip = { horizontal = 1.5 }", "augment.flip.horizontal is 1.5: expected 0 to 1"),
        (
            "contrast = { probability = 0.5, range = [0.5, 9.0] }",
            "augment.contrast is [0.5, 9]: expected [least, greatest] from 0 to 5",
        ),
        (
            "jpeg = { probability = 1.5, range = [5.0, 9.0] }",
            "augment.jpeg is 1.5: expected 0 to 1 for probability",
        ),
        ("invert = 0.5\npartial = -1.0", "augment.partial is -1: expected 0 to 1"),
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
        .replace("0.5, area", "0.0, area")
        .replace("invert = 0.5", "");
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
        let config = EVERYTHING
            .replace("probability = 0.5", "probability = 0.0")
            .replace("invert = 0.5", "");
        let plain = plain(&pixels);
        let low = plain.iter().copied().fold(f32::INFINITY, f32::min) - 1e-5;
        let high = plain.iter().copied().fold(f32::NEG_INFINITY, f32::max) + 1e-5;
        let out = augmented(&config, &pixels, SampleKey { seed, epoch, index });
        prop_assert!(out.iter().all(|value| (low..=high).contains(value)), "{:?}", out);
    }
}
