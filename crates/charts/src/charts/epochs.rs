//! The figures of an epoch, and the axes and lines that show them.

use crate::axes::axis::Axis;
use crate::axes::plot::Plot;
use crate::axes::scale::{Scale, Unit, round_up};
use crate::canvas::{Canvas, LineStyle};

/// Loss, accuracy and learning rate of one epoch: a point of each learning curve. A value that is not
/// finite, such as the loss of a run that diverged, is not drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochPoint {
    /// Mean loss over the training images.
    pub train_loss: f64,
    /// Accuracy on the training images, 0 to 1.
    pub train_accuracy: f64,
    /// Mean loss over the validation images, if there are any.
    pub validation_loss: Option<f64>,
    /// Accuracy on the validation images, 0 to 1, if there are any.
    pub validation_accuracy: Option<f64>,
    /// Learning rate at the end of the epoch.
    pub learning_rate: f64,
}

/// The largest number of epochs that are marked by dots on the line.
const DOTS: usize = 40;

/// The axis of epochs 1 to `count`.
pub(crate) fn epoch_axis(count: usize, label: &str) -> Axis {
    let scale = match count {
        1 => Scale::linear(0.5, 1.5),
        _ => Scale::linear(1.0, count as f64),
    };
    Axis::new(label, scale, Unit::Whole)
}

/// An axis for losses: logarithmic if they span more than a factor of ten.
pub(crate) fn loss_axis(losses: impl Iterator<Item = f64>) -> Axis {
    let Some((least, greatest)) = range(losses) else {
        return Axis::new("loss", Scale::linear(0.0, 1.0), Unit::Number);
    };
    if least > 0.0 && greatest > 10.0 * least {
        let scale = Scale::logarithmic(least / 1.2, greatest * 1.2);
        return Axis::new("loss (log scale)", scale, Unit::Number);
    }
    let end = if greatest > 0.0 { greatest * 1.05 } else { 1.0 };
    Axis::new("loss", Scale::linear(least.min(0.0), end), Unit::Number)
}

/// An axis for accuracies: if they reach 97 %, the error rate is on a log scale.
pub(crate) fn accuracy_axis(accuracies: impl Iterator<Item = f64> + Clone) -> Axis {
    let least_error =
        accuracies.clone().map(|accuracy| 1.0 - accuracy).filter(|error| *error > 1e-9);
    let (Some((least, greatest)), Some((least_error, _))) = (range(accuracies), range(least_error))
    else {
        return Axis::new("accuracy", Scale::linear(0.9, 1.0), Unit::Percent);
    };
    if greatest >= 0.97 {
        // The logarithm of an error rate of 0 is infinite: such epochs are drawn at the upper end.
        let high = 1.0 - least_error / if greatest < 1.0 { 1.25 } else { 2.0 };
        let scale = Scale::log_error(1.0 - (1.0 - least).min(1.0 / 1.15) * 1.15, high);
        return Axis::new("accuracy (log scale of the error rate)", scale, Unit::Percent);
    }
    let step = round_up((greatest - least).max(0.01) / 4.0);
    // A fifth of a step keeps the lines away from the edges.
    let low = ((least / step - 0.2).floor() * step).max(0.0);
    let high = ((greatest / step + 0.2).ceil() * step).min(1.0);
    Axis::new("accuracy", Scale::linear(low, high), Unit::Percent)
}

/// Draws one value for each epoch, starting with the first, as a line, with dots if there are few.
pub(crate) fn draw_epochs(
    canvas: &mut Canvas,
    plot: &Plot,
    values: impl Iterator<Item = f64>,
    style: LineStyle,
) {
    let points: Vec<_> = values.zip(1..).map(|(value, epoch)| [f64::from(epoch), value]).collect();
    // Dots at the ends of an axis extend a little beyond it.
    canvas.clipped(plot.area.grown(4.0), |canvas| {
        plot.line(canvas, points.iter().copied(), style);
        if points.len() <= DOTS {
            for [x, y] in points.iter().filter(|[_, y]| y.is_finite()) {
                canvas.disc(plot.at(*x, *y), 2.6, style.color);
            }
        }
    });
}

/// The smallest and the largest finite value.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((least, greatest)) => Some((least.min(value), greatest.max(value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_suits_the_figures() {
        assert_eq!(loss_axis([0.5, 0.01].into_iter()).label, "loss (log scale)");
        assert_eq!(loss_axis([0.5, 0.3].into_iter()).label, "loss");
        let accuracies = accuracy_axis([0.9, 0.995].into_iter());
        assert_eq!(accuracies.label, "accuracy (log scale of the error rate)");
        assert_eq!(accuracy_axis([0.3, 0.6].into_iter()).label, "accuracy");
    }

    #[test]
    fn unusual_values_still_have_an_axis() {
        for values in [&[][..], &[f64::NAN], &[0.0], &[1.0, 1.0], &[0.0, 1.0], &[0.99]] {
            for axis in [loss_axis(values.iter().copied()), accuracy_axis(values.iter().copied())] {
                let ticks = axis.vertical_ticks(200.0);
                let places = ticks.iter().map(|tick| axis.scale.position(tick.value));
                let visible = places.filter(|place| (-0.01..=1.01).contains(place)).count();
                assert!(visible == ticks.len() && visible > 0, "{values:?}: {axis:?}");
            }
        }
    }
}
