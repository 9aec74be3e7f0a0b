//! Warnings of trainings that probably go wrong, while there is time to do something about it.

use data::{ImageSet, ImageShape, printable};
use metrics::numbers::grouped;
use runs::EpochFigures;

use crate::config::Config;
use crate::images::Images;

/// No optimizer trains with a learning rate above this: 1 is large even for plain SGD.
const LARGEST_LEARNING_RATE: f64 = 10.0;
/// Growth of the training loss over its lowest value that is not noise.
const DIVERGENCE: f64 = 3.0;
/// Accuracy over that of always predicting the most common class, below which nothing was learned.
const LEARNED: f64 = 1.1;

/// Warnings of settings that do not suit the images.
pub fn settings_warnings(config: &Config, images: &Images) -> Vec<String> {
    let mut warnings = Vec::new();
    let (rate, train) = (config.optimizer.learning_rate(), images.split.train.len());
    if rate > LARGEST_LEARNING_RATE {
        warnings.push(format!(
            "optimizer.learning_rate = {rate} is far too high: 1e-3 is usual for adam, 0.1 for sgd"
        ));
    }
    if config.train.batch_size > train {
        warnings.push(format!(
            "train.batch_size = {} exceeds the {} training images, so every epoch is a single step: \
             lower it",
            grouped(config.train.batch_size as u64),
            grouped(train as u64)
        ));
    }
    warnings.extend(preparation_warning(config, &images.source.train));
    let classes = images.train_images_per_class().into_iter().filter(|&count| count > 0).count();
    if classes < 2 {
        warnings.push(
            "all training images are of one class: the network learns to predict that class always"
                .to_owned(),
        );
    }
    warnings
}

/// A warning of the user's finished images of MNIST's size: whether they are characters in MNIST's
/// form decides how the model prepares pictures, and only the user knows it.
fn preparation_warning(config: &Config, images: &ImageSet) -> Option<String> {
    let is_own = config.dataset.path.is_some() && !config.dataset.source.has_mnist_form();
    let is_finished = images.file(0).is_none() && images.shape() == ImageShape::MNIST;
    (is_own && is_finished && config.input.kind.is_none()).then(|| {
        "the finished model will scale pictures as they are: if these images are characters in \
         MNIST's form, light on black and centred, set `[input] kind = \"ink\"`; else silence \
         this warning with `kind = \"picture\"`"
            .to_owned()
    })
}

/// A warning of the newest epoch of a run. `predicted` is the smallest and the largest class
/// predicted for the validation images.
pub fn epoch_warning(
    history: &[EpochFigures],
    predicted: Option<[usize; 2]>,
    class_names: &[String],
    guessing: f64,
) -> Option<String> {
    let newest = history.last()?;
    if let Some([least, greatest]) = predicted
        && least == greatest
        && class_names.len() > 1
    {
        return Some(format!(
            "every validation image was predicted to be class {}: the network has collapsed; lower \
             optimizer.learning_rate, or check the images with `glyph data inspect`",
            printable(class_names.get(least).map_or("?", String::as_str))
        ));
    }
    let lowest = history.iter().map(|epoch| epoch.train.loss).fold(f64::INFINITY, f64::min);
    // In early epochs, a loss near that of guessing is normal.
    let loss = newest.train.loss;
    (loss > DIVERGENCE * lowest && loss > guessing).then(|| {
        format!(
            "the training loss rose from {lowest:.4} to {loss:.4}: lower \
             optimizer.learning_rate, or set clip.norm = 1.0"
        )
    })
}

/// A warning of a complete run whose best validation accuracy hardly exceeds the share of the most
/// common class.
pub fn result_warning(accuracy: f64, most_common: f64) -> Option<String> {
    (accuracy <= LEARNED * most_common).then(|| {
        format!(
            "the network has learned nothing that generalizes: {:.2} % of the validation images are \
             correct, and {:.2} % have the most common label; check the labels, the learning \
             rate and the number of epochs",
            100.0 * accuracy,
            100.0 * most_common
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use runs::SplitFigures;

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
    fn a_collapsed_network_is_named_by_its_only_prediction() {
        let warning =
            epoch_warning(&history(&[1.0]), Some([1, 1]), &names(), 3.0_f64.ln()).unwrap();
        assert!(warning.contains("class dog"), "{warning}");
        assert_eq!(epoch_warning(&history(&[1.0]), Some([0, 1]), &names(), 3.0_f64.ln()), None);
    }

    #[test]
    fn a_diverging_loss_is_reported_and_a_noisy_one_is_not() {
        let warning =
            epoch_warning(&history(&[1.0, 0.8, 7.0]), Some([0, 2]), &names(), 3.0_f64.ln())
                .unwrap();
        assert!(warning.contains("from 0.8000 to 7.0000"), "{warning}");
        for losses in [&[1.0, 0.8, 0.9][..], &[0.01, 0.04], &[5.0]] {
            assert_eq!(
                epoch_warning(&history(losses), Some([0, 2]), &names(), 3.0_f64.ln()),
                None,
                "{losses:?}"
            );
        }
    }

    #[test]
    fn a_result_like_guessing_is_reported() {
        assert!(result_warning(0.105, 0.1).unwrap().contains("10.50 %"));
        assert_eq!(result_warning(0.9, 0.5), None);
    }

    #[test]
    fn characters_without_a_preparation_are_warned_of() {
        let config = |head: &str| -> Config {
            let text = "[model]\nlayers = []\n[optimizer]\ntype = \"adam\"\n\
                        learning_rate = 0.001\n[train]\nepochs = 1\nbatch_size = 1\n";
            toml::from_str(&format!("{head}\n{text}")).unwrap()
        };
        let set =
            |shape: ImageShape| ImageSet::new(shape, vec![0; shape.pixels()], vec![0], 1).unwrap();
        let mnist = set(ImageShape::MNIST);
        let colours = set(ImageShape { channels: 3, ..ImageShape::MNIST });
        let idx = "[dataset]\nsource = \"idx\"\npath = \"files\"\nvalidation = 1";
        let warning = preparation_warning(&config(idx), &mnist).unwrap();
        assert!(warning.contains("[input] kind = \"ink\""), "{warning}");
        for kind in ["ink", "picture"] {
            let config = config(&format!("{idx}\n[input]\nkind = \"{kind}\""));
            assert_eq!(preparation_warning(&config, &mnist), None);
        }
        assert_eq!(preparation_warning(&config(idx), &colours), None);
        let own = config("[dataset]\nsource = \"mnist\"\nvalidation = 1");
        assert_eq!(preparation_warning(&own, &mnist), None);
    }
}
