//! Checks that every key of a config that this crate reads is documented.

use serde::Serialize;

use crate::augment::AugmentConfig;
use crate::line_negatives::LineNegativesConfig;
use crate::outliers::OutliersConfig;
use crate::preparation::InputConfig;
use crate::source::DatasetConfig;

const DATASET: &str = "
    source = 'idx'
    path = 'files'
    labels = 'labels.csv'
    corrections = 'corrections.csv'
    validation = 0.1
    test = 0.1
    skip_unreadable = true
    in_memory = false
    transpose = true
    train_images = 5
    test_images = 5
    class_names = ['a', 'b']
    normalization = { mean = [0.5], standard_deviation = [0.5] }
";
const INPUT: &str = "
    kind = 'picture'
    size = 32
    channels = 3
    fit = 'pad'
    background = 0
    polarity = 'invert'
";
const AUGMENT: &str = "
    flip = { horizontal = 0.5, vertical = 0.5 }
    invert = 0.5
    policy = 'trivial'
    mixup = { probability = 0.5, alpha = 1.0 }
    cutmix = { probability = 0.5, alpha = 1.0 }
    partial = 0.5
    thickness = { probability = 0.5, range = [1.0, 1.0] }
    outline = { probability = 0.5, range = [1.0, 1.0] }
    blobs = { probability = 0.5, range = [1.0, 1.0] }
    strokes = { probability = 0.5, range = [1.0, 1.0] }
    random_convolution = { probability = 0.5, range = [1.0, 1.0] }
    background = { probability = 0.5, range = [1.0, 1.0] }
    gradient = { probability = 0.5, range = [1.0, 1.0] }
    contrast = { probability = 0.5, range = [1.0, 1.0] }
    brightness = { probability = 0.5, range = [1.0, 1.0] }
    gamma = { probability = 0.5, range = [1.0, 1.0] }
    saturation = { probability = 0.5, range = [1.0, 1.0] }
    hue = { probability = 0.5, range = [1.0, 1.0] }
    disc_blur = { probability = 0.5, range = [1.0, 1.0] }
    gaussian_blur = { probability = 0.5, range = [1.0, 1.0] }
    motion_blur = { probability = 0.5, range = [1.0, 1.0] }
    resampling = { probability = 0.5, range = [1.0, 1.0] }
    gaussian_noise = { probability = 0.5, range = [1.0, 1.0] }
    speckle_noise = { probability = 0.5, range = [1.0, 1.0] }
    sensor_noise = { probability = 0.5, range = [1.0, 1.0] }
    impulse_noise = { probability = 0.5, range = [1.0, 1.0] }
    jpeg = { probability = 0.5, range = [1.0, 1.0] }
    rotate = 10.0
    translate = 0.1
    scale = [0.9, 1.1]
    shear = 5.0
    elastic = { displacement = 1.0, smoothness = 4.0 }
    erase = { probability = 0.5, area = [0.1, 0.2] }
";
const OUTLIERS: &str = "
    glyphs = 0.1
    scribbles = 0.1
    textures = 0.1
    turned = 0.1
";
const LINE_NEGATIVES: &str = "
    partial = 0.1
    invalid = 0.1
";

/// The keys of a section and of the tables in it.
fn keys(section: &toml::Table) -> Vec<String> {
    let nested = section.values().filter_map(toml::Value::as_table).flat_map(keys);
    section.keys().cloned().chain(nested).collect()
}

/// Checks a section that has all of its keys against the sources of its structs.
fn check(config: impl Serialize, text: &str, sources: &[&str]) {
    let section = toml::Table::try_from(config).unwrap();
    let given: toml::Table = toml::from_str(text).unwrap();
    let (mut written, mut expected) = (keys(&section), keys(&given));
    written.sort();
    expected.sort();
    assert_eq!(written, expected, "the section does not have all keys");
    for key in written {
        let field = format!("    pub {key}: ");
        let Some((before, _)) = sources.iter().find_map(|source| source.split_once(&field)) else {
            panic!("no field {key}");
        };
        let attributes_skipped = before.trim_end().lines().rev();
        let above = attributes_skipped.map(str::trim).find(|line| !line.starts_with("#["));
        assert!(above.is_some_and(|line| line.starts_with("/// ")), "{key} has no documentation");
    }
}

#[test]
fn every_key_is_documented() {
    let dataset: DatasetConfig = toml::from_str(DATASET).unwrap();
    check(dataset, DATASET, &[include_str!("source/config.rs"), include_str!("normalization.rs")]);
    let input: InputConfig = toml::from_str(INPUT).unwrap();
    check(input, INPUT, &[include_str!("preparation/config.rs")]);
    let augment: AugmentConfig = toml::from_str(AUGMENT).unwrap();
    check(
        augment,
        AUGMENT,
        &[
            include_str!("augment/config.rs"),
            include_str!("augment/elastic.rs"),
            include_str!("augment/erase.rs"),
            include_str!("augment/flip.rs"),
            include_str!("augment/mixing.rs"),
            include_str!("augment/random_range.rs"),
        ],
    );
    let negatives: LineNegativesConfig = toml::from_str(LINE_NEGATIVES).unwrap();
    let outliers: OutliersConfig = toml::from_str(OUTLIERS).unwrap();
    check(outliers, OUTLIERS, &[include_str!("outliers.rs")]);
    check(negatives, LINE_NEGATIVES, &[include_str!("line_negatives.rs")]);
}
