//! Properties that hold for any labels and probabilities.
#![allow(clippy::unwrap_used)]

use metrics::{ConfusionMatrix, Curves, Metrics, Predictions, misclassifications, wilson_interval};
use proptest::prelude::*;

/// Labels and weights of the classes, `[image][class]`.
#[derive(Clone, Debug)]
struct Images {
    classes: usize,
    images: Vec<(usize, Vec<u8>)>,
}

impl Images {
    fn predictions(&self) -> Predictions {
        let names = (0..self.classes).map(|class| format!("class {class}")).collect();
        let labels = self.images.iter().map(|(label, _)| *label).collect();
        let probabilities = self.images.iter().flat_map(|(_, weights)| {
            let sum: f64 = weights.iter().copied().map(f64::from).sum();
            weights.iter().map(move |weight| f64::from(*weight) / sum)
        });
        Predictions::new(names, labels, probabilities.collect()).unwrap()
    }
}

/// Few distinct weights, so that many probabilities are equal and some are 0.
fn images() -> impl Strategy<Value = Images> {
    (1_usize..7).prop_flat_map(|classes| {
        let weights = prop::collection::vec(0_u8..6, classes)
            .prop_filter("probabilities add up to 1", |weights| weights.iter().any(|one| *one > 0));
        prop::collection::vec((0..classes, weights), 0..60)
            .prop_map(move |images| Images { classes, images })
    })
}

fn close(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-12,
        (one, other) => one == other,
    }
}

proptest! {
    #[test]
    fn confusion_matrix_has_every_image_once(images in images()) {
        let predictions = images.predictions();
        let confusion = ConfusionMatrix::of(&predictions);
        let classes = 0..confusion.classes();
        prop_assert_eq!(confusion.images(), predictions.len());
        let labels: usize = classes.clone().map(|class| confusion.label_count(class)).sum();
        let predicted: usize = classes.map(|class| confusion.predicted_count(class)).sum();
        prop_assert_eq!((labels, predicted), (predictions.len(), predictions.len()));
        let wrong: usize = confusion.most_confused().iter().map(|pair| pair.count).sum();
        prop_assert_eq!(wrong + confusion.correct(), predictions.len());
        prop_assert_eq!(wrong, misclassifications(&predictions).len());
    }

    #[test]
    fn micro_averages_and_weighted_recall_are_the_accuracy(images in images()) {
        let metrics = Metrics::of(&images.predictions());
        if let Some(averages) = metrics.averages {
            let micro = averages.micro_average;
            for figure in
                [micro.precision, micro.recall, micro.f1, averages.weighted_average.recall]
            {
                prop_assert!(close(Some(figure), metrics.accuracy), "{figure}");
            }
        }
    }

    #[test]
    fn figures_stay_in_their_range(images in images()) {
        let metrics = Metrics::of(&images.predictions());
        let shares = [
            metrics.accuracy,
            metrics.error,
            metrics.top_2_accuracy,
            metrics.top_3_accuracy,
            metrics.expected_calibration_error,
            metrics.auc.macro_average,
            metrics.auc.micro_average,
            metrics.average_precision.macro_average,
            metrics.average_precision.micro_average,
            metrics.brier_score.map(|score| score / 2.0),
            metrics.matthews_correlation.map(f64::abs),
        ];
        for share in shares.into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&share), "{share}");
        }
        prop_assert!(metrics.accuracy <= metrics.top_2_accuracy);
        prop_assert!(metrics.top_2_accuracy <= metrics.top_3_accuracy);
        if let Some(cross_entropy) = metrics.cross_entropy {
            prop_assert!((0.0..36.05).contains(&cross_entropy), "{cross_entropy}");
        }
    }

    #[test]
    fn order_of_images_changes_nothing(
        (images, shuffled) in images().prop_flat_map(|images| {
            let shuffled = Just(images.images.clone()).prop_shuffle();
            (Just(images), shuffled)
        })
    ) {
        let other = Images { classes: images.classes, images: shuffled }.predictions();
        let predictions = images.predictions();
        prop_assert_eq!(Curves::of(&predictions), Curves::of(&other));
        let (metrics, other) = (Metrics::of(&predictions), Metrics::of(&other));
        prop_assert!(close(metrics.cross_entropy, other.cross_entropy));
        prop_assert!(close(metrics.brier_score, other.brier_score));
        prop_assert!(
            close(metrics.expected_calibration_error, other.expected_calibration_error)
        );
        // Sums of floats depend on the order of their terms, in the last digits.
        let other = Metrics {
            cross_entropy: metrics.cross_entropy,
            brier_score: metrics.brier_score,
            expected_calibration_error: metrics.expected_calibration_error,
            ..other
        };
        prop_assert_eq!(metrics, other);
    }

    #[test]
    fn mistakes_are_all_wrong_answers_the_surest_first(images in images()) {
        let predictions = images.predictions();
        let misclassifications = misclassifications(&predictions);
        prop_assert!(misclassifications.iter().all(|misclassification| misclassification.label != misclassification.predicted));
        let sorted = misclassifications.is_sorted_by(|one, other| {
            one.confidence > other.confidence
                || one.confidence >= other.confidence && one.index < other.index
        });
        prop_assert!(sorted, "{misclassifications:?}");
    }

    #[test]
    fn wilson_interval_contains_the_share_within_zero_and_one(
        (successes, trials) in (1_usize..100_000).prop_flat_map(|trials| (0..=trials, Just(trials)))
    ) {
        let interval = wilson_interval(successes, trials).unwrap();
        let share = successes as f64 / trials as f64;
        prop_assert!(0.0 <= interval.low && interval.low <= share, "{interval:?}");
        prop_assert!(share <= interval.high && interval.high <= 1.0, "{interval:?}");
        prop_assert!(interval.low < interval.high);
    }
}
