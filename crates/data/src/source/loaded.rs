//! A data set in memory.

use crate::error::DataError;
use crate::image_set::ImageSet;
use crate::preparation::Preparation;
use crate::split::{Split, groups_in_both, groups_note, subset, train_validation};
use crate::split_size::SplitSize;

/// Both splits of a data set. They have the same image shape and the same classes.
#[derive(Clone, Debug)]
pub struct LoadedDataset {
    /// The training split, validation images included.
    pub train: ImageSet,
    /// Indices of the training split that the data set itself says are for validation; sorted.
    pub validation: Option<Vec<usize>>,
    /// The test split.
    pub test: ImageSet,
    /// All images, if the data set has no test split of its own, so that one was divided off.
    pub undivided: Option<ImageSet>,
    /// The name of each class.
    pub class_names: Vec<String>,
    /// How pictures become such images.
    pub preparation: Preparation,
    /// What was found, chosen or left out, a sentence each.
    pub notes: Vec<String>,
}

impl LoadedDataset {
    /// Bytes of memory that the pixels of both splits take, at most.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let (train, test) = (self.train.memory(), self.test.memory());
        if self.train.shares_pixels(&self.test) { train } else { train + test }
    }

    /// Gives the images the labels that their classes have among `class_names`; `false` without any
    /// change if one has none.
    #[must_use]
    pub fn match_classes(&mut self, class_names: &[String]) -> bool {
        let place = |name: &String| class_names.iter().position(|other| other == name);
        let places: Option<Vec<usize>> = self.class_names.iter().map(place).collect();
        let Some(places) = places else { return false };
        let sets = [Some(&mut self.train), Some(&mut self.test), self.undivided.as_mut()];
        for set in sets.into_iter().flatten() {
            *set = set.relabel(&places, class_names.len());
        }
        self.class_names = class_names.to_vec();
        true
    }

    /// Keeps `count` images of the training split, chosen by `seed` and stratified by class, and the
    /// data set's own validation images.
    ///
    /// # Errors
    ///
    /// [`DataError::Subset`] if there are not as many.
    pub(super) fn take_train_images(&mut self, count: usize, seed: u64) -> Result<(), DataError> {
        let Some(validation) = &self.validation else {
            self.train = self.train.select(&subset(&self.train, count, seed)?)?;
            return Ok(());
        };
        let others: Vec<usize> = (0..self.train.len())
            .filter(|index| validation.binary_search(index).is_err())
            .collect();
        let chosen = subset(&self.train.select(&others)?, count, seed)?;
        let mut kept: Vec<usize> = chosen.into_iter().map(|place| others[place]).collect();
        let held_out = kept.len()..kept.len() + validation.len();
        kept.extend(validation);
        self.train = self.train.select(&kept)?;
        self.validation = Some(held_out.collect());
        Ok(())
    }

    /// What to say about a division of the training split.
    #[must_use]
    pub fn split_note(&self, split: &Split) -> Option<String> {
        if self.validation.is_some() || !self.train.has_groups() {
            return None;
        }
        groups_note(groups_in_both(&self.train, [&split.train, &split.validation]), "validation")
    }

    /// Divides the training split into images to train on and images held out for validation: those
    /// of the data set itself, or else `size` of them, by default a tenth, by `seed`.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`] if a part would be empty, or `size` is given although the data set has
    /// a validation split.
    pub fn split(&self, size: Option<SplitSize>, seed: u64) -> Result<Split, DataError> {
        match (&self.validation, size) {
            (None, size) => train_validation(&self.train, size.unwrap_or(SplitSize::TENTH), seed),
            (Some(validation), None) => {
                let is_train = |index: &usize| validation.binary_search(index).is_err();
                let train = (0..self.train.len()).filter(is_train).collect();
                Ok(Split { train, validation: validation.clone() })
            }
            (Some(_), Some(size)) => Err(DataError::Setting {
                key: "dataset.validation",
                value: size.to_string(),
                expected: String::from(
                    "it to be absent: the data set has a validation split of its own",
                ),
            }),
        }
    }
}
