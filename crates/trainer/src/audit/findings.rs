//! What an audit has found: issues from probabilities and features.

use data::ImageSet;
use metrics::numbers::{grouped, percent};
use metrics::{
    ConfidentJoint, FeatureMatrix, Metrics, Predictions, Pruning, label_issues, near_duplicates,
    neighbour_distances, normalized_margin,
};
use serde::Serialize;

use super::issue::{Issue, IssueKind};

/// The table of all issues, in the folder of the audit.
pub const ISSUES: &str = "issues.csv";
/// The table of the scores of all labels, in the folder of the audit.
pub const SCORES: &str = "scores.csv";

/// Images whose features have at least this cosine similarity are near-duplicates. Of copies planted
/// among 8,000 images of MNIST and of Fashion-MNIST, it finds all exact ones, 100 % and 94 % of those
/// with noise (a standard deviation of 5 grey levels), 100 % and 97.5 % of those brightened by a tenth,
/// and 0 and 15 of 7,200 images without a copy; 0.999 finds 88 and 953 of these. No threshold finds
/// copies that are shifted by a pixel.
const SIMILARITY: f32 = 0.9998;
/// Neighbours whose mean distance makes an outlier.
const NEIGHBOURS: usize = 10;
/// Distances above the third quartile by more than so many interquartile ranges are outliers: the
/// outer fence of Tukey, "Exploratory Data Analysis" (1977).
const FENCE: f64 = 3.0;

/// What an audit has found.
#[derive(Clone, Debug, Serialize)]
pub struct Findings {
    /// Number of audited images.
    pub images: usize,
    /// The share of out-of-sample predictions that agree with the labels, 0 to 1.
    pub accuracy: Option<f64>,
    /// The estimated number of wrong labels.
    pub wrong_labels: usize,
    /// Images to look at: labels, near-duplicates, outliers, each worst first.
    pub issues: Vec<Issue>,
    /// What the networks say about the label of every image.
    #[serde(skip)]
    pub(super) scores: Vec<ScoredLabel>,
}

/// What a network that was not trained on an image says about its label.
#[derive(Clone, Debug)]
pub(super) struct ScoredLabel {
    /// Index of the image in the training split.
    index: usize,
    /// Its file, if images are files.
    file: Option<String>,
    /// Its label.
    given: String,
    /// The most probable class.
    predicted: String,
    /// The normalized margin, 0 to 1: the lower, the more likely the label is wrong.
    score: f64,
}

impl Findings {
    /// From the out-of-sample `predictions` for all images of `set`, and their `features`.
    pub(super) fn new(
        set: &ImageSet,
        predictions: &Predictions,
        features: Option<&FeatureMatrix>,
    ) -> Self {
        let joint = ConfidentJoint::of(predictions);
        let names = predictions.class_names();
        let issue = |image: usize, kind, score| Issue {
            index: set.place(image),
            file: set.file(image).map(str::to_owned),
            given: names[predictions.labels()[image]].clone(),
            suggested: None,
            score,
            kind,
            similar_to: None,
            image,
        };
        let labels = label_issues(predictions, &joint, Pruning::NoiseRate);
        let mut issues: Vec<Issue> = labels
            .iter()
            .map(|found| Issue {
                suggested: Some(names[found.suggested].clone()),
                ..issue(found.image, IssueKind::Label, found.score)
            })
            .collect();
        if let Some(features) = features {
            let mut groups = near_duplicates(features, SIMILARITY);
            let closest = |group: &[metrics::NearDuplicate]| {
                group.iter().map(|image| image.similarity).fold(0.0, f32::max)
            };
            groups.sort_by(|one, other| closest(other).total_cmp(&closest(one)));
            issues.extend(groups.iter().flatten().map(|found| Issue {
                similar_to: Some(set.place(found.nearest)),
                ..issue(found.image, IssueKind::NearDuplicate, f64::from(found.similarity))
            }));
            let distances = neighbour_distances(features, predictions.predicted(), NEIGHBOURS);
            let outlying = outlying(&distances);
            issues.extend(
                outlying.iter().map(|&(image, score)| issue(image, IssueKind::Outlier, score)),
            );
        }
        let score = |image: usize| ScoredLabel {
            index: set.place(image),
            file: set.file(image).map(str::to_owned),
            given: names[predictions.labels()[image]].clone(),
            predicted: names[predictions.predicted()[image]].clone(),
            score: normalized_margin(predictions, image),
        };
        Self {
            images: set.len(),
            accuracy: Metrics::of(predictions).accuracy,
            wrong_labels: joint.wrong_labels(),
            issues,
            scores: (0..set.len()).map(score).collect(),
        }
    }

    /// The issues of a kind.
    pub fn of_kind(&self, kind: IssueKind) -> impl Iterator<Item = &Issue> {
        self.issues.iter().filter(move |issue| issue.kind == kind)
    }

    /// The contents of [`ISSUES`]: a row per issue.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn csv(&self) -> anyhow::Result<Vec<u8>> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let columns = ["index", "file", "given", "suggested", "score", "kind", "similar_to"];
        table.write_record(columns)?;
        for issue in &self.issues {
            let similar_to = issue.similar_to.map_or_else(String::new, |index| index.to_string());
            table.write_record([
                &issue.index.to_string(),
                issue.file.as_deref().unwrap_or_default(),
                &issue.given,
                issue.suggested.as_deref().unwrap_or_default(),
                &format!("{:.6}", issue.score),
                issue.kind.name(),
                &similar_to,
            ])?;
        }
        Ok(table.into_inner()?)
    }

    /// The contents of [`SCORES`]: a row per image, in their order.
    ///
    /// # Errors
    /// When memory runs out.
    pub fn scores_csv(&self) -> anyhow::Result<Vec<u8>> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(["index", "file", "given", "predicted", "score"])?;
        for ScoredLabel { index, file, given, predicted, score } in &self.scores {
            let file = file.as_deref().unwrap_or_default();
            let (index, score) = (index.to_string(), format!("{score:.6}"));
            table.write_record([index.as_str(), file, given, predicted, &score])?;
        }
        Ok(table.into_inner()?)
    }

    /// The findings for people.
    #[must_use]
    pub fn text(&self) -> String {
        let count = |kind| grouped(self.of_kind(kind).count() as u64);
        let images = grouped(self.images as u64);
        let accuracy = self.accuracy.map_or_else(|| "–".to_owned(), |share| percent(share, 2));
        format!(
            "{images} images, {accuracy} predicted as labelled by networks that were not trained on \
             them\nlabels that are probably wrong: {} (estimated: {})\nnear-duplicates: {}\noutliers: {}",
            count(IssueKind::Label),
            grouped(self.wrong_labels as u64),
            count(IssueKind::NearDuplicate),
            count(IssueKind::Outlier),
        )
    }
}

/// The images with distances above the fence, the farthest first.
fn outlying(distances: &[Option<f64>]) -> Vec<(usize, f64)> {
    let mut known: Vec<f64> = distances.iter().flatten().copied().collect();
    known.sort_by(f64::total_cmp);
    let Some(last) = known.len().checked_sub(1) else { return Vec::new() };
    let [first, third] = [1, 3].map(|quarter| known[last * quarter / 4]);
    let fence = third + FENCE * (third - first);
    let far = |(image, distance): (usize, &Option<f64>)| {
        distance.filter(|distance| *distance > fence).map(|distance| (image, distance))
    };
    let mut outlying: Vec<_> = distances.iter().enumerate().filter_map(far).collect();
    outlying.sort_by(|one, other| other.1.total_cmp(&one.1));
    outlying
}

#[cfg(test)]
mod tests {
    use data::ImageShape;

    use super::*;

    #[test]
    fn distances_beyond_the_fence_are_outliers() {
        let mut distances: Vec<_> = (0..20).map(|n| Some(f64::from(n) / 100.0)).collect();
        distances.extend([Some(2.0), None, Some(1.0)]);
        assert_eq!(outlying(&distances), [(20, 2.0), (22, 1.0)]);
        assert_eq!(outlying(&[None]), []);
    }

    #[test]
    fn findings_name_index_labels_and_kind() {
        let shape = ImageShape { channels: 1, height: 1, width: 1 };
        let labels: Vec<u16> = (0..40).map(|image| u16::from(image >= 20)).collect();
        let set = ImageSet::new(shape, vec![0; 40], labels.clone(), 2).unwrap();
        // Image 3 is labelled "a" and looks like "b".
        let sees_b = |image: usize| image == 3 || image >= 20;
        let rows = (0..40).flat_map(|image| {
            let sure = if image == 3 { 0.99 } else { 0.9 + 0.001 * image as f64 };
            if sees_b(image) { [1.0 - sure, sure] } else { [sure, 1.0 - sure] }
        });
        let names = vec!["a".to_owned(), "b".to_owned()];
        let labels = labels.into_iter().map(usize::from).collect();
        let predictions = Predictions::new(names, labels, rows.collect()).unwrap();
        let features = (0..40_u8).flat_map(|image| [f32::from(image), 10.0]).collect();
        let features = FeatureMatrix::new(features, 2).unwrap();
        let findings = Findings::new(&set, &predictions, Some(&features));
        let csv = String::from_utf8(findings.csv().unwrap()).unwrap();
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!(lines[0], "index,file,given,suggested,score,kind,similar_to");
        assert!(lines[1].starts_with("3,,a,b,0.0") && lines[1].ends_with(",label,"), "{csv}");
        assert!(lines[2].contains(",near-duplicate,"), "{csv}");
        let scores = String::from_utf8(findings.scores_csv().unwrap()).unwrap();
        assert_eq!(scores.lines().count(), 41);
        assert!(scores.contains("\n3,,a,b,0.010000\n"), "{scores}");
        assert!(findings.text().contains("probably wrong: 1 (estimated: 1)"));
    }
}
