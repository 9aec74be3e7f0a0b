//! `[dataset]`, `[task]`, `[augment]`, `[loss]`, `[optimizer]`, `[schedule]` and `[train]`: how the training
//! goes for so many pictures.

use data::{ImageShape, Survey};
use metrics::numbers::grouped;

use super::Choice;

/// Fewer pictures than this are few: a tenth of them measures nothing.
const FEW_PICTURES: usize = 200;
/// Steps after which more of them gain little.
const STEPS: usize = 2500;
/// Epochs, at least and at most.
const EPOCHS: (usize, usize) = (5, 80);
/// Classes whose sizes differ by a larger factor are weighted.
const UNBALANCED: usize = 3;
/// Sides below which a shift by a share of the side is less than a pixel.
const SMALLEST_SHIFTED: usize = 10;

/// Keys of `[dataset]`.
pub(super) fn choose_splits(survey: &Survey) -> Vec<Choice> {
    let mut choices = Vec::new();
    let splits = survey.splits;
    let share = if survey.pictures < FEW_PICTURES { 0.2 } else { 0.1 };
    let why = |purpose: &str| format!("a share of the pictures, chosen by seed, {purpose}");
    if splits.validation == 0 {
        let reason = why("to choose the best epoch");
        choices.push(Choice::new("dataset.validation", share, reason));
    }
    if splits.test == 0 {
        let reason = why("to test the result once");
        choices.push(Choice::new("dataset.test", share, reason));
    }
    if !survey.unreadable.is_empty() {
        let reason = "some files cannot be read: training goes on without them";
        choices.push(Choice::new("dataset.skip_unreadable", true, reason));
    }
    choices
}

/// Keys of `[task]`: the default, unless pictures have any number of classes.
pub(super) fn choose_task(survey: &Survey) -> Vec<Choice> {
    let reason = "the file of labels gives pictures any number of classes";
    let choice = || Choice::new("task.kind", "\"multi_label\"", reason);
    survey.multi_label.then(choice).into_iter().collect()
}

/// Keys of `[augment]`: nothing that could turn one class into another.
pub(super) fn choose_augmentation(shape: ImageShape) -> Vec<Choice> {
    if shape.height.min(shape.width) < SMALLEST_SHIFTED {
        return Vec::new();
    }
    let translate = "share of the side; small shifts change no letter and no sign";
    let scale = "nor do small changes of the size; flips and rotations could";
    vec![
        Choice::new("augment.translate", "0.06", translate),
        Choice::new("augment.scale", "[0.9, 1.1]", scale),
    ]
}

/// Keys of the other sections.
pub(super) fn choose(survey: &Survey) -> Vec<Choice> {
    let images = train_images(survey);
    let batch_size = match images {
        ..1000 => 16,
        1000..10_000 => 32,
        10_000..40_000 => 64,
        _ => 128,
    };
    let epochs = (STEPS * batch_size).div_ceil(images.max(1)).clamp(EPOCHS.0, EPOCHS.1);
    let learning_rate = if batch_size < 64 { "2e-3" } else { "4e-3" };
    let mut choices = Vec::new();
    let (most, least) = survey.class_range();
    // A multi-label model has a threshold for each class, which suits rare ones.
    if most > UNBALANCED * least && !survey.multi_label {
        let reason = format!(
            "the classes have {} to {} pictures: each counts as much as any other",
            grouped(least as u64),
            grouped(most as u64)
        );
        choices.push(Choice::new("loss.class_weights", "\"balanced\"", reason));
    }
    let count = grouped(images as u64);
    choices.extend([
        Choice::new("optimizer.type", "\"adamw\"", "converges quickly without tuning"),
        Choice::new(
            "optimizer.learning_rate",
            learning_rate,
            format!("for batches of {batch_size}"),
        ),
        Choice::new(
            "schedule.type",
            "\"one_cycle\"",
            "the learning rate rises, then falls to nearly 0 at the last epoch",
        ),
        Choice::new(
            "train.epochs",
            epochs,
            format!("about {STEPS} steps if {} to {} epochs allow", EPOCHS.0, EPOCHS.1),
        ),
        Choice::new("train.batch_size", batch_size, format!("for about {count} training pictures")),
    ]);
    choices
}

/// Pictures to train on, about.
fn train_images(survey: &Survey) -> usize {
    let splits = survey.splits;
    let held_out = [splits.validation, splits.test].iter().filter(|&&size| size == 0).count();
    splits.train * (10 - held_out) / 10
}
