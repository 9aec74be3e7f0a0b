//! Decisions about single training images, such as those after an audit: `dataset.corrections`.

use std::collections::BTreeMap;
use std::path::Path;

use csv::{Position, ReaderBuilder, Trim};
use serde::Deserialize;

use super::loaded::LoadedDataset;
use crate::error::DataError;
use crate::files::{LARGEST_FILE, read_file};
use crate::image_set::ImageSet;
use crate::targets::{Label, SEPARATOR, Targets};

/// What a user has decided about training images.
pub(super) struct Corrections<'a> {
    file: &'a Path,
    /// By the image's place in the training split.
    actions: BTreeMap<usize, Action>,
    /// Number of rows about test images, which stay as they are.
    about_test: usize,
}

enum Action {
    Keep,
    Relabel(Label),
    Drop,
}

/// A line of the file. Columns of other names are ignored.
#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    file: String,
    #[serde(default)]
    index: String,
    action: String,
    #[serde(default)]
    label: String,
    /// The label that the image has, if the row says so.
    #[serde(default)]
    given: String,
}

impl<'a> Corrections<'a> {
    /// Reads `file` for the images of `source`, of which none is left out yet.
    ///
    /// # Errors
    ///
    /// [`DataError::Labels`], which names the line; [`DataError::Read`].
    pub(super) fn read(file: &'a Path, source: &LoadedDataset) -> Result<Self, DataError> {
        let refuse = |line, problem| DataError::Labels { file: file.to_path_buf(), line, problem };
        let bytes = read_file(file, LARGEST_FILE)?;
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes.as_slice());
        let header = reader.headers().map_err(|error| refuse(None, error.to_string()))?.clone();
        let has = |name: &str| header.iter().any(|column| column == name);
        if !has("action") || !(has("file") || has("index")) {
            let found = header.iter().collect::<Vec<_>>().join(", ");
            let problem =
                format!("expected the columns file or index, action and label, found {found}");
            return Err(refuse(Some(1), problem));
        }
        let images = Images::new(source);
        let (mut actions, mut about_test) = (BTreeMap::new(), 0);
        for record in reader.records() {
            let record = record
                .map_err(|error| refuse(error.position().map(Position::line), error.to_string()))?;
            let line = record.position().map(Position::line);
            let row: Row = record
                .deserialize(Some(&header))
                .map_err(|error| refuse(line, error.to_string()))?;
            let action = row.action(&images).map_err(|text| refuse(line, text))?;
            let place = images.find(&row).map_err(|problem| refuse(line, problem))?;
            let Some(place) = place else {
                about_test += 1;
                continue;
            };
            if actions.insert(place, action).is_some() {
                return Err(refuse(line, format!("{} is named twice", row.name())));
            }
        }
        Ok(Self { file, actions, about_test })
    }

    /// Relabels and drops images of the training split, and notes how many.
    ///
    /// # Errors
    ///
    /// [`DataError::Labels`] if no training images, or none of the data set's own validation images,
    /// would be left.
    pub(super) fn apply(&self, source: &mut LoadedDataset) -> Result<(), DataError> {
        let set = &source.train;
        let mut targets = Vec::with_capacity(set.len());
        let (mut kept, mut relabelled) = (Vec::with_capacity(set.len()), 0_usize);
        for index in 0..set.len() {
            let action = self.actions.get(&set.place(index)).unwrap_or(&Action::Keep);
            let given = set.targets().label(index);
            targets.push(match action {
                Action::Relabel(label) => {
                    relabelled += usize::from(*label != given);
                    label.clone()
                }
                Action::Keep | Action::Drop => given,
            });
            if !matches!(action, Action::Drop) {
                kept.push(index);
            }
        }
        let validation = source.validation.as_ref().map(|held_out| {
            let is_held_out = |place: &usize| held_out.binary_search(&kept[*place]).is_ok();
            (0..kept.len()).filter(is_held_out).collect::<Vec<_>>()
        });
        let held_out = validation.as_ref().map_or(0, Vec::len);
        if kept.len() == held_out || validation.as_ref().is_some_and(Vec::is_empty) {
            let split = if kept.len() == held_out { "training" } else { "validation" };
            let problem = format!("all {split} images are dropped: keep some");
            return Err(DataError::Labels { file: self.file.to_path_buf(), line: None, problem });
        }
        let dropped = set.len() - kept.len();
        source.train = set.with_labels(Targets::of(targets)).select(&kept)?;
        source.validation = validation;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let mut note =
            format!("{name}: training images relabelled: {relabelled}, dropped: {dropped}");
        if self.about_test > 0 {
            let about_test = self.about_test;
            note = format!("{note}; rows about test images, which stay as they are: {about_test}");
        }
        source.notes.push(note);
        Ok(())
    }
}

impl Row {
    /// The decision, or what is wrong with it.
    fn action(&self, images: &Images) -> Result<Action, String> {
        match self.action.as_str() {
            "keep" => Ok(Action::Keep),
            "drop" => Ok(Action::Drop),
            "relabel" => images.label(&self.label).map(Action::Relabel),
            other => Err(format!("\"{other}\" is not an action: expected keep, relabel or drop")),
        }
    }

    /// The image as an error names it.
    fn name(&self) -> String {
        if self.file.is_empty() {
            format!("image {}", self.index)
        } else {
            format!("\"{}\"", self.file)
        }
    }
}

/// The images that a row can name.
struct Images<'a> {
    train: &'a ImageSet,
    class_names: &'a [String],
    /// The place of each file in the training split.
    files: BTreeMap<&'a str, usize>,
    /// The files of the test split.
    test: BTreeMap<&'a str, usize>,
}

impl<'a> Images<'a> {
    fn new(source: &'a LoadedDataset) -> Self {
        let files = |set: &'a ImageSet| {
            (0..set.len()).filter_map(|index| Some((set.file(index)?, index))).collect()
        };
        Self {
            train: &source.train,
            class_names: &source.class_names,
            files: files(&source.train),
            test: files(&source.test),
        }
    }

    /// The label that `text` names; for multi-label images, classes separated by `;`, or none.
    fn label(&self, text: &str) -> Result<Label, String> {
        let class = |name: &str| {
            let place = self.class_names.iter().position(|known| known == name);
            place.and_then(|place| u16::try_from(place).ok()).ok_or_else(|| {
                let known = self.class_names.join(", ");
                format!("\"{name}\" is not a class: expected {known}")
            })
        };
        if !self.train.targets().is_multi_label() {
            return Ok(Label::Class(class(text)?));
        }
        let names = text.split(SEPARATOR).map(str::trim).filter(|name| !name.is_empty());
        let mut classes = names.map(class).collect::<Result<Vec<_>, _>>()?;
        classes.sort_unstable();
        classes.dedup();
        Ok(Label::Set(classes))
    }

    /// The place of a row's image in the training split; `None` for a test image.
    fn find(&self, row: &Row) -> Result<Option<usize>, String> {
        let name = row.name();
        let place = if row.file.is_empty() {
            let images = self.train.len();
            let index = row.index.parse().ok().filter(|index| *index < images);
            index.ok_or_else(|| {
                format!("{name} is not in the training split: expected 0 to {}", images - 1)
            })?
        } else if let Some(&place) = self.files.get(row.file.as_str()) {
            place
        } else if self.test.contains_key(row.file.as_str()) {
            return Ok(None);
        } else if self.files.is_empty() {
            return Err(String::from("the images are not files: name them in a column index"));
        } else {
            return Err(format!(
                "there is no picture {name} in the data set: correct or remove it"
            ));
        };
        if !row.given.is_empty() && self.label(&row.given)? != self.train.targets().label(place) {
            let classes = self.train.classes(place).iter();
            let names = classes.map(|&class| self.class_names[usize::from(class)].as_str());
            let label = names.collect::<Vec<_>>().join(&SEPARATOR.to_string());
            return Err(format!(
                "{name} is labelled \"{label}\", not \"{}\": the file was made for other labels; \
                 correct or remove the line",
                row.given
            ));
        }
        Ok(Some(place))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::preparation::{InputConfig, PreparationKind};
    use crate::shape::ImageShape;

    /// Six training images of classes "a" and "b" in turn, whose pixels are their indices.
    fn source(is_files: bool) -> LoadedDataset {
        let shape = ImageShape { channels: 1, height: 1, width: 1 };
        let labels = (0..6).map(|index| index % 2).collect();
        let mut train = ImageSet::new(shape, (0..6).collect(), labels, 2).unwrap();
        let mut test = ImageSet::new(shape, vec![9], vec![0], 2).unwrap();
        if is_files {
            train.set_files((0..6).map(|index| format!("{index}.png")).collect());
            test.set_files(vec![String::from("test.png")]);
        }
        LoadedDataset {
            train,
            validation: None,
            test,
            undivided: None,
            class_names: vec![String::from("a"), String::from("b")],
            preparation: InputConfig::default().preparation(PreparationKind::Picture).unwrap(),
            notes: Vec::new(),
        }
    }

    fn correct(text: &str, source: &mut LoadedDataset) -> Result<(), DataError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("corrections.csv");
        fs::write(&file, text).unwrap();
        Corrections::read(&file, source)?.apply(source)
    }

    #[test]
    fn images_are_relabelled_and_dropped_and_keep_their_places() {
        let mut source = source(false);
        let text =
            "index,action,label,given,kind\n1,drop,,b,label\n4,relabel,b,a,label\n3,keep,a,,\n";
        correct(text, &mut source).unwrap();
        let train = &source.train;
        assert_eq!(train.labels(), [0, 0, 1, 1, 1]);
        let places: Vec<_> = (0..train.len()).map(|index| train.place(index)).collect();
        assert_eq!(places, [0, 2, 3, 4, 5]);
        assert_eq!(*train.pixels(3).unwrap(), [4]);
        let note = "corrections.csv: training images relabelled: 1, dropped: 1";
        assert_eq!(source.notes, [note]);
    }

    #[test]
    fn files_are_named_and_test_images_stay() {
        let mut source = source(true);
        correct("file,action,label\n2.png,relabel,b\ntest.png,drop,\n", &mut source).unwrap();
        assert_eq!((source.train.labels()[2], source.test.len()), (1, 1));
        assert!(source.notes[0].ends_with("; rows about test images, which stay as they are: 1"));
    }

    #[test]
    fn multi_label_images_get_sets_of_classes() {
        let mut source = source(false);
        let sets = Targets::Sets((0..6).map(|index| vec![index % 2]).collect());
        source.train = source.train.with_labels(sets);
        let text = "index,action,label,given\n0,relabel,b;a,a\n1,relabel,,b\n2,drop,,a\n";
        correct(text, &mut source).unwrap();
        let expected = [&[0, 1][..], &[], &[1], &[0], &[1]];
        assert!((0..5).all(|index| source.train.classes(index) == expected[index]));
    }

    #[test]
    fn own_validation_images_stay_held_out() {
        let mut source = source(false);
        source.validation = Some(vec![1, 4]);
        correct("index,action\n0,drop\n1,drop\n", &mut source).unwrap();
        assert_eq!(source.validation, Some(vec![2]));
        assert_eq!(source.train.place(2), 4);
    }

    #[test]
    fn a_subset_is_corrected_by_the_places_in_the_whole_split() {
        let mut source = source(false);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("corrections.csv");
        fs::write(&file, "index,action\n0,drop\n5,drop\n").unwrap();
        let corrections = Corrections::read(&file, &source).unwrap();
        source.train = source.train.select(&[3, 5]).unwrap();
        corrections.apply(&mut source).unwrap();
        assert_eq!((source.train.len(), source.train.place(0)), (1, 3));
    }

    #[test]
    fn mistakes_are_reported_with_their_line() {
        for (text, problem) in [
            (
                "file,label\n",
                ":1: expected the columns file or index, action and label, found file",
            ),
            (
                "index,action\n0,keep\n6,drop\n",
                ":3: image 6 is not in the training split: expected",
            ),
            ("index,action\nx,drop\n", ":2: image x is not in the training split: expected 0 to 5"),
            ("index,action\n0,delete\n", ":2: \"delete\" is not an action: expected keep, relabel"),
            ("index,action,label\n0,relabel,c\n", ":2: \"c\" is not a class: expected a, b"),
            ("index,action\n0,relabel\n", ":2: \"\" is not a class: expected a, b"),
            ("index,action\n0,keep\n0,drop\n", ":3: image 0 is named twice"),
            ("index,action,given\n0,drop,b\n", ":2: image 0 is labelled \"a\", not \"b\""),
            ("file,action\na.png,drop\n", ":2: the images are not files: name them in a column"),
            ("index,action\n0\n", ":2: CSV error: record 1 (line: 2"),
            ("index,action\n0,drop\n1,drop\n2,drop\n3,drop\n4,drop\n5,drop\n", "csv: all training"),
        ] {
            let message = correct(text, &mut source(false)).unwrap_err().to_string();
            assert!(message.contains(problem), "{message}");
        }
        let message =
            correct("file,action\na.png,drop\n", &mut source(true)).unwrap_err().to_string();
        assert!(message.contains(":2: there is no picture \"a.png\" in the data set"), "{message}");
        let mut source = source(false);
        source.validation = Some(vec![5]);
        let message = correct("index,action\n5,drop\n", &mut source).unwrap_err().to_string();
        assert!(message.contains("all validation images are dropped"), "{message}");
    }
}
