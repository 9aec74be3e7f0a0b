use data::SampleKey;
use proptest::prelude::*;

use super::*;
use crate::inspection::tests::{config, images};

/// Forty images of three classes; every fourth is held out.
fn forty() -> Images {
    let train: Vec<_> =
        (0..40).map(|index| ([index, 6 * index, 255], u16::from(index % 3))).collect();
    let held_out: Vec<_> = (0..40).step_by(4).collect();
    images(&train, &held_out, &[([0, 0, 0], 0)], 1)
}

#[test]
fn samples_are_training_images_class_by_class() {
    let images = forty();
    // Of class 0 there are 3, 6, 9, 15, 18, 21, 27, 30, 33 and 39 to learn from.
    assert_eq!(every_class(&images, 2)[..2], [3, 21]);
    let all = every_class(&images, 100);
    assert_eq!(all.len(), 30);
    assert!(all.is_sorted_by_key(|index| (index % 3, *index)), "{all:?}");
}

#[test]
fn copies_without_distortion_are_the_originals() {
    let given = "normalization = { mean = [0.2], standard_deviation = [0.7] }";
    let (images, originals) = (forty(), [3, 21, 5]);
    let augmentation = data::AugmentConfig::default().build(images.source.train.shape()).unwrap();
    let augmentation = TrainingAugmentation {
        augmentation: Some(augmentation),
        line_negatives: None,
        outliers: None,
    };
    let copies = augmented_copies(&config(given), &images, &originals, augmentation).unwrap();
    let set = &images.source.train;
    let expected = originals.map(|index| set.image(index).unwrap().into_pixels()).concat();
    assert_eq!(copies, vec![expected; COPIES as usize]);
}

#[test]
fn copies_are_those_of_the_first_epochs_of_training() {
    let config =
        config("[augment]\ntranslate = 0.5\nerase = { probability = 0.5, area = [0.1, 0.5] }");
    let (images, originals) = (forty(), [3, 21]);
    let set = &images.source.train;
    let augmentation = config.augment.as_ref().unwrap().build(set.shape()).unwrap();
    let training = TrainingAugmentation {
        augmentation: Some(augmentation.clone()),
        line_negatives: None,
        outliers: None,
    };
    let copies = augmented_copies(&config, &images, &originals, training).unwrap();
    let normalization = images.normalization(&config.dataset);
    let normalizer = Normalizer::new(&normalization, set.shape()).unwrap();
    for (copy, epoch) in copies.iter().zip(1..) {
        for (copy, index) in copy.chunks_exact(3).zip(originals) {
            let mut image = [0.0; 3];
            let key = SampleKey { seed: 42, epoch, index: index as u64 };
            augmentation.apply(&normalizer, &set.pixels(index).unwrap(), key, &mut image);
            assert_eq!(copy, pixels(&image, set.shape(), &normalization));
        }
    }
    assert!(copies.windows(2).any(|pair| pair[0] != pair[1]));
}

#[test]
fn channels_are_denormalized_each_by_its_own_figures() {
    let shape = ImageShape { channels: 2, height: 1, width: 2 };
    let (mean, standard_deviation) = (vec![0.0, 0.5], vec![1.0, 0.5]);
    let normalization = Normalization { mean, standard_deviation };
    let values = [0.2, 7.0, -1.0, 0.0, -0.1, 1.0, 1.0, -9.0];
    let expected = [51, 255, 0, 128, 0, 255, 255, 0];
    assert_eq!(pixels(&values, shape, &normalization), expected);
}

proptest! {
    #[test]
    fn even_choices_are_distinct_and_spread(length in 0_usize..300, count in 1_usize..50) {
        let indices: Vec<usize> = (0..length).collect();
        let chosen = evenly(&indices, count);
        prop_assert_eq!(chosen.len(), count.min(length));
        let gaps: Vec<_> = chosen.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let (least, most) = (gaps.iter().min(), gaps.iter().max());
        prop_assert!(least.is_none_or(|least| *least > 0 && most <= Some(&(least + 1))));
    }
}
