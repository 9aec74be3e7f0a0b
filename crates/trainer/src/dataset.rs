//! `trainer dataset`: what a data set holds, before anything is trained on it.

mod class_counts;
mod duplicate_images;
mod part;
mod pictures;
mod pixel_statistics;
mod warnings;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use data::{ImageShape, SourceName};
use serde::Serialize;

use self::class_counts::{ClassCounts, Counts, count, count_table};
use self::duplicate_images::DuplicateImages;
use self::part::{ImageReference, parts};
use self::pixel_statistics::PixelStatistics;
use self::warnings::{constant_images, warnings};
use crate::changes::Changes;
use crate::command_line::DatasetOptions;
use crate::config::Config;
use crate::config_file::ConfigFile;
use crate::console::{Console, Verbosity};
use crate::images::Images;
use crate::layer_table::grouped;
use crate::report_files::write;

/// What `dataset` prints, as text or as JSON.
#[derive(Serialize)]
struct Overview<'a> {
    source: SourceName,
    shape: ImageShape,
    images: Counts,
    classes: Vec<ClassCounts<'a>>,
    pixels: PixelStatistics,
    duplicates: DuplicateImages<'a>,
    constant_images: Vec<ImageReference<'a>>,
    warnings: Vec<String>,
    /// The files written.
    pictures: Vec<PathBuf>,
}

/// Counts, measures and draws the data set of a config.
pub fn dataset(options: &DatasetOptions) -> anyhow::Result<()> {
    let mut console = Console::new(if options.json { Verbosity::Json } else { Verbosity::Text });
    let (file, config) = ConfigFile::read(&options.config, &options.set)?;
    let images = Images::load(&config, &file, &mut console)?;
    let shape = images.source.train.shape();
    // Built even if nothing is drawn: what training would refuse is refused here.
    let changes = Changes::new(&config, &file, shape)?;
    let mut overview = Overview::new(&config, &images);
    if let Some(folder) = &options.output {
        overview.pictures = write_pictures(folder, &config, &images, &changes, &console)?;
    }
    console.result(&overview.text(), &overview);
    Ok(())
}

/// What is wrong with the images of a config, a line each.
pub fn data_warnings(config: &Config, images: &Images) -> Vec<String> {
    Overview::new(config, images).warnings
}

impl<'a> Overview<'a> {
    fn new(config: &Config, images: &'a Images) -> Self {
        let parts = parts(images);
        let (counts, classes) = count(&parts, &images.source.class_names);
        let pixels = PixelStatistics::new(config, images);
        let duplicates = DuplicateImages::find(&parts, &images.source.class_names);
        let constant_images = constant_images(&parts, &images.source.class_names);
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

    fn text(&self) -> String {
        let (total, classes) = (grouped(self.images.total as u64), self.classes.len());
        let noun = if classes == 1 { "class" } else { "classes" };
        let warnings: Vec<_> =
            self.warnings.iter().map(|warning| format!("warning: {warning}")).collect();
        let pictures: Vec<_> =
            self.pictures.iter().map(|path| path.display().to_string()).collect();
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

/// Draws all pictures, then writes them; returns their paths.
fn write_pictures(
    folder: &Path,
    config: &Config,
    images: &Images,
    changes: &Changes,
    console: &Console,
) -> anyhow::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut drawn = vec![("samples.png", pictures::samples(config, images)?)];
    if changes.augmentation.is_some() || changes.line_negatives.is_some() {
        let picture = pictures::augmented(config, images, changes.clone())?;
        drawn.push(("augmented.png", picture));
    } else {
        console.say("augmented.png is not drawn: the config has no [augment] and no [line_negatives]");
    }
    if let Some(picture) = pictures::negatives(config, images, changes.clone())? {
        drawn.push(("negatives.png", picture));
    }
    let (classes, shown) = (images.source.class_names.len(), pictures::MOST_CLASSES);
    if classes > shown {
        console.say(&format!("class_images.png shows the first {shown} of {classes} classes"));
    }
    drawn.push(("class_images.png", pictures::class_images(images)?));
    let mut paths = Vec::with_capacity(drawn.len());
    for (name, picture) in drawn {
        let path = folder.join(name);
        write(&path, &picture.png()?)?;
        paths.push(path);
    }
    Ok(paths)
}

#[cfg(test)]
mod tests;
