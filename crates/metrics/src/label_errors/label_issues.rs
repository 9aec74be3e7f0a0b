//! The labels that are probably wrong.

use super::confident_joint::{ConfidentJoint, TOLERANCE, round_keeping_sum};
use super::label_quality::{normalized_margin, self_confidence};
use crate::Predictions;

/// How the images are chosen whose labels are probably wrong (section 3.2 of the paper).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pruning {
    /// For each given label and each other class, as many images as the confident joint counts: those
    /// whose probability of the class exceeds that of the label most.
    NoiseRate,
    /// Those of them which are also, for each given label, among the images with the lowest probability
    /// of the label, as many as the confident joint counts wrong.
    Both,
}

/// An image whose label is probably wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelIssue {
    /// Index of the image.
    pub image: usize,
    /// Its label.
    pub given: usize,
    /// Its most probable class, another one.
    pub suggested: usize,
    /// Its [`normalized_margin`], 0 to 0.5: the lower, the more likely the label is wrong.
    pub score: f64,
}

/// The labels that are probably wrong, in out-of-sample `predictions`, of which `joint` is the
/// confident joint. The most likely is the first. A label with the highest probability is never
/// among them, nor is that of a class's only image.
#[must_use]
pub fn label_issues(
    predictions: &Predictions,
    joint: &ConfidentJoint,
    pruning: Pruning,
) -> Vec<LabelIssue> {
    let classes = predictions.classes();
    let mut members = vec![Vec::new(); classes];
    for (image, &label) in predictions.labels().iter().enumerate() {
        members[label].push(image);
    }
    let counts = prune_counts(joint);
    let mut chosen = vec![false; predictions.len()];
    for (given, members) in members.iter().enumerate().filter(|(_, members)| members.len() > 1) {
        for actual in (0..classes).filter(|&actual| actual != given) {
            let excess = |&image: &usize| {
                let probabilities = predictions.probabilities(image);
                probabilities[given] - probabilities[actual]
            };
            for image in lowest(members, counts[actual * classes + given], excess) {
                chosen[image] = true;
            }
        }
        if pruning == Pruning::Both {
            let wrong = members.len().saturating_sub(counts[given * classes + given]);
            let mut unlikely = lowest(members, wrong, |&image| self_confidence(predictions, image));
            unlikely.sort_unstable();
            for &image in members {
                chosen[image] &= unlikely.binary_search(&image).is_ok();
            }
        }
    }
    let mut issues: Vec<LabelIssue> = (0..predictions.len())
        .filter(|&image| chosen[image] && !is_most_probable(predictions, image))
        .map(|image| LabelIssue {
            image,
            given: predictions.labels()[image],
            suggested: predictions.predicted()[image],
            score: normalized_margin(predictions, image),
        })
        .collect();
    issues.sort_by(|one, other| one.score.total_cmp(&other.score));
    issues
}

/// The `count` members with the lowest values; of equal ones, the first.
fn lowest(members: &[usize], count: usize, value: impl Fn(&usize) -> f64) -> Vec<usize> {
    let mut order: Vec<(f64, usize)> = members.iter().map(|image| (value(image), *image)).collect();
    order.sort_by(|one, other| one.0.total_cmp(&other.0));
    order.into_iter().take(count).map(|(_, image)| image).collect()
}

/// Numbers of images to choose, `[true class, given label]`: the confident joint, but at least one
/// image of each label is right.
fn prune_counts(joint: &ConfidentJoint) -> Vec<usize> {
    let classes = joint.classes();
    let mut counts = vec![0.0; classes * classes];
    for given in 0..classes {
        let column: Vec<usize> = (0..classes).map(|actual| joint.count(given, actual)).collect();
        let added = column[given].max(1) - column[given];
        let wrong = column.iter().filter(|count| **count > 0).count().saturating_sub(1).max(1);
        for (actual, &count) in column.iter().enumerate() {
            let less = (count as f64 - added as f64 / wrong as f64).max(0.0);
            counts[actual * classes + given] =
                if actual == given { (count + added) as f64 } else { less };
        }
    }
    counts.chunks_exact(classes).flat_map(round_keeping_sum).collect()
}

/// Whether no class is more probable than the label.
fn is_most_probable(predictions: &Predictions, image: usize) -> bool {
    let largest = predictions.confidence(image);
    self_confidence(predictions, image) + TOLERANCE >= largest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::predictions::of_rows;

    #[test]
    fn wrong_labels_are_found_worst_first() {
        let mut labels = vec![0; 10];
        labels.extend(vec![1; 10]);
        let mut rows: Vec<[f64; 2]> = labels
            .iter()
            .enumerate()
            .map(|(image, label)| {
                let sure = 0.9 + 0.005 * image as f64;
                if *label == 0 { [sure, 1.0 - sure] } else { [1.0 - sure, sure] }
            })
            .collect();
        rows[3] = [0.1, 0.9];
        rows[15] = [0.99, 0.01];
        let predictions = of_rows(&labels, &rows);
        let joint = ConfidentJoint::of(&predictions);
        for pruning in [Pruning::NoiseRate, Pruning::Both] {
            let issues = label_issues(&predictions, &joint, pruning);
            let found: Vec<_> =
                issues.iter().map(|issue| (issue.image, issue.given, issue.suggested)).collect();
            assert_eq!(found, [(15, 1, 0), (3, 0, 1)]);
            assert!(issues[0].score < issues[1].score && issues[1].score < 0.5);
        }
    }

    proptest! {
        #[test]
        fn issues_are_ranked_and_disagree_with_their_labels(
            labels in prop::collection::vec(0_usize..3, 1..60), seed in 0_u64..1000,
        ) {
            let weight = |image: u64, class: u64| 1 + (seed + 7 * image + 13 * class * image) % 17;
            let rows: Vec<[f64; 3]> = (0..labels.len() as u64)
                .map(|image| {
                    let weights = [0, 1, 2].map(|class| weight(image, class) as f64);
                    weights.map(|weight| weight / weights.iter().sum::<f64>())
                })
                .collect();
            let predictions = of_rows(&labels, &rows);
            let joint = ConfidentJoint::of(&predictions);
            prop_assert!(joint.wrong_labels() < labels.len());
            let by_rate = label_issues(&predictions, &joint, Pruning::NoiseRate);
            let by_both = label_issues(&predictions, &joint, Pruning::Both);
            prop_assert!(by_rate.iter().all(|issue| issue.given != issue.suggested));
            prop_assert!(by_rate.is_sorted_by(|one, other| one.score <= other.score));
            prop_assert!(by_both.iter().all(|issue| by_rate.contains(issue)));
        }
    }
}
