use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::augment::AugmentConfig;
use crate::shape::ImageShape;

/// Two light strokes on a dark gradient, in every channel a little different.
fn strokes(channels: usize, height: usize, width: usize) -> Image {
    let shape = ImageShape { channels, height, width };
    let side = height.min(width) as f32;
    let pixels = (0..shape.pixels()).map(|at| {
        let (channel, row, column) = (at / shape.plane(), at / width % height, at % width);
        let x = (column as f32 + 0.5 - width as f32 / 2.0) / side;
        let y = (row as f32 + 0.5 - height as f32 / 2.0) / side;
        let is_ink = (x.abs() < 0.06 && y.abs() < 0.35)
            || ((y + 0.3).abs() < 0.06 && (-0.3..0.1).contains(&x));
        let ink = f32::from(u8::from(is_ink));
        (ink * (250.0 - 20.0 * channel as f32) + 5.0 * (x + 0.5)) as u8
    });
    Image::new(shape, pixels.collect()).unwrap()
}

/// Root mean square change of a pixel, over several indices; of an inversion, from the negative.
fn change(kind: Corruption, severity: usize, image: &Image) -> f64 {
    let indices = 0..16;
    // Its lowest severity is nearly the negative, and higher ones have less contrast.
    let reference: Vec<u8> = match kind {
        Corruption::Inversion => image.pixels().iter().map(|level| 255 - level).collect(),
        _ => image.pixels().to_vec(),
    };
    let differences = indices.clone().flat_map(|index| {
        let changed = kind.apply(severity, index, image);
        let pairs = reference.iter().zip(changed.pixels());
        pairs.map(|(one, other)| f64::from(one.abs_diff(*other)).powi(2)).collect::<Vec<_>>()
    });
    (differences.sum::<f64>() / (indices.len() * image.pixels().len()) as f64).sqrt()
}

#[test]
fn names_are_unique_and_families_stand_together() {
    let kinds = Corruption::all();
    let names: HashSet<&str> = kinds.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), Corruption::KINDS);
    assert_eq!(kinds.chunk_by(|a, b| a.family() == b.family()).count(), 4);
    for (index, kind) in kinds.into_iter().enumerate() {
        assert_eq!(kind as usize, index, "{}", kind.name());
    }
}

#[test]
fn every_kind_names_existing_keys_of_the_augmentation() {
    let schema = schemars::schema_for!(AugmentConfig);
    let keys = schema.as_value()["properties"].as_object().unwrap();
    for kind in Corruption::all() {
        let resembling = kind.resembling_augmentation();
        assert!(!resembling.is_empty(), "{}", kind.name());
        for key in resembling {
            assert!(keys.contains_key(*key), "{}: no key {key}", kind.name());
        }
    }
}

#[test]
fn severities_rise_on_images_of_any_size_in_grey_and_colours() {
    for (channels, side) in [(1, 28), (3, 32), (1, 64), (3, 64)] {
        let image = strokes(channels, side, side);
        for kind in Corruption::all() {
            let changes: Vec<f64> =
                (1..=Corruption::SEVERITIES).map(|at| change(kind, at, &image)).collect();
            assert!(changes[0] > 0.0, "{} on {side}: {changes:?}", kind.name());
            assert!(
                changes.windows(2).all(|pair| pair[1] > pair[0] * 0.97),
                "{} on {side}: {changes:?}",
                kind.name()
            );
            assert!(changes[4] > 1.2 * changes[0], "{} on {side}: {changes:?}", kind.name());
        }
    }
}

#[test]
fn the_same_image_is_always_corrupted_alike_and_others_differently() {
    let image = strokes(1, 28, 28);
    for kind in Corruption::all() {
        let apply = |index| kind.apply(3, index, &image);
        assert_eq!(apply(7), apply(7), "{}", kind.name());
        let is_random = !matches!(
            kind,
            Corruption::DefocusBlur
                | Corruption::Jpeg
                | Corruption::LowContrast
                | Corruption::Brightness
                | Corruption::Inversion
        );
        let different = (0..8).any(|index| apply(index) != apply(7));
        assert_eq!(different, is_random, "{}", kind.name());
        let images = [image.clone(), image.clone()];
        assert_eq!(kind.apply_all(3, &[7, 9], &images), [apply(7), apply(9)]);
    }
}

#[test]
fn all_kinds_differ_from_each_other() {
    let image = strokes(1, 28, 28);
    let corrupted: HashSet<Vec<u8>> =
        Corruption::all().iter().map(|kind| kind.apply(3, 0, &image).into_pixels()).collect();
    assert_eq!(corrupted.len(), Corruption::KINDS);
}

#[test]
fn shot_noise_counts_photons_of_the_right_mean() {
    let shape = ImageShape { channels: 1, height: 100, width: 100 };
    let grey = Image::new(shape, vec![102; shape.pixels()]).unwrap();
    for severity in 1..=4 {
        let noisy = Corruption::ShotNoise.apply(severity, 0, &grey);
        let mean = noisy.pixels().iter().map(|&level| f64::from(level)).sum::<f64>() / 1e4;
        // Levels above white are cut, more of them at higher severities.
        assert!((90.0..105.0).contains(&mean), "severity {severity}: {mean}");
    }
}

proptest! {
    #[test]
    fn any_image_keeps_its_shape(
        channels in prop_oneof![Just(1_usize), Just(3)],
        height in 1_usize..20,
        width in 1_usize..20,
        level in any::<u8>(),
        index in any::<usize>(),
        severity in 1_usize..=5,
    ) {
        let shape = ImageShape { channels, height, width };
        let pixels = (0..shape.pixels()).map(|at| level.wrapping_mul(at as u8 | 1)).collect();
        let image = Image::new(shape, pixels).unwrap();
        for kind in Corruption::all() {
            let changed = kind.apply(severity, index, &image);
            prop_assert_eq!(changed.shape(), shape);
            prop_assert_eq!(changed.pixels().len(), shape.pixels());
        }
    }
}
