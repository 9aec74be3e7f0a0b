//! Signs that a training goes wrong, told while there is time to do something about it.

use crate::config::Config;
use crate::images::Images;
use crate::layer_table::grouped;
use crate::metrics::EpochFigures;

/// Learning rates above this are used by nobody: 1 is large even for plain SGD.
const LARGEST_LEARNING_RATE: f64 = 10.0;
/// Growth of the training loss from its lowest to the newest epoch that is no noise.
const EXPLOSION: f64 = 3.0;
/// Accuracy over that of always answering the commonest class, below which nothing was learnt.
const LEARNT: f64 = 1.1;

/// What is doubtful in the settings, given the images.
pub fn about_settings(config: &Config, images: &Images) -> Vec<String> {
    let mut doubts = Vec::new();
    let (rate, train) = (config.optimizer.learning_rate(), images.split.train.len());
    if rate > LARGEST_LEARNING_RATE {
        doubts.push(format!(
            "optimizer.learning_rate = {rate} is far more than anything trains with: 1e-3 is \
             usual for adam, 0.1 for sgd"
        ));
    }
    if config.train.batch_size > train {
        doubts.push(format!(
            "train.batch_size = {} is more than the {} training images: every epoch is a single \
             step; lower it",
            grouped(config.train.batch_size as u64),
            grouped(train as u64)
        ));
    }
    let classes = images.train_images_per_class().into_iter().filter(|&count| count > 0).count();
    if classes < 2 {
        doubts.push(
            "all training images are of one class: the network learns to answer always the same"
                .to_owned(),
        );
    }
    doubts
}

/// What is doubtful in the newest epoch of a run. `answers` are the least and the greatest class
/// that a validation image was taken for.
pub fn about_epoch(
    history: &[EpochFigures],
    answers: Option<[usize; 2]>,
    class_names: &[String],
) -> Option<String> {
    let newest = history.last()?;
    if let Some([least, greatest]) = answers
        && least == greatest
        && class_names.len() > 1
    {
        return Some(format!(
            "every validation image was taken for class {}: the network is dead; lower \
             optimizer.learning_rate, or look at the images with `trainer dataset`",
            class_names.get(least).map_or("?", String::as_str)
        ));
    }
    let lowest = history.iter().map(|epoch| epoch.train.loss).fold(f64::INFINITY, f64::min);
    // Early on, a loss near that of guessing says nothing.
    let guessing = (class_names.len() as f64).ln();
    let loss = newest.train.loss;
    (loss > EXPLOSION * lowest && loss > guessing).then(|| {
        format!(
            "the training loss rose from {lowest:.4} to {loss:.4}: lower \
             optimizer.learning_rate, or set clip.norm = 1.0"
        )
    })
}

/// What is doubtful in a complete run: the best validation accuracy against the share of the
/// commonest class.
pub fn about_result(accuracy: f64, commonest: f64) -> Option<String> {
    (accuracy <= LEARNT * commonest).then(|| {
        format!(
            "the network learnt nothing that is true of other images: {:.2} % of the validation \
             images are right, and {:.2} % are of the commonest class; are the labels those of \
             the images, the learning rate and the number of epochs sensible?",
            100.0 * accuracy,
            100.0 * commonest
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::SplitFigures;

    fn history(losses: &[f64]) -> Vec<EpochFigures> {
        let figures =
            |loss| SplitFigures { loss, accuracy: 0.5, seconds: 1.0, images_per_second: 1.0 };
        let epoch = |(index, &loss): (usize, &f64)| EpochFigures {
            epoch: index + 1,
            train: figures(loss),
            validation: figures(loss),
            learning_rate: 0.1,
        };
        losses.iter().enumerate().map(epoch).collect()
    }

    fn names() -> Vec<String> {
        ["cat", "dog", "owl"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_dead_network_is_named_by_its_only_answer() {
        let doubt = about_epoch(&history(&[1.0]), Some([1, 1]), &names()).unwrap();
        assert!(doubt.contains("class dog"), "{doubt}");
        assert_eq!(about_epoch(&history(&[1.0]), Some([0, 1]), &names()), None);
    }

    #[test]
    fn a_loss_that_explodes_is_told_and_one_that_wavers_is_not() {
        let doubt = about_epoch(&history(&[1.0, 0.8, 7.0]), Some([0, 2]), &names()).unwrap();
        assert!(doubt.contains("from 0.8000 to 7.0000"), "{doubt}");
        for losses in [&[1.0, 0.8, 0.9][..], &[0.01, 0.04], &[5.0]] {
            assert_eq!(about_epoch(&history(losses), Some([0, 2]), &names()), None, "{losses:?}");
        }
    }

    #[test]
    fn a_result_like_guessing_is_doubted() {
        assert!(about_result(0.105, 0.1).unwrap().contains("10.50 %"));
        assert_eq!(about_result(0.9, 0.5), None);
    }
}
