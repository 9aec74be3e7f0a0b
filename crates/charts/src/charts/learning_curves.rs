//! Learning curves: loss, accuracy and learning rate of each epoch.

use metrics::numbers::{counted, percent};

use super::epochs::{EpochPoint, accuracy_axis, draw_epochs, epoch_axis, loss_axis};
use crate::axes::axis::Axis;
use crate::axes::legend::{Entry, Legend, Swatch};
use crate::axes::plot::{ABOVE, BELOW, LEFT, Plot};
use crate::axes::scale::{Scale, Unit};
use crate::canvas::marker::Shape;
use crate::canvas::palette::{BLUE, GREEN, VERMILLION};
use crate::canvas::theme::{INK, MARGIN, PAPER, TEXT, TOP, WIDTH, titled};
use crate::canvas::{Area, Canvas, Dash, LineStyle, Picture};
use crate::error::{PictureError, require_some};

const TRAIN: LineStyle = LineStyle { color: BLUE, width: 2.2, dash: Dash::Dashed };
const VALIDATION: LineStyle = LineStyle { color: VERMILLION, width: 2.2, dash: Dash::Solid };

/// Draws loss, accuracy and learning rate of each epoch in three panels. The epoch with the best
/// validation accuracy is marked.
///
/// # Errors
/// [`PictureError::Empty`] if there are no epochs.
pub fn learning_curves(epochs: &[EpochPoint]) -> Result<Picture, PictureError> {
    require_some("epochs", epochs)?;
    let validated = epochs.iter().any(|epoch| epoch.validation_loss.is_some());
    let subtitle = counted(epochs.len(), "epoch", "epochs");
    let mut entries = vec![Entry::new(Swatch::Line(TRAIN), "training")];
    if validated {
        entries.push(Entry::new(Swatch::Line(VALIDATION), "validation"));
        entries.push(Entry::new(Swatch::Marker(Shape::Diamond, INK), "best validation accuracy"));
    }
    let width = WIDTH - 2.0 * MARGIN - LEFT;
    let legend = Legend::new(entries, width, 3);
    let panels = [200.0, 220.0, 105.0];
    let between = ABOVE + 30.0;
    let first = TOP + legend.height() + 8.0 + ABOVE;
    let height = first + panels.iter().sum::<f32>() + 2.0 * between + BELOW + 12.0;
    let mut canvas = titled(WIDTH, height, "Learning curves", &subtitle)?;

    legend.draw(&mut canvas, [MARGIN + LEFT, TOP]);

    let mut top = first;
    let areas = panels.map(|height| {
        let area = Area { left: MARGIN + LEFT, top, width, height };
        top = area.bottom() + between;
        area
    });
    draw_losses(&mut canvas, areas[0], epochs);
    draw_accuracies(&mut canvas, areas[1], epochs);
    draw_learning_rates(&mut canvas, areas[2], epochs);
    Ok(canvas.finish())
}

fn draw_losses(canvas: &mut Canvas, area: Area, epochs: &[EpochPoint]) {
    let train = epochs.iter().map(|epoch| epoch.train_loss);
    let validation = epochs.iter().map(|epoch| epoch.validation_loss.unwrap_or(f64::NAN));
    let axis = loss_axis(train.clone().chain(validation.clone()));
    let plot = Plot::draw(canvas, area, &epoch_axis(epochs.len(), ""), &axis);
    draw_epochs(canvas, &plot, train, TRAIN);
    draw_epochs(canvas, &plot, validation, VALIDATION);
}

fn draw_accuracies(canvas: &mut Canvas, area: Area, epochs: &[EpochPoint]) {
    let train = epochs.iter().map(|epoch| epoch.train_accuracy);
    let validation = epochs.iter().map(|epoch| epoch.validation_accuracy.unwrap_or(f64::NAN));
    let axis = accuracy_axis(train.clone().chain(validation.clone()));
    let plot = Plot::draw(canvas, area, &epoch_axis(epochs.len(), ""), &axis);
    draw_epochs(canvas, &plot, train, TRAIN);
    draw_epochs(canvas, &plot, validation, VALIDATION);
    if let Some((index, accuracy)) = best(epochs) {
        mark_best(canvas, &plot, index + 1, accuracy);
    }
}

/// The first epoch with the best validation accuracy.
fn best(epochs: &[EpochPoint]) -> Option<(usize, f64)> {
    let accuracies = epochs.iter().map(|epoch| epoch.validation_accuracy);
    accuracies.enumerate().fold(None, |best, (index, accuracy)| match (best, accuracy) {
        (Some((_, highest)), Some(accuracy)) if accuracy <= highest => best,
        (_, Some(accuracy)) if accuracy.is_finite() => Some((index, accuracy)),
        _ => best,
    })
}

fn mark_best(canvas: &mut Canvas, plot: &Plot, epoch: usize, accuracy: f64) {
    let [x, y] = plot.at(epoch as f64, accuracy);
    Shape::Diamond.fill(canvas, [x, y], 6.0, PAPER);
    Shape::Diamond.fill(canvas, [x, y], 4.8, INK);
    let text = format!("{} in epoch {epoch}", percent(accuracy, 2));
    let style = TEXT.bold();
    let half = style.width(&text) / 2.0;
    let left = (x - half).clamp(plot.area.left + 6.0, plot.area.right() - 2.0 * half - 2.0);
    canvas.haloed_text([left, y + 22.0], &text, style, PAPER);
}

fn draw_learning_rates(canvas: &mut Canvas, area: Area, epochs: &[EpochPoint]) {
    let rates = epochs.iter().map(|epoch| epoch.learning_rate);
    let highest = rates.clone().filter(|rate| rate.is_finite()).fold(0.0, f64::max);
    let high = if highest > 0.0 { highest * 1.05 } else { 1.0 };
    let axis = Axis::new("learning rate", Scale::linear(0.0, high), Unit::Number);
    let plot = Plot::draw(canvas, area, &epoch_axis(epochs.len(), "epoch"), &axis);
    draw_epochs(canvas, &plot, rates, LineStyle::solid(GREEN, 2.2));
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
    fn curves_of_one_and_of_many_epochs_are_drawn() {
        for count in [1, 2, 100] {
            assert_drawn(&learning_curves(&vec![EPOCH; count]).unwrap(), WIDTH);
        }
    }

    #[test]
    fn run_without_validation_or_that_diverged_is_drawn() {
        let silent = EpochPoint { validation_loss: None, validation_accuracy: None, ..EPOCH };
        let diverged = EpochPoint { train_loss: f64::NAN, learning_rate: 0.0, ..EPOCH };
        assert_drawn(&learning_curves(&[silent, silent]).unwrap(), WIDTH);
        assert_drawn(&learning_curves(&[diverged]).unwrap(), WIDTH);
    }

    #[test]
    fn no_epochs_are_refused() {
        assert!(matches!(learning_curves(&[]), Err(PictureError::Empty { what: "epochs" })));
    }

    #[test]
    fn best_epoch_is_the_first_of_equals() {
        let with = |accuracy| EpochPoint { validation_accuracy: accuracy, ..EPOCH };
        let epochs = [with(Some(0.9)), with(Some(0.99)), with(None), with(Some(0.99))];
        assert_eq!(best(&epochs), Some((1, 0.99)));
        assert_eq!(best(&[with(None)]), None);
    }
}
