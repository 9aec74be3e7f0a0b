//! Equal images: their places, and whether they have the same class.

use data::{DuplicateGroup, duplicates};
use serde::Serialize;

use super::split::{ImageReference, InspectedSplit};
use metrics::numbers::grouped;
use terminal::text_table;

/// Number of groups whose images are shown.
const GROUPS: usize = 3;
/// Number of images shown per group.
const IMAGES: usize = 4;

/// Within a split, or between two splits.
const PLACES: [&[&str]; 6] = [
    &["train"],
    &["validation"],
    &["test"],
    &["train", "validation"],
    &["train", "test"],
    &["validation", "test"],
];

/// All images that have the same pixels as another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DuplicateImages<'a> {
    places: Vec<Place>,
    contradictions: Contradictions,
    groups: Vec<Group<'a>>,
}

/// Groups with several images in a split, or with images in both of two splits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// One split or two.
    pub splits: Vec<&'static str>,
    pub groups: usize,
    /// Images of these groups in the last of `splits`.
    pub images: usize,
    /// Whether test images occur among the training or validation images.
    pub leaks: bool,
    #[serde(skip)]
    examples: String,
}

/// Groups whose images have different labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Contradictions {
    groups: usize,
    #[serde(skip)]
    examples: String,
}

/// Images that are all equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Group<'a> {
    labels_differ: bool,
    images: Vec<ImageReference<'a>>,
}

impl<'a> DuplicateImages<'a> {
    pub fn find(splits: &[InspectedSplit<'a>; 3], class_names: &'a [String]) -> Self {
        let groups = duplicates(&splits.each_ref().map(|split| (split.set, &split.indices[..])));
        let groups: Vec<_> =
            groups.iter().map(|group| Group::new(group, splits, class_names)).collect();
        let contradictory = || groups.iter().filter(|group| group.labels_differ);
        let contradictions = Contradictions {
            groups: contradictory().count(),
            examples: first_of(contradictory().map(Group::disagreement)),
        };
        let places = PLACES.into_iter().map(|place| Place::new(&groups, place)).collect();
        Self { places, contradictions, groups }
    }

    /// Places where test images also occur among the training or validation images.
    pub fn leaks(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|place| place.leaks)
    }

    /// Number of groups whose images have different labels.
    pub fn contradictions(&self) -> usize {
        self.contradictions.groups
    }

    /// A line per place, with a few images of each.
    pub fn text(&self) -> String {
        if self.groups.is_empty() {
            return "exact duplicates: none\n".to_owned();
        }
        let row = |place: String, groups: usize, examples: &str| {
            vec![place, grouped(groups as u64), examples.to_owned()]
        };
        let places = self.places.iter();
        let mut rows: Vec<_> = places
            .map(|place| row(place.splits.join(" and "), place.groups, &place.examples))
            .collect();
        let Contradictions { groups, examples } = &self.contradictions;
        rows.push(row("with different labels".to_owned(), *groups, examples));
        let table = text_table(&["exact duplicates", "groups", "images"], &rows);
        table + "indices count from 0; train and validation are splits of one set\n"
    }
}

impl Place {
    fn new(groups: &[Group], splits: &[&'static str]) -> Self {
        let needed = if splits.len() == 1 { 2 } else { 1 };
        let stands =
            |group: &&Group| splits.iter().all(|split| group.images_in(split).count() >= needed);
        let groups: Vec<_> = groups.iter().filter(stands).collect();
        let last = splits[splits.len() - 1];
        Self {
            splits: splits.to_vec(),
            groups: groups.len(),
            images: groups.iter().map(|group| group.images_in(last).count()).sum(),
            leaks: splits.len() == 2 && last == "test" && !groups.is_empty(),
            examples: first_of(groups.iter().map(|group| group.equation(splits))),
        }
    }
}

impl<'a> Group<'a> {
    fn new(
        group: &DuplicateGroup,
        splits: &[InspectedSplit<'a>; 3],
        class_names: &'a [String],
    ) -> Self {
        let images = group
            .images()
            .iter()
            .map(|image| ImageReference::new(splits, image.part, image.index, class_names));
        Self { labels_differ: group.labels_differ(), images: images.collect() }
    }

    fn images_in(&self, split: &str) -> impl Iterator<Item = &ImageReference<'a>> {
        self.images.iter().filter(move |image| image.split == split)
    }

    /// Its images in these splits, as many of each: "train 3 = test 5".
    fn equation(&self, splits: &[&str]) -> String {
        let mut shown = Vec::new();
        let mut count = 0;
        for split in splits {
            let images = self.images_in(split).map(ToString::to_string);
            shown.extend(images.take(IMAGES / splits.len()));
            count += self.images_in(split).count();
        }
        if shown.len() < count {
            shown.push("…".to_owned());
        }
        shown.join(" = ")
    }

    /// Its first image of each class: "train 3 (cat) = test 5 (dog)".
    fn disagreement(&self) -> String {
        let mut firsts: Vec<&ImageReference> = Vec::new();
        for image in &self.images {
            if firsts.iter().all(|first| first.class != image.class) {
                firsts.push(image);
            }
        }
        let mut shown: Vec<_> =
            firsts.iter().take(IMAGES).map(|image| format!("{image} ({})", image.class)).collect();
        if firsts.len() > IMAGES {
            shown.push("…".to_owned());
        }
        shown.join(" = ")
    }
}

/// The first few groups.
fn first_of(mut groups: impl Iterator<Item = String>) -> String {
    let mut shown: Vec<_> = groups.by_ref().take(GROUPS).collect();
    shown.extend(groups.next().map(|_| "…".to_owned()));
    shown.join("; ")
}
