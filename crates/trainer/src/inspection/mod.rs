//! What a data set holds, before anything is trained on it: counts, statistics, duplicates, pictures
//! of samples, and warnings.

mod class_counts;
mod duplicate_images;
mod pictures;
mod pixel_statistics;
mod split;
mod warnings;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use data::{ImageShape, SourceName, printable_path};
use metrics::numbers::grouped;
use serde::Serialize;

use self::class_counts::{ClassCounts, Counts, count, count_table};
use self::duplicate_images::DuplicateImages;
use self::pixel_statistics::PixelStatistics;
use self::split::{ImageReference, splits};
use self::warnings::{constant_images, warnings};
use crate::augmentation::TrainingAugmentation;
use crate::config::DataConfig;
use crate::images::Images;
use runs::write_file;

/// Everything known about a data set.
#[derive(Serialize)]
pub struct Overview<'a> {
    source: SourceName,
    shape: ImageShape,
    images: Counts,
    classes: Vec<ClassCounts<'a>>,
    pixels: PixelStatistics,
    duplicates: DuplicateImages<'a>,
    constant_images: Vec<ImageReference<'a>>,
    warnings: Vec<String>,
    /// The pictures written.
    pub pictures: Vec<PathBuf>,
}

/// The pictures of a data set, written to a folder.
pub struct WrittenPictures {
    /// Their files.
    pub paths: Vec<PathBuf>,
    /// What is not drawn, and why.
    pub notes: Vec<String>,
}

/// Warnings of the images of a config, one line each.
#[must_use]
pub fn data_warnings(config: &DataConfig, images: &Images) -> Vec<String> {
    Overview::new(config, images).warnings
}

impl<'a> Overview<'a> {
    /// Counts and measures `images`, which `config` names.
    #[must_use]
    pub fn new(config: &DataConfig, images: &'a Images) -> Self {
        let splits = splits(images);
        let (counts, classes) = count(&splits, &images.source.class_names);
        let pixels = PixelStatistics::new(config, images);
        let duplicates = DuplicateImages::find(&splits, &images.source.class_names);
        let constant_images = constant_images(&splits, &images.source.class_names);
        Self {
            source: config.dataset.source,
            shape: images.source.train.shape(),
            images: counts,
            warnings: warnings(&classes, &pixels, &duplicates, &constant_images),
            classes,
            pixels,
            duplicates,
            constant_images,
            pictures: Vec::new(),
        }
    }

    /// The overview for people.
    #[must_use]
    pub fn text(&self) -> String {
        let (total, classes) = (grouped(self.images.total as u64), self.classes.len());
        let noun = if classes == 1 { "class" } else { "classes" };
        let warnings: Vec<_> =
            self.warnings.iter().map(|warning| format!("warning: {warning}")).collect();
        let pictures: Vec<_> = self.pictures.iter().map(|path| printable_path(path)).collect();
        let sections = [
            format!("{}: {total} images of {}, {classes} {noun}", self.source, self.shape),
            count_table(&self.images, &self.classes),
            self.pixels.text(),
            self.duplicates.text(),
            warnings.join("\n"),
            pictures.join("\n"),
        ];
        let sections = sections.iter().map(|section| section.trim_end());
        sections.filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n\n")
    }
}

/// The names of all pictures that [`write_pictures`] can write.
pub const PICTURE_FILES: [&str; 4] =
    ["samples.png", "augmented.png", "negatives.png", "class_images.png"];

/// Draws samples of the images and what training makes of them, and writes the pictures to `folder`.
///
/// # Errors
/// When a picture cannot be drawn, or a file cannot be written.
pub fn write_pictures(
    folder: &Path,
    config: &DataConfig,
    images: &Images,
    augmentation: &TrainingAugmentation,
) -> anyhow::Result<WrittenPictures> {
    fs::create_dir_all(folder).with_context(|| printable_path(folder))?;
    let mut notes = Vec::new();
    let mut drawn = vec![("samples.png", pictures::samples(config, images)?)];
    if augmentation.augmentation.is_some() || augmentation.line_negatives.is_some() {
        let picture = pictures::augmented(config, images, augmentation.clone())?;
        drawn.push(("augmented.png", picture));
    } else {
        notes.push(
            "augmented.png is not drawn: the config has no [augment] and no [line_negatives]"
                .into(),
        );
    }
    if let Some(picture) = pictures::negatives(config, images, augmentation.clone())? {
        drawn.push(("negatives.png", picture));
    }
    let (classes, shown) = (images.source.class_names.len(), pictures::MOST_CLASSES);
    if classes > shown {
        notes.push(format!("class_images.png shows the first {shown} of {classes} classes"));
    }
    drawn.push(("class_images.png", pictures::class_images(images)?));
    let mut paths = Vec::with_capacity(drawn.len());
    for (name, picture) in drawn {
        let path = folder.join(name);
        write_file(&path, &picture.png()?)?;
        paths.push(path);
    }
    Ok(WrittenPictures { paths, notes })
}

#[cfg(test)]
mod tests;
