//! The epochs of a run: their figures, and `metrics.csv`, which stores them.

use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::METRICS;
use crate::read::{ReadError, invalid, is_share, read_file, read_table};
use crate::tally::Tally;

/// The figures of one split in one epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitFigures {
    /// Mean loss, in nats.
    pub loss: f64,
    /// Share of the images classified correctly, 0 to 1.
    pub accuracy: f64,
    /// Time that the split took.
    pub seconds: f64,
    /// Images over seconds.
    pub images_per_second: f64,
}

impl SplitFigures {
    /// The figures of what `tally` has counted in `seconds`.
    #[must_use]
    pub fn new(tally: &Tally, seconds: f64) -> Self {
        Self {
            loss: tally.loss(),
            accuracy: tally.accuracy(),
            seconds,
            images_per_second: tally.images() as f64 / seconds.max(1e-9),
        }
    }
}

/// No epoch and no run takes longer, in seconds: three hundred years.
pub(crate) const LONGEST: f64 = 1e10;

/// Whether `seconds` is a time that a run can have taken.
pub(crate) fn is_time(seconds: f64) -> bool {
    (0.0..=LONGEST).contains(&seconds)
}

/// The figures of one epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochFigures {
    /// Counted from 1.
    pub epoch: usize,
    /// Of the training images, as augmented, while the weights changed.
    pub train: SplitFigures,
    /// Of the validation images, with the weights at the epoch's end.
    pub validation: SplitFigures,
    /// The learning rate of the epoch's last step.
    pub learning_rate: f64,
}

impl EpochFigures {
    /// Whether an epoch can have these figures.
    pub(crate) fn are_plausible(&self) -> bool {
        let of_split = |figures: &SplitFigures| {
            let SplitFigures { loss, accuracy, seconds, images_per_second } = *figures;
            let is_speed = images_per_second.is_finite() && images_per_second >= 0.0;
            loss.is_finite() && is_share(accuracy) && is_time(seconds) && is_speed
        };
        of_split(&self.train) && of_split(&self.validation) && self.learning_rate.is_finite()
    }
}

/// The contents of `metrics.csv`: two rows per epoch.
#[must_use]
pub fn to_csv(history: &[EpochFigures]) -> String {
    let mut text = "epoch,split,loss,accuracy,learning_rate,seconds,images_per_second\n".to_owned();
    for epoch in history {
        for (split, figures) in [("train", &epoch.train), ("validation", &epoch.validation)] {
            let SplitFigures { loss, accuracy, seconds, images_per_second } = figures;
            let (number, rate) = (epoch.epoch, epoch.learning_rate);
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{number},{split},{loss:.6},{accuracy:.6},{rate:.6e},{seconds:.3},\
                 {images_per_second:.1}"
            );
        }
    }
    text
}

/// A row of `metrics.csv`.
#[derive(Deserialize)]
struct MetricsRow {
    epoch: usize,
    split: String,
    loss: f64,
    accuracy: f64,
    learning_rate: f64,
    seconds: f64,
    images_per_second: f64,
}

/// The epochs of the run in `folder`; none if there is no `metrics.csv`.
///
/// # Errors
/// When the file cannot be read or has wrong contents.
pub fn read_history(folder: &Path) -> Result<Vec<EpochFigures>, ReadError> {
    let path = folder.join(METRICS);
    read_file(&path)?.map_or(Ok(Vec::new()), |text| parse_history(&path, &text))
}

/// The epochs in `text`, the contents of the `metrics.csv` at `path`.
///
/// # Errors
/// When the contents are wrong.
pub fn parse_history(path: &Path, text: &[u8]) -> Result<Vec<EpochFigures>, ReadError> {
    let rows: Vec<MetricsRow> = read_table(path, text)?;
    let epochs = rows.chunks(2).zip(1..).map(|(rows, epoch)| epoch_figures(rows, epoch));
    epochs.collect::<Result<_, _>>().map_err(|problem| invalid(path, problem))
}

/// The figures of `epoch`, or the problem with its rows.
fn epoch_figures(rows: &[MetricsRow], epoch: usize) -> Result<EpochFigures, String> {
    let figures = |split: &str, row: Option<&MetricsRow>| {
        let row = row.ok_or_else(|| format!("epoch {epoch} has no row `{split}`"))?;
        let MetricsRow { loss, accuracy, seconds, images_per_second, .. } = *row;
        if (row.epoch, row.split.as_str()) != (epoch, split) {
            let found = format!("`{},{}`", row.epoch, row.split);
            return Err(format!("the row of `{epoch},{split}` is one of {found}"));
        }
        if !is_share(accuracy) {
            return Err(format!("{split} accuracy of epoch {epoch} is {accuracy}, outside 0 to 1"));
        }
        Ok(SplitFigures { loss, accuracy, seconds, images_per_second })
    };
    Ok(EpochFigures {
        epoch,
        train: figures("train", rows.first())?,
        validation: figures("validation", rows.get(1))?,
        learning_rate: rows[0].learning_rate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_two_rows_an_epoch() {
        let figures =
            SplitFigures { loss: 0.5, accuracy: 0.25, seconds: 2.0, images_per_second: 10.0 };
        let epoch =
            EpochFigures { epoch: 1, train: figures, validation: figures, learning_rate: 1e-3 };
        let rows = to_csv(&[epoch]);
        assert_eq!(rows.lines().nth(1), Some("1,train,0.500000,0.250000,1.000000e-3,2.000,10.0"));
        assert_eq!(rows.lines().count(), 3);
    }
}
