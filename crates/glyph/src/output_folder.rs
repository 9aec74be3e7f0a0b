//! A folder for pictures that are made from the input pictures.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use data::printable_path;

use crate::inputs::Input;

/// A folder in which every picture has a unique name.
pub struct OutputFolder {
    /// The path for each picture, in the order of the pictures.
    places: Vec<PathBuf>,
}

impl OutputFolder {
    /// Chooses a path in `folder` for everything that is made from each of `inputs`, without an
    /// extension: the picture's file name, followed by a number if the name is taken. Writes
    /// nothing.
    pub fn plan(folder: &Path, inputs: &[Input]) -> Self {
        let mut used = HashSet::new();
        let place = |input: &Input| {
            let stem = stem(input);
            let numbered = (2..).map(|number| format!("{stem}-{number}"));
            let mut names = std::iter::once(stem.clone()).chain(numbered);
            // Some file systems do not tell upper from lower case.
            let name = names.find(|name| used.insert(name.to_lowercase()));
            folder.join(name.unwrap_or(stem))
        };
        Self { places: inputs.iter().map(place).collect() }
    }

    /// The paths, in the order of the pictures.
    pub fn places(&self) -> &[PathBuf] {
        &self.places
    }

    /// The path for the picture with this index.
    pub fn place(&self, picture: usize) -> &Path {
        &self.places[picture]
    }
}

/// Makes the folder, and those above it.
pub fn make_output_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| printable_path(folder))
}

/// The name of a picture without its extension, as the name of a file or folder of its own.
fn stem(input: &Input) -> String {
    let Input::File(path) = input else { return "stdin".to_owned() };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    // The stem of `...jpg` is `..`, which leads out of the folder.
    if stem.chars().all(|character| character == '.') {
        return "picture".to_owned();
    }
    let is_harmless = |character: char| !character.is_control() && !r"/\:".contains(character);
    stem.chars().map(|character| if is_harmless(character) { character } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(names: &[&str]) -> Vec<String> {
        let inputs: Vec<Input> =
            names.iter().map(|name| Input::File(PathBuf::from(name))).collect();
        let planned = OutputFolder::plan(Path::new("out"), &inputs);
        planned.places().iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let found = places(&["a/...jpg", "....png", ".jpg", "a/b\nc.jpg", "d\\..\\e.png"]);
        assert_eq!(found, ["out/picture", "out/picture-2", "out/.jpg", "out/b_c", "out/d_.._e"]);
    }

    #[test]
    fn pictures_of_the_same_name_get_numbers_that_no_other_has() {
        let found = places(&["a/x.png", "b/x.jpg", "x-2.png", "X.png", "a/x.png"]);
        assert_eq!(found, ["out/x", "out/x-2", "out/x-2-2", "out/X-3", "out/x-4"]);
    }
}
