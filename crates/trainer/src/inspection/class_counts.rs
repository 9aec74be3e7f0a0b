//! Number of images per class and split.

use serde::Serialize;

use super::split::{InspectedSplit, SPLITS};
use metrics::numbers::grouped;
use terminal::text_table;

/// Images in every split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub train: usize,
    pub validation: usize,
    pub test: usize,
    pub total: usize,
}

/// Images of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ClassCounts<'a> {
    pub name: &'a str,
    #[serde(flatten)]
    pub images: Counts,
}

/// Counts all images, and those of every class.
pub fn count<'a>(
    splits: &[InspectedSplit<'a>; 3],
    class_names: &'a [String],
) -> (Counts, Vec<ClassCounts<'a>>) {
    let all = Counts::new(splits.each_ref().map(|split| split.indices.len()));
    let mut classes = vec![[0; 3]; class_names.len()];
    for (place, split) in splits.iter().enumerate() {
        for &index in &split.indices {
            for &class in split.set.classes(index) {
                classes[usize::from(class)][place] += 1;
            }
        }
    }
    let named = class_names.iter().zip(classes);
    (all, named.map(|(name, counts)| ClassCounts { name, images: Counts::new(counts) }).collect())
}

/// A row per class and the sums; with shares if classes differ much in size.
pub fn count_table(all: &Counts, classes: &[ClassCounts]) -> String {
    let shares = is_unbalanced(classes);
    let mut headings = vec!["class"];
    for split in SPLITS.into_iter().chain(["total"]) {
        headings.push(split);
        headings.extend(shares.then_some("share"));
    }
    let row = |name: &str, images: &Counts| {
        let mut row = vec![name.to_owned()];
        for (count, sum) in images.columns().into_iter().zip(all.columns()) {
            row.push(grouped(count as u64));
            let share = || format!("{:.1} %", 100.0 * count as f64 / sum.max(1) as f64);
            row.extend(shares.then(share));
        }
        row
    };
    let mut rows: Vec<_> = classes.iter().map(|class| row(class.name, &class.images)).collect();
    rows.push(row("in all", all));
    text_table(&headings, &rows)
}

/// Whether the largest class has more than 1.5 times the images of the smallest; in MNIST, it has
/// 1.25 times as many.
fn is_unbalanced(classes: &[ClassCounts]) -> bool {
    let totals = || classes.iter().map(|class| class.images.total);
    2 * totals().max().unwrap_or(0) > 3 * totals().min().unwrap_or(0)
}

impl Counts {
    fn new([train, validation, test]: [usize; 3]) -> Self {
        Self { train, validation, test, total: train + validation + test }
    }

    fn columns(&self) -> [usize; 4] {
        [self.train, self.validation, self.test, self.total]
    }

    /// The counts in the order of [`SPLITS`].
    pub fn splits(&self) -> [usize; 3] {
        [self.train, self.validation, self.test]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(first: [usize; 3], second: [usize; 3]) -> Vec<String> {
        let classes = [("cat", first), ("dog", second)]
            .map(|(name, counts)| ClassCounts { name, images: Counts::new(counts) });
        let all = [0, 1, 2].map(|split| first[split] + second[split]);
        let table = count_table(&Counts::new(all), &classes);
        table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn balanced_classes_have_no_shares() {
        let expected = ["class train validation test total", "cat 1,000 6 4 1,010"];
        assert_eq!(table([1000, 6, 4], [800, 3, 5])[..2], expected);
    }

    #[test]
    fn unbalanced_classes_have_shares_of_every_part() {
        let table = table([60, 5, 0], [30, 0, 1]);
        assert_eq!(table[1], "cat 60 66.7 % 5 100.0 % 0 0.0 % 65 67.7 %");
        assert_eq!(table[3], "in all 90 100.0 % 5 100.0 % 1 100.0 % 96 100.0 %");
    }
}
