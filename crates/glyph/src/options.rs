//! Groups of options that several commands have.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they are.

use std::path::PathBuf;

use clap::Args;
use data::{InputConfig, Preparation};
use ink::PixelLimit;
use model::{Classifier, MultiLabel};
use reader::DEFAULT_THRESHOLD;
use trainer::config::parse_settings;

use crate::models::DEFAULT_MODEL;

/// Pictures, and the model that looks at them.
#[derive(Args)]
pub struct PictureOptions {
    /// Pictures (PNG, JPEG, BMP, GIF, TIFF, WebP), folders of pictures, - for the standard input
    #[arg(value_name = "INPUT", required = true)]
    pub inputs: Vec<PathBuf>,
    /// Model to use: robust or cnn, which are built in, or the folder of a trained one (./cnn if it is called so)
    #[arg(long, value_name = "NAME|DIR", env = "GLYPH_MODEL", default_value = DEFAULT_MODEL)]
    pub model: String,
    /// Prepare pictures otherwise than the model says: kind, fit, background or polarity, as in a config,
    /// for example polarity=invert (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub input: Vec<String>,
    /// Reject answers less probable than this, 0 to 1 [default: 0.8; predict, of a calibrated model: none,
    /// its score decides; of a multi-label model: the threshold of each class]
    #[arg(long, value_name = "P", value_parser = probability)]
    pub threshold: Option<f64>,
    /// Refuse pictures of more pixels (width × height), and files of more than 4 bytes per pixel
    #[arg(long, value_name = "N", default_value_t = PixelLimit::default().0)]
    pub max_pixels: u64,
}

impl PictureOptions {
    /// How pictures are prepared, if the options change what the model says.
    ///
    /// # Errors
    /// When a key or a value of `--input` is wrong; it names the option.
    pub fn preparation(&self, of_model: Preparation) -> anyhow::Result<Preparation> {
        if self.input.is_empty() {
            return Ok(of_model);
        }
        let input: InputConfig = parse_settings(&self.input).map_err(InputRefused)?;
        Ok(input.changed(of_model).map_err(|error| InputRefused(error.to_string()))?)
    }

    /// The limit on the size of a picture.
    pub fn pixel_limit(&self) -> PixelLimit {
        PixelLimit(self.max_pixels)
    }

    /// The threshold for the digits of a line.
    pub fn digit_threshold(&self) -> f64 {
        self.threshold.unwrap_or(DEFAULT_THRESHOLD)
    }

    /// The thresholds of a multi-label model: the given one for all classes, or else its own; `None` for
    /// another model.
    pub fn label_thresholds(&self, classifier: &Classifier) -> Option<MultiLabel> {
        Some(classifier.multi_label()?.with_threshold(self.threshold))
    }
}

/// A wrong `--input`.
#[derive(Debug, thiserror::Error)]
#[error("--input: {0}")]
pub struct InputRefused(pub String);

/// A data set.
#[derive(Args)]
pub struct DataOptions {
    /// Config with a `dataset` section, or a folder of pictures
    #[arg(value_name = "CONFIG|DIR")]
    pub data: PathBuf,
    /// Override a key of the config, for example dataset.train_images=1000 (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// A number from 0 to 1.
fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}
