use burn_dataset::DatasetError;
use proptest::prelude::*;

use super::*;
use crate::augment::AugmentConfig;
use crate::image_set::ImageSet;
use crate::line_negatives::LineNegativesConfig;
use crate::normalization::Normalization;
use crate::outliers::OutliersConfig;
use crate::shape::ImageShape;
use crate::targets::{Label, Targets};

const SHAPE: ImageShape = ImageShape { channels: 1, height: 4, width: 4 };

/// A set in which every image is filled with its own index.
fn set(length: usize) -> ImageSet {
    let pixels = (0..length).flat_map(|index| [index as u8; 16]).collect();
    ImageSet::new(SHAPE, pixels, (0..length).map(|index| (index % 10) as u16).collect(), 10)
        .unwrap()
}

fn normalizer() -> Normalizer {
    Normalizer::new(
        &Normalization { mean: vec![0.0], standard_deviation: vec![1.0 / 255.0] },
        SHAPE,
    )
    .unwrap()
}

fn options(batch_size: usize, workers: usize) -> LoaderOptions {
    LoaderOptions {
        batch_size,
        workers,
        seed: 5,
        shuffle: true,
        augmentation: None,
        line_negatives: None,
        outliers: None,
    }
}

fn loader(length: usize, options: LoaderOptions) -> Loader {
    Loader::new(Arc::new(set(length)), (0..length).collect(), normalizer(), options).unwrap()
}

fn batches(loader: &Loader, epoch: u64) -> Vec<Batch> {
    loader.epoch(epoch).map(Result::unwrap).collect()
}

/// The index of every image, in the order of an epoch.
fn order(loader: &Loader, epoch: u64) -> Vec<usize> {
    let batches = batches(loader, epoch);
    batches
        .iter()
        .flat_map(|batch| batch.images.chunks(16))
        .map(|image| image[0].round() as usize)
        .collect()
}

#[test]
fn any_number_of_workers_gives_the_same_bytes() {
    let config: AugmentConfig =
        toml::from_str("translate = 0.2\nerase = { probability = 0.5, area = [0.1, 0.3] }")
            .unwrap();
    let with = |workers| {
        let augmentation = Some(config.build(SHAPE).unwrap());
        batches(&loader(103, LoaderOptions { augmentation, ..options(8, workers) }), 2)
    };
    let alone = with(0);
    assert_eq!(alone.len(), 13);
    for workers in [1, 2, 4, 20] {
        assert_eq!(with(workers), alone, "{workers} workers");
    }
}

#[test]
fn epochs_differ_in_order_and_distortion_but_repeat_themselves() {
    let plain = loader(100, options(7, 1));
    assert_ne!(order(&plain, 0), order(&plain, 1));
    assert_eq!(order(&plain, 1), order(&plain, 1));
    let config: AugmentConfig =
        toml::from_str("erase = { probability = 0.5, area = [0.2, 0.2] }").unwrap();
    let augmentation = Some(config.build(SHAPE).unwrap());
    let erasing = loader(100, LoaderOptions { shuffle: false, augmentation, ..options(7, 0) });
    assert_ne!(batches(&erasing, 0), batches(&erasing, 1));
}

#[test]
fn last_batch_is_smaller_not_lost() {
    let loader = loader(10, options(4, 2));
    assert_eq!((loader.num_items(), loader.num_batches()), (10, 3));
    let batches = batches(&loader, 0);
    assert_eq!(batches.iter().map(Batch::labelled).collect::<Vec<_>>(), [4, 4, 2]);
    assert_eq!((batches[2].images.len(), batches[2].shape), (32, SHAPE));
}

#[test]
fn without_shuffling_the_order_is_that_of_the_indices() {
    let options = LoaderOptions { shuffle: false, ..options(2, 2) };
    let loader = Loader::new(Arc::new(set(20)), vec![9, 3, 14], normalizer(), options).unwrap();
    assert_eq!(order(&loader, 0), [9, 3, 14]);
    assert_eq!(batches(&loader, 0)[0].targets, Targets::Classes(vec![9, 3]));
}

#[test]
fn dropping_early_stops_the_workers() {
    for taken in 0..4 {
        let loader = loader(200, options(1, 4));
        let mut batches = loader.epoch(0);
        assert!(batches.by_ref().take(taken).all(|batch| batch.is_ok()));
        drop(batches);
        assert_eq!(Arc::strong_count(&loader.0), 1, "a worker still holds the loader");
    }
}

#[test]
fn an_epoch_resumes_at_any_batch_with_the_same_bytes() {
    for workers in [0, 1, 3] {
        let loader = loader(95, options(10, workers));
        let whole: Vec<_> = loader.epoch(7).map(Result::unwrap).collect();
        for first in [0, 1, 4, 9, 10, 11] {
            let rest: Vec<_> = loader.epoch_from(7, first).map(Result::unwrap).collect();
            assert_eq!(rest, whole[first.min(10)..], "from batch {first} with {workers} workers");
        }
    }
}

/// A loader of `length` digits with line negatives.
fn with_negatives(length: usize, negatives: LineNegativesConfig, workers: usize) -> Loader {
    let shape = ImageShape { channels: 1, height: 28, width: 28 };
    let bar =
        |at: usize| (0..shape.pixels()).map(move |place| u8::from(place % 28 / 3 == at) * 255);
    let pixels = (0..length).flat_map(|index| bar(2 + index % 5)).collect();
    let set = ImageSet::new(shape, pixels, vec![0; length], 1).unwrap();
    let normalization = Normalization { mean: vec![0.0], standard_deviation: vec![1.0 / 255.0] };
    let normalizer = Normalizer::new(&normalization, shape).unwrap();
    let line_negatives = Some(negatives.build(shape).unwrap());
    let options = LoaderOptions { line_negatives, ..options(8, workers) };
    Loader::new(Arc::new(set), (0..length).collect(), normalizer, options).unwrap()
}

#[test]
fn negatives_follow_the_labelled_images() {
    let negatives = LineNegativesConfig { partial: 0.0, invalid: 0.25 };
    let batches = batches(&with_negatives(28, negatives, 0), 1);
    for batch in &batches {
        assert_eq!(batch.labelled_images().len(), 784 * batch.labelled());
        assert_eq!(batch.negative_images().len(), 784 * batch.negatives());
    }
    let counts = batches.iter().map(|batch| (batch.labelled(), batch.images.len() / 784));
    assert_eq!(counts.collect::<Vec<_>>(), [(8, 10), (8, 10), (8, 10), (4, 5)]);
}

#[test]
fn as_many_images_are_partial_as_asked_for() {
    let changed = |partial| {
        let config = LineNegativesConfig { partial, invalid: 0.0 };
        let plain = batches(&with_negatives(400, LineNegativesConfig::default(), 0), 1);
        let partial = batches(&with_negatives(400, config, 0), 1);
        let pairs = plain.iter().zip(&partial).flat_map(|(plain, partial)| {
            plain.images.chunks_exact(784).zip(partial.images.chunks_exact(784))
        });
        pairs.filter(|(plain, partial)| plain != partial).count()
    };
    assert_eq!(changed(0.0), 0);
    assert!((60..140).contains(&changed(0.25)), "{}", changed(0.25));
}

#[test]
fn negatives_are_the_same_with_any_number_of_workers() {
    let negatives = LineNegativesConfig { partial: 0.5, invalid: 0.5 };
    let expected = batches(&with_negatives(40, negatives, 0), 3);
    for workers in [1, 3] {
        assert_eq!(batches(&with_negatives(40, negatives, workers), 3), expected);
    }
    assert_ne!(batches(&with_negatives(40, negatives, 0), 4), expected);
}

/// A loader of ten images, each filled with its index, with this `[augment]` section.
fn augmenting(config: &str, workers: usize) -> Loader {
    let config: AugmentConfig = toml::from_str(config).unwrap();
    let augmentation = Some(config.build(SHAPE).unwrap());
    loader(10, LoaderOptions { augmentation, shuffle: false, ..options(5, workers) })
}

#[test]
fn mixed_images_come_with_the_class_and_the_share_of_their_partner() {
    let mixing = augmenting("mixup = { probability = 0.7, alpha = 1.0 }", 0);
    let mut mixed = 0;
    for batch in batches(&mixing, 1).iter().chain(&batches(&mixing, 2)) {
        let Partners { targets, shares } = batch.partners.as_ref().unwrap();
        assert_eq!((targets.len(), shares.len()), (5, 5));
        for (place, &share) in shares.iter().enumerate() {
            let [own, other] = [&batch.targets, targets].map(|it| f32::from(it.classes(place)[0]));
            let value = batch.images[place * 16];
            assert!((value - (share * own + (1.0 - share) * other)).abs() < 1e-4);
            assert!(share < 1.0 || targets.label(place) == batch.targets.label(place));
            mixed += usize::from(share < 1.0);
        }
    }
    assert!((9..20).contains(&mixed), "{mixed} of 20");
    let none = augmenting("", 0);
    assert!(batches(&none, 1).iter().all(|batch| batch.partners.is_none()));
}

#[test]
fn views_follow_the_labelled_images_and_negatives_follow_them() {
    let views = batches(&augmenting("policy = 'augmix'", 0), 1);
    let plain = batches(&augmenting("", 0), 1);
    for (batch, plain) in views.iter().zip(&plain) {
        assert_eq!((batch.views, batch.labelled(), batch.negatives()), (2, 5, 0));
        assert_eq!(batch.images.len(), 3 * 5 * 16);
        assert_eq!(batch.labelled_images(), plain.labelled_images());
    }
    assert_eq!(batches(&augmenting("policy = 'augmix'", 3), 1), views);
}

#[test]
fn outliers_follow_the_line_negatives_and_are_the_same_with_any_number_of_workers() {
    let shape = ImageShape::MNIST;
    let outliers = OutliersConfig { glyphs: 0.25, scribbles: 0.25, ..OutliersConfig::default() };
    let with = |workers| {
        let loader =
            with_negatives(40, LineNegativesConfig { partial: 0.0, invalid: 0.25 }, workers);
        let mut options = loader.0.options.clone();
        options.outliers = Some(outliers.build(shape).unwrap());
        Loader::new(
            Arc::clone(&loader.0.set),
            (0..40).collect(),
            loader.0.normalizer.clone(),
            options,
        )
        .unwrap()
    };
    let expected = batches(&with(0), 3);
    assert!(expected.iter().all(|batch| batch.labelled() == 8 && batch.negatives() == 6));
    assert_eq!(batches(&with(3), 3), expected);
    assert_ne!(batches(&with(0), 4), expected);
    let lines =
        batches(&with_negatives(40, LineNegativesConfig { partial: 0.0, invalid: 0.25 }, 0), 3);
    for (all, lines) in expected.iter().zip(&lines) {
        assert_eq!(all.negative_images()[..2 * 784], *lines.negative_images());
    }
}

#[test]
fn a_slice_has_the_images_of_its_range() {
    let options = LoaderOptions { shuffle: false, ..options(10, 0) };
    let loader = loader(30, options);
    let whole: Vec<_> = loader.epoch(0).map(Result::unwrap).collect();
    let middle: Vec<_> = loader.slice(10, 20).epoch(0).map(Result::unwrap).collect();
    assert_eq!(middle, whole[1..2]);
    assert_eq!(loader.slice(25, 99).num_items(), 5);
}

#[test]
fn impossible_loader_is_refused() {
    let build = |indices, batch_size, side| {
        let shape = ImageShape { height: side, ..SHAPE };
        let augmentation = Some(AugmentConfig::default().build(shape).unwrap());
        let options = LoaderOptions { augmentation, ..options(batch_size, 0) };
        Loader::new(Arc::new(set(5)), indices, normalizer(), options).err()
    };
    assert!(build(vec![4], 1, 4).is_none());
    assert!(matches!(build(vec![4], 0, 4), Some(DataError::Setting { .. })));
    assert!(matches!(build(vec![], 1, 4), Some(DataError::NoImages)));
    assert!(matches!(
        build(vec![4, 5], 1, 4),
        Some(DataError::NoSuchImage { index: 5, length: 5 })
    ));
    assert!(matches!(build(vec![4], 1, 9), Some(DataError::ImageShape { .. })));
}

/// A set that fails at index 5.
struct Broken(fn() -> Result<LabelledImage, DatasetError>);

impl Dataset<LabelledImage> for Broken {
    fn get(&self, index: usize) -> Result<LabelledImage, DatasetError> {
        if index == 5 { (self.0)() } else { set(10).get(index) }
    }

    fn len(&self) -> usize {
        10
    }
}

/// The error at the third batch of two images.
fn error(workers: usize, how: fn() -> Result<LabelledImage, DatasetError>) -> String {
    let options = LoaderOptions { shuffle: false, ..options(2, workers) };
    let loader =
        Loader::new(Arc::new(Broken(how)), (0..10).collect(), normalizer(), options).unwrap();
    let mut batches = loader.epoch(0);
    assert!(batches.next().unwrap().is_ok() && batches.next().unwrap().is_ok());
    let error = batches.next().unwrap().unwrap_err();
    assert!(batches.next().is_none(), "continues after {error}");
    error.to_string()
}

#[test]
fn failing_dataset_ends_the_epoch_with_its_error() {
    for workers in [0, 1, 2, 4] {
        let message =
            error(workers, || Err(DatasetError::new(std::io::Error::other("disk on fire"))));
        assert_eq!(message, "cannot get image 5: disk on fire");
    }
}

#[test]
fn image_of_another_shape_is_an_error() {
    let message = error(2, || {
        let shape = ImageShape { height: 2, ..SHAPE };
        let image = crate::image::Image::new(shape, vec![0; 8]).unwrap();
        Ok(LabelledImage { image, label: Label::Class(0) })
    });
    assert_eq!(message, "image 5 is 1×2×4: expected 1×4×4");
}

#[test]
fn panicking_worker_is_an_error_not_a_hang() {
    for workers in [1, 2, 4] {
        assert_eq!(
            error(workers, || panic!("out of {}", "luck")),
            "a loader thread panicked: out of luck"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_epoch_has_each_image_exactly_once(
        length in 1..200_usize,
        batch_size in 1..50_usize,
        workers in 0..4_usize,
        epoch: u64,
        seed: u64,
    ) {
        let loader = loader(length, LoaderOptions { seed, ..options(batch_size, workers) });
        let mut order = order(&loader, epoch);
        order.sort_unstable();
        prop_assert_eq!(order, (0..length).collect::<Vec<_>>());
    }
}
