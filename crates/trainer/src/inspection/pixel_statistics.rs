//! Mean and standard deviation of the pixels, and the normalization that follows.

use data::Normalization;
use serde::Serialize;

use crate::config::DataConfig;
use crate::images::Images;
use terminal::text_table;

/// Statistics of `pixel / 255` over the training split, one value for each channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PixelStatistics {
    mean: Vec<f32>,
    /// Zero for a constant channel.
    standard_deviation: Vec<f32>,
    /// The normalization that training uses.
    normalization: Normalization,
    normalization_from: Origin,
}

/// Where the normalization comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Origin {
    Measured,
    Config,
}

impl PixelStatistics {
    pub fn new(config: &DataConfig, images: &Images) -> Self {
        let normalization = images.normalization(&config.dataset);
        let given = config.dataset.normalization.is_some();
        let measured = if given {
            Normalization::of(&images.source.train, &images.split.train)
        } else {
            normalization.clone()
        };
        // No pixels from 0 to 1 deviate by more than 0.5: above, it stands in for zero.
        let deviation = |value: f32| if value > 0.5 { 0.0 } else { value };
        Self {
            mean: measured.mean,
            standard_deviation: measured.standard_deviation.into_iter().map(deviation).collect(),
            normalization,
            normalization_from: if given { Origin::Config } else { Origin::Measured },
        }
    }

    /// The channels with one value in all images.
    pub fn constant_channels(&self) -> impl Iterator<Item = String> {
        let channels = self.standard_deviation.iter().enumerate();
        channels.filter(|(_, deviation)| **deviation == 0.0).map(|(channel, _)| self.name(channel))
    }

    /// A row per channel, and the normalization.
    pub fn text(&self) -> String {
        let both = self.mean.iter().zip(&self.standard_deviation).enumerate();
        let rows: Vec<_> = both
            .map(|(channel, (mean, deviation))| {
                vec![self.name(channel), format!("{mean:.4}"), format!("{deviation:.4}")]
            })
            .collect();
        let table = text_table(&["channel", "mean", "standard deviation"], &rows);
        let constant = self.constant_channels().next().is_some();
        let normalization = match self.normalization_from {
            Origin::Config => {
                let Normalization { mean, standard_deviation } = &self.normalization;
                let (mean, deviation) = (list(mean), list(standard_deviation));
                format!("those of the config: mean {mean}, standard deviation {deviation}")
            }
            Origin::Measured if constant => "these figures, 1 for a deviation of 0".to_owned(),
            Origin::Measured => "these figures".to_owned(),
        };
        format!(
            "pixels of the training split, from 0 to 1:\n{table}training normalizes with \
             {normalization}\n"
        )
    }

    fn name(&self, channel: usize) -> String {
        match (self.mean.len(), channel) {
            (1, _) => "grey".to_owned(),
            (3, 0..=2) => ["red", "green", "blue"][channel].to_owned(),
            _ => channel.to_string(),
        }
    }
}

fn list(values: &[f32]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
