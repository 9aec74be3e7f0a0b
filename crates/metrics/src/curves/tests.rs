use proptest::prelude::*;

use super::*;
use crate::predictions::{certain, of_rows};

fn roc(curves: &BinaryCurves) -> Vec<(f64, f64)> {
    let points = curves.roc.points.iter();
    points.map(|point| (point.false_positive_rate, point.true_positive_rate)).collect()
}

fn precision_recall(curves: &BinaryCurves) -> Vec<(f64, f64)> {
    let points = curves.precision_recall.points.iter();
    points.map(|point| (point.recall, point.precision)).collect()
}

#[test]
fn curves_go_by_falling_threshold() {
    let scores = [(0.9, true), (0.8, false), (0.7, true), (0.1, false)];
    let curves = BinaryCurves::of(scores.into_iter()).unwrap();
    assert_eq!(roc(&curves), [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)]);
    assert_eq!(
        precision_recall(&curves),
        [(0.0, 1.0), (0.5, 1.0), (0.5, 0.5), (1.0, 2.0 / 3.0), (1.0, 0.5)]
    );
    assert!((curves.roc.area - 0.75).abs() < 1e-12);
    assert!((curves.precision_recall.average_precision - 5.0 / 6.0).abs() < 1e-12);
}

#[test]
fn equal_scores_are_one_slanted_line_of_area_one_half() {
    let scores = [(0.5, true), (0.5, false), (0.5, false), (0.5, false)];
    let curves = BinaryCurves::of(scores.into_iter()).unwrap();
    assert_eq!(roc(&curves), [(0.0, 0.0), (1.0, 1.0)]);
    assert!((curves.roc.area - 0.5).abs() < 1e-12);
    assert!((curves.precision_recall.average_precision - 0.25).abs() < 1e-12);
}

#[test]
fn all_right_is_area_one_and_all_wrong_zero() {
    let right = Curves::of(&certain(2, &[0, 1, 1], &[0, 1, 1]));
    assert_eq!((right.macro_auc(), right.macro_average_precision()), (Some(1.0), Some(1.0)));
    let wrong = Curves::of(&certain(2, &[0, 1, 1], &[1, 0, 0]));
    assert_eq!(wrong.macro_auc(), Some(0.0));
}

#[test]
fn class_that_no_image_has_is_not_averaged() {
    let rows = [[0.6, 0.1, 0.3], [0.5, 0.2, 0.3], [0.3, 0.3, 0.4], [0.4, 0.5, 0.1]];
    let curves = Curves::of(&of_rows(&[0, 0, 2, 2], &rows));
    assert!(curves.classes[1].is_none());
    let areas = [0, 2].map(|class: usize| curves.classes[class].as_ref().unwrap().roc.area);
    assert!((curves.macro_auc().unwrap() - f64::midpoint(areas[0], areas[1])).abs() < 1e-12);
}

#[test]
fn images_of_one_class_have_only_a_micro_average() {
    let curves = Curves::of(&of_rows(&[0, 0], &[[0.6, 0.4], [0.3, 0.7]]));
    assert_eq!(curves.classes, [None, None]);
    assert_eq!((curves.macro_auc(), curves.macro_average_precision()), (None, None));
    // The positives 0.6 and 0.3 against the negatives 0.4 and 0.7.
    assert!((curves.micro.unwrap().roc.area - 0.25).abs() < 1e-12);
}

#[test]
fn one_class_only_and_no_images_have_no_curve() {
    for predictions in [certain(1, &[0, 0], &[0, 0]), certain(3, &[], &[])] {
        let curves = Curves::of(&predictions);
        assert!(curves.micro.is_none() && curves.classes.iter().all(Option::is_none));
        assert_eq!(curves.macro_auc(), None);
    }
}

fn scores() -> impl Strategy<Value = Vec<(f64, bool)>> {
    let score = prop_oneof![0.0..1.0, (0_u8..5).prop_map(|step| f64::from(step) / 4.0)];
    prop::collection::vec((score, any::<bool>()), 0..80)
}

proptest! {
    #[test]
    fn area_is_the_share_of_pairs_in_the_right_order(scores in scores()) {
        let side = |wanted| scores.iter().filter(move |(_, positive)| *positive == wanted);
        let pairs = mean(side(true).flat_map(|(positive, _)| {
            side(false).map(move |(negative, _)| match positive.total_cmp(negative) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            })
        }));
        let area = BinaryCurves::of(scores.iter().copied()).map(|curves| curves.roc.area);
        prop_assert_eq!(area.is_some(), pairs.is_some());
        if let (Some(area), Some(pairs)) = (area, pairs) {
            prop_assert!((area - pairs).abs() < 1e-12);
        }
    }

    #[test]
    fn figures_are_shares_and_curves_end_in_their_corners(scores in scores()) {
        if let Some(curves) = BinaryCurves::of(scores.into_iter()) {
            let average_precision = curves.precision_recall.average_precision;
            prop_assert!((0.0..=1.0).contains(&curves.roc.area));
            prop_assert!(average_precision > 0.0 && average_precision <= 1.0);
            let roc = roc(&curves);
            prop_assert_eq!((roc[0], roc[roc.len() - 1]), ((0.0, 0.0), (1.0, 1.0)));
            prop_assert!(roc.is_sorted_by(|one, other| one.0 <= other.0 && one.1 <= other.1));
        }
    }

    #[test]
    fn curves_see_only_the_order_of_scores(scores in scores()) {
        // Scores closer than a millionth could become equal by rounding.
        let grid = |score: f64| (score * 1e6).round() / 1e6;
        let plain = scores.iter().map(|(score, positive)| (grid(*score), *positive));
        let bent = plain.clone().map(|(score, positive)| ((3.0 * score).exp() + score, positive));
        prop_assert_eq!(BinaryCurves::of(plain), BinaryCurves::of(bent));
    }
}
