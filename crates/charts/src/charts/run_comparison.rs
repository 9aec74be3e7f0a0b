//! Learning curves of several runs in one chart.

use metrics::numbers::{counted, percent};

use super::epochs::{EpochPoint, accuracy_axis, draw_epochs, epoch_axis, loss_axis};
use crate::axes::legend::{Entry, Legend, Swatch};
use crate::axes::plot::{ABOVE, BELOW, LEFT, Plot};
use crate::canvas::palette::{series_color, series_dash};
use crate::canvas::theme::{MARGIN, TOP, WIDTH, titled};
use crate::canvas::{Area, LineStyle, Picture};
use crate::error::{PictureError, require_some};

/// The learning curves of a named run.
#[derive(Clone, Copy, Debug)]
pub struct RunCurves<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// Its epochs, starting with the first.
    pub epochs: &'a [EpochPoint],
}

/// Draws accuracy and loss of several runs by epoch: on the validation images, or on the training
/// images if a run has no validation images.
///
/// # Errors
/// [`PictureError::Empty`] if there are no runs, or one of them has no epochs.
pub fn run_comparison(runs: &[RunCurves]) -> Result<Picture, PictureError> {
    require_some("runs", runs)?;
    for run in runs {
        require_some("epochs", run.epochs)?;
    }
    let entries: Vec<_> = runs
        .iter()
        .enumerate()
        .map(|(index, run)| Entry::new(Swatch::Line(style(index)), label(run)))
        .collect();
    let width = WIDTH - 2.0 * MARGIN - LEFT;
    let legend = Legend::new(entries, width, 3);
    let first = TOP + legend.height() + 12.0 + ABOVE;
    let panel = 240.0;
    let between = ABOVE + 30.0;
    let height = first + 2.0 * panel + between + BELOW + 12.0;
    let subtitle = format!("{} on the validation images", counted(runs.len(), "run", "runs"));
    let mut canvas = titled(WIDTH, height, "Comparison of runs", &subtitle)?;
    legend.draw(&mut canvas, [MARGIN + LEFT, TOP]);

    let longest = runs.iter().map(|run| run.epochs.len()).max().unwrap_or(1);
    let area = Area { left: MARGIN + LEFT, top: first, width, height: panel };
    let all = runs.iter().flat_map(|run| run.epochs.iter().map(accuracy));
    let plot = Plot::draw(&mut canvas, area, &epoch_axis(longest, ""), &accuracy_axis(all));
    for (index, run) in runs.iter().enumerate() {
        draw_epochs(&mut canvas, &plot, run.epochs.iter().map(accuracy), style(index));
    }
    let area = Area { top: area.bottom() + between, ..area };
    let all = runs.iter().flat_map(|run| run.epochs.iter().map(loss));
    let plot = Plot::draw(&mut canvas, area, &epoch_axis(longest, "epoch"), &loss_axis(all));
    for (index, run) in runs.iter().enumerate() {
        draw_epochs(&mut canvas, &plot, run.epochs.iter().map(loss), style(index));
    }
    Ok(canvas.finish())
}

fn accuracy(epoch: &EpochPoint) -> f64 {
    epoch.validation_accuracy.unwrap_or(epoch.train_accuracy)
}

fn loss(epoch: &EpochPoint) -> f64 {
    epoch.validation_loss.unwrap_or(epoch.train_loss)
}

fn style(index: usize) -> LineStyle {
    LineStyle { color: series_color(index), width: 2.2, dash: series_dash(index) }
}

fn label(run: &RunCurves) -> String {
    let best = run.epochs.iter().map(accuracy).filter(|accuracy| accuracy.is_finite());
    let best = percent(best.fold(0.0, f64::max), 2);
    let split = if run.epochs.iter().any(|epoch| epoch.validation_accuracy.is_some()) {
        ""
    } else {
        "training, "
    };
    format!("{} ({split}best {best})", run.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    const EPOCH: EpochPoint = EpochPoint {
        train_loss: 0.1,
        train_accuracy: 0.97,
        validation_loss: Some(0.08),
        validation_accuracy: Some(0.98),
        learning_rate: 0.001,
    };

    #[test]
    fn runs_of_different_lengths_are_drawn() {
        let silent = EpochPoint { validation_loss: None, validation_accuracy: None, ..EPOCH };
        let runs = [
            RunCurves { name: "one epoch", epochs: &[EPOCH] },
            RunCurves {
                name: "<long> & \"odd\" name of a run that goes on and on and on",
                epochs: &[EPOCH; 60],
            },
            RunCurves { name: "without validation", epochs: &[silent; 3] },
        ];
        assert_drawn(&run_comparison(&runs).unwrap(), WIDTH);
        assert!(label(&runs[2]).contains("training, best 97.00 %"));
    }

    #[test]
    fn run_without_epochs_is_refused() {
        assert!(matches!(run_comparison(&[]), Err(PictureError::Empty { what: "runs" })));
        let empty = RunCurves { name: "empty", epochs: &[] };
        assert!(matches!(run_comparison(&[empty]), Err(PictureError::Empty { what: "epochs" })));
    }
}
