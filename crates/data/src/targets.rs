//! The classes that images show: one each, or any number.

/// Separates the classes of an image in the cell of a table.
pub(crate) const SEPARATOR: char = ';';

/// The classes of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// One class.
    Class(u16),
    /// Any number of classes, in rising order and without repetition; none if the image shows none.
    Set(Vec<u16>),
}

impl Label {
    /// The classes, in rising order.
    #[must_use]
    pub fn classes(&self) -> &[u16] {
        match self {
            Self::Class(class) => std::slice::from_ref(class),
            Self::Set(classes) => classes,
        }
    }
}

/// The classes of several images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targets {
    /// One class for each image: `[images]`.
    Classes(Vec<u16>),
    /// A set of classes for each image (multi-label): `[images]`, each in rising order and without
    /// repetition.
    Sets(Vec<Vec<u16>>),
}

impl Targets {
    /// Those of these labels: sets, unless all are single classes.
    #[must_use]
    pub fn of(labels: impl IntoIterator<Item = Label>) -> Self {
        let mut targets = Self::Classes(Vec::new());
        for label in labels {
            targets.push(label);
        }
        targets
    }

    /// Adds an image. A set turns all others into sets.
    pub fn push(&mut self, label: Label) {
        match (&mut *self, label) {
            (Self::Classes(classes), Label::Class(class)) => classes.push(class),
            (Self::Classes(classes), Label::Set(set)) => {
                let sets = classes.drain(..).map(|class| vec![class]);
                *self = Self::Sets(sets.chain([set]).collect());
            }
            (Self::Sets(sets), label) => sets.push(label.classes().to_vec()),
        }
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Classes(classes) => classes.len(),
            Self::Sets(sets) => sets.len(),
        }
    }

    /// Whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether images have sets of classes.
    #[must_use]
    pub fn is_multi_label(&self) -> bool {
        matches!(self, Self::Sets(_))
    }

    /// The classes of an image, in rising order.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn classes(&self, index: usize) -> &[u16] {
        match self {
            Self::Classes(classes) => &classes[index..=index],
            Self::Sets(sets) => &sets[index],
        }
    }

    /// The label of an image.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`len`](Self::len).
    #[must_use]
    pub fn label(&self, index: usize) -> Label {
        match self {
            Self::Classes(classes) => Label::Class(classes[index]),
            Self::Sets(sets) => Label::Set(sets[index].clone()),
        }
    }

    /// The one class of each image; `None` if an image of a multi-label set has several or none.
    #[must_use]
    pub fn single(&self) -> Option<Vec<u16>> {
        match self {
            Self::Classes(classes) => Some(classes.clone()),
            Self::Sets(sets) => sets
                .iter()
                .map(|set| if let [class] = set[..] { Some(class) } else { None })
                .collect(),
        }
    }

    /// Those of the images at `indices`, in this order.
    pub(crate) fn select(&self, indices: &[usize]) -> Self {
        match self {
            Self::Classes(classes) => {
                Self::Classes(indices.iter().map(|&at| classes[at]).collect())
            }
            Self::Sets(sets) => Self::Sets(indices.iter().map(|&at| sets[at].clone()).collect()),
        }
    }

    /// With `rename` applied to every class.
    pub(crate) fn renamed(&self, rename: impl Fn(u16) -> u16) -> Self {
        match self {
            Self::Classes(classes) => {
                Self::Classes(classes.iter().map(|&class| rename(class)).collect())
            }
            Self::Sets(sets) => {
                let rename = |set: &Vec<u16>| {
                    let mut set: Vec<u16> = set.iter().map(|&class| rename(class)).collect();
                    set.sort_unstable();
                    set.dedup();
                    set
                };
                Self::Sets(sets.iter().map(rename).collect())
            }
        }
    }

    /// Number of images of each of `class_count` classes; an image counts for each class it shows.
    #[must_use]
    pub fn class_counts(
        &self,
        indices: impl IntoIterator<Item = usize>,
        class_count: usize,
    ) -> Vec<usize> {
        let mut counts = vec![0; class_count];
        for index in indices {
            for &class in self.classes(index) {
                counts[usize::from(class)] += 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_set_makes_all_labels_sets() {
        let mut targets = Targets::of([Label::Class(3), Label::Class(1)]);
        assert_eq!(targets, Targets::Classes(vec![3, 1]));
        targets.push(Label::Set(vec![]));
        targets.push(Label::Class(2));
        assert_eq!(targets, Targets::Sets(vec![vec![3], vec![1], vec![], vec![2]]));
        assert_eq!((targets.classes(0), targets.classes(2)), (&[3][..], &[][..]));
        assert_eq!(targets.single(), None);
        assert_eq!(targets.select(&[3, 0]).single(), Some(vec![2, 3]));
    }

    #[test]
    fn images_count_for_every_class_they_show() {
        let targets = Targets::Sets(vec![vec![0, 2], vec![2], vec![]]);
        assert_eq!(targets.class_counts(0..3, 4), [1, 0, 2, 0]);
        assert_eq!(targets.class_counts([2], 4), [0; 4]);
    }

    #[test]
    fn renamed_sets_stay_in_rising_order() {
        let targets = Targets::Sets(vec![vec![0, 1], vec![2]]);
        let renamed = targets.renamed(|class| 5 - class);
        assert_eq!(renamed, Targets::Sets(vec![vec![4, 5], vec![3]]));
    }
}
