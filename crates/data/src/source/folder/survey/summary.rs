//! All pictures together.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::measure::{MeasuredPicture, Polarity, SIDE};
use crate::error::DataError;
use crate::image_set::ImageSet;
use crate::near_duplicates::near_duplicate_groups;
use crate::shape::ImageShape;
use crate::source::folder::listing::{Listing, PictureFile};
use crate::source::split_name::SplitName;
use crate::targets::{Label, Targets};

/// What the pictures of a folder are like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Survey {
    /// Number of pictures that can be read.
    pub pictures: usize,
    /// The classes, in the order of their labels.
    pub classes: Vec<ClassSize>,
    /// Whether a file of labels gives pictures any number of classes.
    pub multi_label: bool,
    /// Pictures of the splits that the layout names.
    pub splits: SplitSizes,
    /// Heights and widths.
    pub sizes: Sizes,
    /// Pictures in files with colour channels.
    pub stored_in_colour: usize,
    /// Pictures in which a colour is seen; the other ones are all grey, however they are stored.
    pub coloured: usize,
    /// Pictures with transparent pixels.
    pub transparent: usize,
    /// Of these, the pictures that would be empty on white.
    pub vanish_on_white: usize,
    /// Of these, the pictures that would be empty on black.
    pub vanish_on_black: usize,
    /// Opaque pictures whose border is light and the rest darker, as ink on paper is.
    pub dark_on_light: usize,
    /// Opaque pictures whose border is dark and the rest lighter, as MNIST's digits are.
    pub light_on_dark: usize,
    /// Files with the same bytes as an earlier one.
    pub identical_files: usize,
    /// Pictures that are nearly the same as an earlier one, identical files excluded.
    pub near_duplicates: usize,
    /// Identical files in different classes: all but the first of each.
    pub contradictory_files: usize,
    /// Files that cannot be decoded.
    pub unreadable: Vec<UnreadablePicture>,
    /// What else is in the folder and left out, a sentence each.
    pub left_out: Vec<String>,
}

/// A class and its pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassSize {
    /// Its name.
    pub name: String,
    /// Number of the pictures that show it, in all splits.
    pub pictures: usize,
}

/// Number of pictures in each split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SplitSizes {
    /// In the training split; all pictures, if the layout names no splits.
    pub train: usize,
    /// In the validation split.
    pub validation: usize,
    /// In the test split.
    pub test: usize,
}

/// Height and width of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PictureSize {
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
}

/// The sizes of all pictures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sizes {
    /// Number of different sizes.
    pub count: usize,
    /// The size of the fewest pixels.
    pub smallest: PictureSize,
    /// The size of the most pixels.
    pub largest: PictureSize,
    /// The longer side of the picture in the middle, when sorted by it.
    pub median_side: usize,
    /// Width divided by height of the picture a tenth from the narrowest.
    pub narrow_ratio: f64,
    /// Width divided by height of the picture in the middle.
    pub median_ratio: f64,
    /// Width divided by height of the picture a tenth from the widest.
    pub wide_ratio: f64,
}

/// A file that cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnreadablePicture {
    /// Its path relative to the folder.
    pub file: String,
    /// Why.
    pub problem: String,
}

/// A picture and the file that it is from.
type Readable<'a> = (&'a PictureFile, &'a MeasuredPicture);

impl Survey {
    /// Of the files in `listing`, and what was measured of each; at least one could be read.
    pub(super) fn summarize(
        listing: &Listing,
        measured: &[Result<MeasuredPicture, String>],
    ) -> Result<Self, DataError> {
        let files = listing.files.iter().zip(measured);
        let readable: Vec<Readable> = files
            .clone()
            .filter_map(|(file, result)| Some((file, result.as_ref().ok()?)))
            .collect();
        let unreadable = files.filter_map(|(file, result)| {
            let problem = result.as_ref().err()?.clone();
            Some(UnreadablePicture { file: file.name.clone(), problem })
        });
        let count = |holds: &dyn Fn(&MeasuredPicture) -> bool| {
            readable.iter().filter(|(_, picture)| holds(picture)).count()
        };
        let vanishing = |on_white: bool| {
            count(&|picture| {
                picture.transparency.as_ref().is_some_and(|transparency| {
                    if on_white {
                        transparency.vanishes_on_white
                    } else {
                        transparency.vanishes_on_black
                    }
                })
            })
        };
        let class_count = listing.class_names.len();
        let groups = near_duplicate_groups(&thumbnails(&readable, class_count)?);
        let alike = groups.iter().enumerate().filter(|(index, group)| index != *group).count();
        let (identical_files, contradictory_files) = identical(&readable);
        Ok(Self {
            pictures: readable.len(),
            classes: class_sizes(&listing.class_names, &readable),
            multi_label: readable.iter().any(|(file, _)| matches!(file.label, Label::Set(_))),
            splits: split_sizes(&readable),
            sizes: Sizes::of(&readable.iter().map(|(_, picture)| picture.size).collect::<Vec<_>>()),
            stored_in_colour: count(&|picture| picture.is_stored_in_colour),
            coloured: count(&|picture| picture.is_coloured),
            transparent: count(&|picture| picture.transparency.is_some()),
            vanish_on_white: vanishing(true),
            vanish_on_black: vanishing(false),
            dark_on_light: count(&|picture| picture.polarity == Polarity::DarkOnLight),
            light_on_dark: count(&|picture| picture.polarity == Polarity::LightOnDark),
            identical_files,
            near_duplicates: alike.saturating_sub(identical_files),
            contradictory_files,
            unreadable: unreadable.collect(),
            left_out: listing.left_out.notes(),
        })
    }

    /// Number of pictures in the largest and in the smallest class that has any.
    #[must_use]
    pub fn class_range(&self) -> (usize, usize) {
        let sizes = || self.classes.iter().map(|class| class.pictures).filter(|&size| size > 0);
        (sizes().max().unwrap_or(0), sizes().min().unwrap_or(0))
    }
}

impl Sizes {
    /// Of at least one picture, each (height, width).
    fn of(pictures: &[(usize, usize)]) -> Self {
        let size = |&(height, width): &(usize, usize)| PictureSize { height, width };
        let mut ratios: Vec<f64> =
            pictures.iter().map(|&(height, width)| width as f64 / height.max(1) as f64).collect();
        let mut longest: Vec<usize> =
            pictures.iter().map(|&(height, width)| height.max(width)).collect();
        ratios.sort_by(f64::total_cmp);
        longest.sort_unstable();
        let mut different: Vec<PictureSize> = pictures.iter().map(size).collect();
        different.sort_by_key(|size| (size.height * size.width, *size));
        different.dedup();
        let none = PictureSize { height: 0, width: 0 };
        let at = |tenths: usize| ratios.get(tenths * ratios.len() / 10).copied().unwrap_or(1.0);
        Self {
            count: different.len(),
            smallest: different.first().copied().unwrap_or(none),
            largest: different.last().copied().unwrap_or(none),
            median_side: longest.get(longest.len() / 2).copied().unwrap_or(0),
            narrow_ratio: at(1),
            median_ratio: at(5),
            wide_ratio: at(9),
        }
    }
}

fn thumbnails(readable: &[Readable], class_count: usize) -> Result<ImageSet, DataError> {
    let shape = ImageShape { channels: 1, height: SIDE as usize, width: SIDE as usize };
    let pixels = readable.iter().flat_map(|(_, picture)| picture.thumbnail.iter().copied());
    let targets = Targets::of(readable.iter().map(|(file, _)| file.label.clone()));
    ImageSet::with_targets(shape, pixels.collect(), targets, class_count)
}

/// Number of files that are identical to an earlier one, and of those of them in another class than
/// the earliest.
fn identical(readable: &[Readable]) -> (usize, usize) {
    let mut first: HashMap<&str, &Label> = HashMap::with_capacity(readable.len());
    let (mut identical, mut contradictory) = (0, 0);
    for (file, picture) in readable {
        match first.get(picture.checksum.as_str()) {
            None => drop(first.insert(&picture.checksum, &file.label)),
            Some(label) => {
                identical += 1;
                contradictory += usize::from(**label != file.label);
            }
        }
    }
    (identical, contradictory)
}

fn class_sizes(names: &[String], readable: &[Readable]) -> Vec<ClassSize> {
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for (file, _) in readable {
        for &class in file.label.classes() {
            *counts.entry(class).or_default() += 1;
        }
    }
    let count = |label: usize| u16::try_from(label).ok().and_then(|label| counts.get(&label));
    let class = |(label, name): (usize, &String)| ClassSize {
        name: name.clone(),
        pictures: count(label).copied().unwrap_or(0),
    };
    names.iter().enumerate().map(class).collect()
}

fn split_sizes(readable: &[Readable]) -> SplitSizes {
    let count = |split| readable.iter().filter(|(file, _)| file.split == split).count();
    SplitSizes {
        train: count(SplitName::Train),
        validation: count(SplitName::Validation),
        test: count(SplitName::Test),
    }
}
