//! Accuracy on corrupted images, by kind and severity.

use serde::Serialize;

use crate::mean::mean;
use crate::numbers::percent;

/// The severity at which kinds are compared.
pub const MIDDLE_SEVERITY: usize = 3;

/// Accuracy under one kind of corruption.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorruptionAccuracy {
    /// Name of the kind.
    pub name: &'static str,
    /// Name of its family.
    pub family: &'static str,
    /// Accuracy at each severity, 1 to 5.
    pub accuracy: [f64; 5],
    /// Mean over the severities.
    pub mean: f64,
    /// Keys of the training's augmentation that resemble the kind; `None` if the training is not
    /// known.
    pub trained_with: Option<Vec<&'static str>>,
}

/// The kind with the lowest accuracy at one severity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorstCorruption {
    /// Name of the kind.
    pub name: &'static str,
    /// The severity.
    pub severity: usize,
    /// Accuracy under it.
    pub accuracy: f64,
}

/// The mean over the kinds that a training's augmentation does not resemble.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct UnseenCorruptions {
    /// Number of these kinds.
    pub kinds: usize,
    /// Mean accuracy over them and all severities.
    pub mean: f64,
}

/// Accuracy on corrupted images.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorruptionMetrics {
    /// Accuracy on the same images without corruption.
    pub clean_accuracy: f64,
    /// Mean over all kinds and severities.
    pub mean: f64,
    /// The worst kind at [`MIDDLE_SEVERITY`].
    pub worst: Option<WorstCorruption>,
    /// Kinds that the training's augmentation does not resemble; `None` if there are none, or the
    /// training is not known.
    pub unseen: Option<UnseenCorruptions>,
    /// Each kind, family by family.
    pub kinds: Vec<CorruptionAccuracy>,
}

/// Accuracy under the kinds of a family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FamilyAccuracy<'a> {
    /// Name of the family.
    pub name: &'static str,
    /// Mean over the kinds at each severity.
    pub accuracy: [f64; 5],
    /// Mean over kinds and severities.
    pub mean: f64,
    /// The kinds.
    pub kinds: &'a [CorruptionAccuracy],
}

impl<'a> FamilyAccuracy<'a> {
    fn of(kinds: &'a [CorruptionAccuracy]) -> Self {
        let at = |severity| mean(kinds.iter().map(|kind| kind.accuracy[severity]));
        Self {
            name: kinds.first().map_or("", |kind| kind.family),
            accuracy: std::array::from_fn(|severity| at(severity).unwrap_or_default()),
            mean: mean(kinds.iter().map(|kind| kind.mean)).unwrap_or_default(),
            kinds,
        }
    }
}

impl CorruptionAccuracy {
    /// Accuracy by severity under the kind `name` of `family`.
    #[must_use]
    pub fn new(
        [name, family]: [&'static str; 2],
        accuracy: [f64; 5],
        trained_with: Option<Vec<&'static str>>,
    ) -> Self {
        let mean = mean(accuracy.into_iter()).unwrap_or_default();
        Self { name, family, accuracy, mean, trained_with }
    }
}

impl CorruptionMetrics {
    /// The figures of these kinds.
    #[must_use]
    pub fn new(clean_accuracy: f64, kinds: Vec<CorruptionAccuracy>) -> Self {
        let at = |kind: &CorruptionAccuracy| kind.accuracy[MIDDLE_SEVERITY - 1];
        let worst = kinds.iter().min_by(|a, b| at(a).total_cmp(&at(b))).map(|kind| {
            WorstCorruption { name: kind.name, severity: MIDDLE_SEVERITY, accuracy: at(kind) }
        });
        let is_unseen =
            |kind: &&CorruptionAccuracy| kind.trained_with.as_ref().is_some_and(Vec::is_empty);
        let unseen: Vec<f64> = kinds.iter().filter(is_unseen).map(|kind| kind.mean).collect();
        Self {
            clean_accuracy,
            mean: mean(kinds.iter().map(|kind| kind.mean)).unwrap_or_default(),
            worst,
            unseen: mean(unseen.iter().copied())
                .map(|mean| UnseenCorruptions { kinds: unseen.len(), mean }),
            kinds,
        }
    }

    /// Whether the training's augmentation is known.
    #[must_use]
    pub fn knows_training(&self) -> bool {
        self.kinds.iter().any(|kind| kind.trained_with.is_some())
    }

    /// The table that people see: its headings, and its rows, a family's above those of its kinds.
    /// Shares have this many decimals; `kind_name` makes the name of a kind a cell.
    pub fn table(
        &self,
        decimals: usize,
        kind_name: impl Fn(&str) -> String,
    ) -> (Vec<String>, Vec<Vec<String>>) {
        let knows_training = self.knows_training();
        let keys = knows_training.then_some("trained with");
        let headings = ["kind", "1", "2", "3", "4", "5", "mean"].into_iter().chain(keys);
        let row = |name: String, accuracy: &[f64], mean: f64, keys: Option<&[&str]>| {
            let shares = accuracy.iter().chain([&mean]).map(|&share| percent(share, decimals));
            let keys = keys.map(|keys| keys.join(", "));
            [name].into_iter().chain(shares).chain(keys).collect()
        };
        let mut rows = Vec::new();
        for family in self.families() {
            let no_keys = knows_training.then_some(&[][..]);
            rows.push(row(family.name.to_owned(), &family.accuracy, family.mean, no_keys));
            rows.extend(family.kinds.iter().map(|kind| {
                let keys = kind.trained_with.as_deref();
                row(kind_name(kind.name), &kind.accuracy, kind.mean, keys)
            }));
        }
        (headings.map(str::to_owned).collect(), rows)
    }

    /// The families, in their order.
    pub fn families(&self) -> impl Iterator<Item = FamilyAccuracy<'_>> {
        self.kinds.chunk_by(|a, b| a.family == b.family).map(FamilyAccuracy::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(
        name: &'static str,
        accuracy: [f64; 5],
        trained_with: Option<Vec<&'static str>>,
    ) -> CorruptionAccuracy {
        CorruptionAccuracy::new([name, "family"], accuracy, trained_with)
    }

    #[test]
    fn the_worst_kind_is_that_of_the_middle_severity() {
        let kinds = vec![
            kind("a", [0.9, 0.9, 0.5, 0.4, 0.3], Some(vec!["key"])),
            kind("b", [0.8, 0.7, 0.6, 0.0, 0.0], Some(Vec::new())),
        ];
        let metrics = CorruptionMetrics::new(0.99, kinds);
        let worst = metrics.worst.clone().unwrap();
        assert_eq!((worst.name, worst.severity), ("a", 3));
        assert!((metrics.mean - 0.51).abs() < 1e-12, "{}", metrics.mean);
        let unseen = metrics.unseen.unwrap();
        assert_eq!(unseen.kinds, 1);
        assert!((unseen.mean - 0.42).abs() < 1e-12, "{}", unseen.mean);
        let families: Vec<FamilyAccuracy> = metrics.families().collect();
        assert_eq!((families.len(), families[0].name, families[0].kinds.len()), (1, "family", 2));
        assert!((families[0].accuracy[1] - 0.8).abs() < 1e-12, "{families:?}");
        assert!((families[0].mean - metrics.mean).abs() < 1e-12, "{families:?}");
    }

    #[test]
    fn an_unknown_training_has_no_unseen_kinds() {
        let metrics = CorruptionMetrics::new(1.0, vec![kind("a", [1.0; 5], None)]);
        assert!(metrics.unseen.is_none() && !metrics.knows_training());
        let seen = vec![kind("a", [1.0; 5], Some(vec!["key"]))];
        let metrics = CorruptionMetrics::new(1.0, seen);
        assert!(metrics.unseen.is_none() && metrics.knows_training());
    }
}
