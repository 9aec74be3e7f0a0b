//! Scores sorted once, for both curves, and counted above every threshold.

/// Numbers of positives and negatives at or above each distinct score.
pub(super) struct Ranking {
    /// By falling score, so that neither count ever falls; the last selection has all scores.
    selections: Vec<Selection>,
}

/// The scores at or above a threshold. The value of the threshold is not needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    pub positives: u64,
    pub negatives: u64,
}

impl Ranking {
    /// Ranks pairs of a score and whether it belongs to a positive. `None` unless there are both
    /// positives and negatives.
    pub fn of(scores: impl Iterator<Item = (f64, bool)>) -> Option<Self> {
        let mut scores: Vec<(f64, bool)> = scores.collect();
        scores.sort_unstable_by(|(one, _), (other, _)| other.total_cmp(one));
        let mut selected = Selection::default();
        let mut selections = Vec::new();
        // In falling order, a score that does not fall is equal.
        for equals in scores.chunk_by(|(before, _), (after, _)| before <= after) {
            let positives = equals.iter().filter(|(_, positive)| *positive).count();
            selected.positives += positives as u64;
            selected.negatives += (equals.len() - positives) as u64;
            selections.push(selected);
        }
        (selected.positives > 0 && selected.negatives > 0).then_some(Self { selections })
    }

    /// The selections by falling threshold.
    pub fn selections(&self) -> &[Selection] {
        &self.selections
    }

    /// All scores.
    pub fn all(&self) -> Selection {
        self.selections.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_are_selected_together() {
        let scores = [(0.5, false), (0.9, true), (0.5, true), (0.0, false), (-0.0, false)];
        let ranking = Ranking::of(scores.into_iter()).unwrap();
        let counts: Vec<_> =
            ranking.selections().iter().map(|all| (all.positives, all.negatives)).collect();
        assert_eq!(counts, [(1, 0), (2, 1), (2, 3)]);
    }

    #[test]
    fn one_sort_of_answer_only_is_no_ranking() {
        for positive in [true, false] {
            assert!(Ranking::of([(0.5, positive), (0.7, positive)].into_iter()).is_none());
        }
        assert!(Ranking::of([].into_iter()).is_none());
    }
}
