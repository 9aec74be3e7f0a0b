use data::{ImageSet, LoadedDataset, Preparation, Split};
use tempfile::TempDir;

use super::*;

/// A config that names MNIST, with `more` in its section or after it.
pub fn config(more: &str) -> DataConfig {
    toml::from_str(&format!("[dataset]\nsource = \"mnist\"\n{more}\n")).unwrap()
}

/// Images of three pixels with their labels; those of `validation` are held out.
pub fn images(
    train: &[([u8; 3], u16)],
    validation: &[usize],
    test: &[([u8; 3], u16)],
    channels: usize,
) -> Images {
    let set = |images: &[([u8; 3], u16)]| {
        let shape = ImageShape { channels, height: 1, width: 3 / channels };
        let pixels = images.iter().flat_map(|image| image.0).collect();
        ImageSet::new(shape, pixels, images.iter().map(|image| image.1).collect(), 3).unwrap()
    };
    let class_names = ["ant", "bee", "cat"].map(str::to_owned).to_vec();
    let held_out = validation.to_vec();
    let train_part = (0..train.len()).filter(|index| !held_out.contains(index)).collect();
    Images {
        source: loaded(set(train), set(test), class_names),
        split: Split { train: train_part, validation: held_out },
    }
}

fn clean() -> Images {
    let train: Vec<_> = (0..9).map(|index| ([index, 100, 200], u16::from(index % 3))).collect();
    let test: Vec<_> = (0..3).map(|index| ([index, 0, 9], u16::from(index))).collect();
    images(&train, &[0, 1, 2], &test[..], 1)
}

/// Everything that there is a warning for.
fn dirty() -> Images {
    let train = [
        ([1, 2, 3], 0),
        ([1, 2, 3], 1), // the same, of another class
        ([4, 5, 6], 0), // held out
        ([4, 5, 6], 0),
        ([7, 7, 7], 0), // of one colour
        ([7, 7, 7], 0),
        ([9, 0, 0], 0), // held out
    ];
    images(&train, &[2, 6], &[([1, 2, 3], 0), ([9, 0, 0], 1), ([7, 8, 9], 0)], 1)
}

#[test]
fn a_clean_set_needs_few_words() {
    let images = clean();
    let text = Overview::new(&config(""), &images).text();
    let expected = "\
mnist: 12 images of 1×1×3, 3 classes

  class   train  validation  test  total
  ant         2           1     1      4
  bee         2           1     1      4
  cat         2           1     1      4
  in all      6           3     3     12

pixels of the training split, from 0 to 1:
  channel    mean  standard deviation
  grey     0.3993              0.3115
training normalizes with these figures

exact duplicates: none";
    assert_eq!(text, expected);
}

#[test]
fn all_that_is_wrong_is_told() {
    let images = dirty();
    let text = Overview::new(&config(""), &images).text();
    let expected = "\
  exact duplicates       groups  images
  train                       2  train 0 = train 1; train 4 = train 5
  validation                  0
  test                        0
  train and validation        1  train 3 = validation 2
  train and test              1  train 0 = train 1 = test 0
  validation and test         1  validation 6 = test 1
  with different labels       2  train 0 (ant) = train 1 (bee); validation 6 (ant) = test 1 (bee)
indices count from 0; train and validation are splits of one set

warning: no images at all of cat
warning: no validation images of bee
warning: 1 test image is in train as well, so the test accuracy is too high
warning: 1 test image is in validation as well, so the test accuracy is too high
warning: 2 groups of equal images have different labels: no network can get all of them right
warning: 2 images are of one colour: train 4, train 5";
    assert!(text.ends_with(expected), "{text}");
    assert!(text.contains("  class   train    share  validation"), "{text}");
}

#[test]
fn json_has_every_group_and_its_classes() {
    let images = dirty();
    let overview = serde_json::to_value(Overview::new(&config(""), &images)).unwrap();
    assert_eq!(overview["source"], "mnist");
    assert_eq!(overview["classes"][1]["name"], "bee");
    assert_eq!(overview["classes"][1]["total"], 2);
    let duplicates = &overview["duplicates"];
    let across = serde_json::json!({
        "splits": ["validation", "test"], "groups": 1, "images": 1, "leaks": true
    });
    assert_eq!(duplicates["places"][5], across);
    assert_eq!(duplicates["contradictions"]["groups"], 2);
    assert_eq!(duplicates["groups"].as_array().unwrap().len(), 4);
    assert_eq!(duplicates["groups"][0]["labels_differ"], true);
    let last = serde_json::json!({"split": "test", "index": 0, "class": "ant"});
    assert_eq!(duplicates["groups"][0]["images"][2], last);
    assert_eq!(overview["constant_images"][1]["index"], 5);
    assert_eq!(overview["warnings"].as_array().unwrap().len(), 6);
}

#[test]
fn indices_are_those_of_the_whole_set() {
    let mut images = dirty();
    images.source.train = images.source.train.select(&[3, 4, 5]).unwrap();
    images.split = Split { train: vec![1, 2], validation: vec![0] };
    let text = Overview::new(&config(""), &images).text();
    assert!(text.contains("  1  train 4 = train 5\n"), "{text}");
    assert!(text.contains("of one colour: train 4, train 5"), "{text}");
}

#[test]
fn many_duplicates_are_cut_short() {
    let train: Vec<_> = (0..40).map(|index| ([index % 4, 0, 1], 0)).collect();
    let images = images(&train, &[0], &[([0, 0, 1], 1)], 1);
    let text = Overview::new(&config(""), &images).text();
    let line = |name: &str| {
        let mut lines = text.lines().map(str::trim).filter(|line| line.starts_with(name));
        lines.next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let inside = "train 1 = train 5 = train 9 = train 13 = …; train 2 = train 6 = train 10 = train \
                  14 = …; train 3 = train 7 = train 11 = train 15 = …; …";
    assert_eq!(line("train  "), format!("train 4 {inside}"));
    assert_eq!(line("train and test"), "train and test 1 train 4 = train 8 = test 0 = …");
}

#[test]
fn a_normalization_of_the_config_is_named() {
    let given = "normalization = { mean = [0.5], standard_deviation = [0.25] }";
    let images = clean();
    let overview = Overview::new(&config(given), &images);
    let line = "training normalizes with those of the config: mean 0.5, standard deviation 0.25\n";
    assert!(overview.text().contains(line), "{}", overview.text());
    assert!(overview.text().contains("0.3993"), "{}", overview.text());
    let json = serde_json::to_value(&overview).unwrap();
    assert_eq!(json["pixels"]["normalization_from"], "config");
    assert_eq!(json["pixels"]["normalization"]["mean"][0], 0.5);
}

#[test]
fn a_constant_channel_deviates_by_nothing() {
    let train = [([0, 51, 9], 0), ([255, 51, 9], 1), ([0, 51, 8], 2), ([255, 51, 8], 2)];
    let images = images(&train, &[3], &[([1, 2, 3], 0)], 3);
    let text = Overview::new(&config(""), &images).text();
    assert!(text.contains("  green    0.2000              0.0000\n"), "{text}");
    assert!(text.contains("with these figures, 1 for a deviation of 0\n"), "{text}");
    assert!(text.contains("warning: channel green is the same in all training images"), "{text}");
}

fn loaded(train: ImageSet, test: ImageSet, class_names: Vec<String>) -> LoadedDataset {
    let (preparation, notes) = (Preparation::PICTURE, Vec::new());
    let (validation, undivided) = (None, None);
    LoadedDataset { train, validation, test, undivided, class_names, preparation, notes }
}

/// Twelve images of 28×28 pixels with a bar of ink.
fn digits() -> Images {
    let shape = ImageShape { channels: 1, height: 28, width: 28 };
    let bar = (0..28 * 28).map(|place| if place % 28 / 4 == 3 { 255 } else { 0 });
    let pixels: Vec<u8> = bar.collect::<Vec<_>>().repeat(12);
    let train = ImageSet::new(shape, pixels, vec![0; 12], 1).unwrap();
    let source = loaded(train.clone(), train, vec!["bar".to_owned()]);
    let split = Split { train: (0..10).collect(), validation: vec![10, 11] };
    Images { source, split }
}

/// The names of the files that are drawn for a config.
fn drawn(config: &DataConfig, images: &Images) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let output = folder.path().join("new/folder");
    let shape = images.source.train.shape();
    let augmentation = TrainingAugmentation {
        augmentation: config.augment.as_ref().map(|augment| augment.build(shape).unwrap()),
        line_negatives: config.line_negatives.map(|config| config.build(shape).unwrap()),
        outliers: config.outliers.map(|config| config.build(shape).unwrap()),
    };
    let paths = write_pictures(&output, config, images, &augmentation).unwrap().paths;
    let contents = paths.iter().map(|path| fs::read(path).unwrap());
    assert!(contents.into_iter().all(|bytes| bytes.starts_with(b"\x89PNG")));
    assert_eq!(fs::read_dir(&output).unwrap().count(), paths.len());
    let names = paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    names.collect()
}

#[test]
fn pictures_are_drawn_of_what_there_is() {
    let always = ["samples.png", "class_images.png"];
    assert_eq!(drawn(&config(""), &clean()), always);
    let augmented = ["samples.png", "augmented.png", "class_images.png"];
    assert_eq!(drawn(&config("[augment]\nrotate = 9.0"), &dirty()), augmented);
    let with_negatives = ["samples.png", "augmented.png", "negatives.png", "class_images.png"];
    assert_eq!(drawn(&config("[line_negatives]\ninvalid = 0.5"), &digits()), with_negatives);
    assert_eq!(drawn(&config("[outliers]\nscribbles = 0.5"), &digits()), {
        ["samples.png", "negatives.png", "class_images.png"]
    });
    assert_eq!(drawn(&config("[line_negatives]\npartial = 0.5"), &digits()), augmented);
    // Ten images are too few for a negative.
    assert_eq!(drawn(&config("[line_negatives]\ninvalid = 0.05"), &digits()), augmented);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (none, pictures) = (TrainingAugmentation::default(), file.join("pictures"));
    let result = write_pictures(&pictures, &config(""), &clean(), &none);
    assert!(result.err().unwrap().to_string().ends_with("file/pictures"));
}
