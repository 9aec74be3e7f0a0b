use super::*;

/// Three classes around the corners of a triangle, far from each other.
fn clouds(rows: usize) -> (Vec<f32>, Vec<usize>) {
    let corners = [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0)];
    let labels: Vec<usize> = (0..rows).map(|row| row % 3).collect();
    let point = |(row, &label): (usize, &usize)| {
        let turn = row as f32 * 2.4;
        [corners[label].0 + turn.cos(), corners[label].1 + turn.sin()]
    };
    (labels.iter().enumerate().flat_map(point).collect(), labels)
}

fn trained(classes: usize, strength: f32) -> (LinearClassifier, Vec<f32>, Vec<usize>) {
    let (features, labels) = clouds(60);
    let examples = Examples { features: &features, labels: &labels };
    let settings = Settings { strength, ..Settings::default() };
    let classifier = LinearClassifier::train(examples, classes, &settings).unwrap();
    (classifier, features, labels)
}

#[test]
fn separable_classes_are_separated() {
    let (classifier, features, labels) = trained(3, 1e-3);
    let score = classifier.score(Examples { features: &features, labels: &labels }).unwrap();
    assert!(score.accuracy > 0.999 && score.loss < 0.1, "{score:?}");
}

#[test]
fn the_first_step_does_not_overshoot_on_many_features_of_any_scale() {
    let (features, labels) = clouds(3000);
    let features: Vec<f32> = features.iter().flat_map(|&value| [value * 1e4; 50]).collect();
    let examples = Examples { features: &features, labels: &labels };
    let classifier = LinearClassifier::train(examples, 3, &Settings::default()).unwrap();
    let score = classifier.score(examples).unwrap();
    assert!(score.accuracy > 0.999 && score.loss < 0.1, "{score:?}");
}

#[test]
fn probabilities_add_up_to_one() {
    let (classifier, features, _) = trained(3, 1e-3);
    for row in classifier.probabilities(&features).unwrap().chunks_exact(3) {
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{row:?}");
    }
}

#[test]
fn probabilities_follow_the_share_of_classes_where_features_say_nothing() {
    let (features, labels) = (vec![1.0; 8], [0, 1, 1, 1, 0, 1, 1, 1]);
    let examples = Examples { features: &features, labels: &labels };
    let settings = Settings { strength: 1e-6, ..Settings::default() };
    let classifier = LinearClassifier::train(examples, 2, &settings).unwrap();
    let probabilities = classifier.probabilities(&[1.0]).unwrap();
    assert!((probabilities[1] - 0.75).abs() < 1e-2, "{probabilities:?}");
}

#[test]
fn a_class_without_examples_is_impossible() {
    let (classifier, features, _) = trained(4, 1e-3);
    for row in classifier.probabilities(&features).unwrap().chunks_exact(4) {
        assert!(row[3] == 0.0 && row.iter().all(|value| value.is_finite()), "{row:?}");
    }
}

#[test]
fn a_greater_strength_makes_answers_less_certain() {
    let loss = |strength| {
        let (classifier, features, labels) = trained(3, strength);
        classifier.score(Examples { features: &features, labels: &labels }).unwrap().loss
    };
    assert!(loss(1.0) > loss(0.01));
}

#[test]
fn training_twice_gives_the_same_classifier() {
    assert_eq!(trained(3, 1e-3).0, trained(3, 1e-3).0);
}

#[test]
fn features_that_make_no_whole_rows_are_refused() {
    let (classifier, features, _) = trained(3, 1e-3);
    assert!(matches!(
        classifier.probabilities(&features[1..]),
        Err(BaselineError::Columns { values: 119, columns: 2 })
    ));
}

#[test]
fn rows_of_another_length_than_in_training_are_refused() {
    let (classifier, features, labels) = trained(3, 1e-3);
    assert!(matches!(
        classifier.score(Examples { features: &features, labels: &labels[..30] }),
        Err(BaselineError::Columns { values: 120, columns: 2 })
    ));
}

#[test]
fn a_strength_below_zero_is_refused() {
    let (features, labels) = clouds(6);
    let settings = Settings { strength: -1.0, ..Settings::default() };
    assert!(matches!(
        LinearClassifier::train(Examples { features: &features, labels: &labels }, 3, &settings),
        Err(BaselineError::Strength { value }) if value < 0.0
    ));
}
