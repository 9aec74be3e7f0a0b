//! The most probable classes of a picture, as both kinds of answers list them.

use data::printable;
use metrics::numbers::percent;
use reader::Answer;
use serde::Serialize;

use crate::csv_line::decimal;

/// A class and how probable it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankedClass {
    pub class: String,
    pub probability: f64,
}

impl RankedClass {
    /// A class, by its index in `class_names`.
    pub fn new((class, probability): (usize, f64), class_names: &[String]) -> Self {
        Self { class: class_names[class].clone(), probability }
    }

    /// The `top_k` most probable classes of an answer, best first.
    pub fn of(answer: &Answer, class_names: &[String], top_k: usize) -> Vec<Self> {
        let ranked = answer.ranked().into_iter().take(top_k);
        ranked.map(|ranked| Self::new(ranked, class_names)).collect()
    }

    #[must_use]
    pub fn text(&self) -> String {
        format!("{} {}", printable(&self.class), percent(self.probability, 2))
    }
}

/// The headings of the CSV columns of `top_k` classes.
pub fn ranking_headings(top_k: usize) -> impl Iterator<Item = String> {
    (1..=top_k).flat_map(|rank| [format!("class_{rank}"), format!("probability_{rank}")])
}

/// The CSV cells of `top_k` classes; those of classes that there are not are empty.
pub fn ranking_cells(classes: &[RankedClass], top_k: usize) -> impl Iterator<Item = String> {
    (0..top_k).flat_map(|rank| {
        let ranked = classes.get(rank);
        [
            ranked.map(|ranked| ranked.class.clone()).unwrap_or_default(),
            ranked.map(|ranked| decimal(ranked.probability)).unwrap_or_default(),
        ]
    })
}
