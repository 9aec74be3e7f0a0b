//! All images of a data set, and their division into splits.

use super::definition::Request;
use super::loaded::LoadedDataset;
use super::split_name::SplitName;
use crate::error::DataError;
use crate::image_set::ImageSet;
use crate::near_duplicates::near_duplicate_groups;
use crate::preparation::Preparation;
use crate::split::{groups_in_both, groups_note, train_test};
use crate::split_size::SplitSize;

/// All images of a data set.
pub(crate) struct Pool {
    pub(crate) set: ImageSet,
    /// The split of each image, as the data set says.
    pub(crate) splits: Vec<SplitName>,
    pub(crate) class_names: Vec<String>,
}

impl Pool {
    /// Divides the images as the data set says, and where it says nothing, by seed, with
    /// near-duplicates on one side.
    ///
    /// # Errors
    ///
    /// [`DataError::Setting`] if `dataset.test` is wrong, or given although there is a test split;
    /// [`DataError::NoImages`] without training images.
    pub(crate) fn divide(
        mut self,
        request: &Request,
        preparation: Preparation,
        mut notes: Vec<String>,
    ) -> Result<LoadedDataset, DataError> {
        let [mut train, validation, mut test] =
            [SplitName::Train, SplitName::Validation, SplitName::Test]
                .map(|name| self.indices(name));
        if test.is_empty() || validation.is_empty() {
            self.set.set_groups(near_duplicate_groups(&self.set));
        }
        let undivided = test.is_empty().then(|| self.set.clone());
        match (test.is_empty(), request.options.test) {
            (true, size) => {
                let others = self.set.select(&train)?;
                let size = size.unwrap_or(SplitSize::TENTH);
                let [kept, divided] = train_test(&others, size, request.seed)?;
                test = divided.into_iter().map(|index| train[index]).collect();
                train = kept.into_iter().map(|index| train[index]).collect();
                let divided = groups_in_both(&self.set, [&train, &test]);
                notes.push(format!(
                    "there is no test split: {} images are divided off for it by seed, \
                     near-duplicates kept together (dataset.test = {size})",
                    test.len(),
                ));
                notes.extend(groups_note(divided, "test"));
            }
            (false, Some(size)) => {
                return Err(DataError::Setting {
                    key: "dataset.test",
                    value: size.to_string(),
                    expected: String::from(
                        "it to be absent: the data set has a test split of its own",
                    ),
                });
            }
            (false, None) => {}
        }
        let held_out = (!validation.is_empty())
            .then(|| (train.len()..train.len() + validation.len()).collect());
        train.extend(validation);
        Ok(LoadedDataset {
            train: self.set.divide(&train)?,
            validation: held_out,
            test: self.set.divide(&test)?,
            undivided,
            class_names: self.class_names,
            preparation,
            notes,
        })
    }

    fn indices(&self, name: SplitName) -> Vec<usize> {
        (0..self.splits.len()).filter(|&index| self.splits[index] == name).collect()
    }
}
