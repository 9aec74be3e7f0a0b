//! The L2 strength, chosen on images held out of training.

use rayon::prelude::*;

use crate::problem::Problem;
use crate::{BaselineError, Examples, LinearClassifier, Score, Settings};

/// Strengths to choose from, from strong to weak.
///
/// Weaker ones are left out, for their logits spread too far for linfa 0.8.1: it subtracts one
/// maximum for all rows and takes no sum of exponentials to be below 1e−15, so it miscounts the loss
/// of a row that lies 34.5 below. On MNIST's pixels that befell 715 of 55,000 rows with 1e−4 and none
/// with 1e−3; the line search groped for 67 s of a processor instead of 11, for 94.04 instead of
/// 94.14 % of the images held out.
pub const STRENGTHS: [f32; 3] = [1e-1, 1e-2, 1e-3];

/// A strength that was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// L2 strength, as in [`Settings`].
    pub strength: f32,
    /// On the images held out.
    pub validation: Score,
}

/// The best classifier and what it was chosen from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Trained on the training images alone, with the strength chosen.
    pub classifier: LinearClassifier,
    /// What was chosen.
    pub chosen: Trial,
    /// All that was tried, in the order given.
    pub trials: Vec<Trial>,
}

/// Trains with each of `strengths`, as many at a time as there are processors, and keeps the
/// classifier of the least cross-entropy on `validation`, which changes more smoothly than
/// accuracy; of equals, the first.
///
/// # Errors
///
/// Those of [`LinearClassifier::train`] and of [`LinearClassifier::score`], and
/// [`BaselineError::NoStrengths`].
pub fn choose_strength(
    training: Examples,
    validation: Examples,
    classes: usize,
    strengths: &[f32],
    iterations: u64,
) -> Result<Choice, BaselineError> {
    let problem = Problem::new(training, classes)?;
    let try_out = |&strength: &f32| {
        let classifier = problem.solve(&Settings { strength, iterations })?;
        let trial = Trial { strength, validation: classifier.score(validation)? };
        Ok((classifier, trial))
    };
    // One at a time: trials take unequally long.
    let tried: Vec<(LinearClassifier, Trial)> =
        strengths.par_iter().with_max_len(1).map(try_out).collect::<Result<_, BaselineError>>()?;
    let trials = tried.iter().map(|(_, trial)| *trial).collect();
    let least_loss = |(_, first): &(_, Trial), (_, second): &(_, Trial)| {
        first.validation.loss.total_cmp(&second.validation.loss)
    };
    let best = tried.into_iter().min_by(least_loss);
    let (classifier, chosen) = best.ok_or(BaselineError::NoStrengths)?;
    Ok(Choice { classifier, chosen, trials })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURES: [f32; 8] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];

    fn choose(validation: &[usize], strengths: &[f32]) -> Result<Choice, BaselineError> {
        let labels = [0, 0, 0, 0, 1, 1, 1, 1];
        let training = Examples { features: &FEATURES, labels: &labels };
        let validation = Examples { features: &FEATURES, labels: validation };
        choose_strength(training, validation, 2, strengths, 100)
    }

    #[test]
    fn agreeing_images_prefer_the_least_strength() {
        let choice = choose(&[0, 0, 0, 0, 1, 1, 1, 1], &STRENGTHS).unwrap();
        assert_eq!(choice.chosen, choice.trials[2]);
    }

    #[test]
    fn contradicting_images_prefer_the_greatest_strength() {
        let choice = choose(&[1, 1, 1, 1, 0, 0, 0, 0], &STRENGTHS).unwrap();
        assert_eq!(choice.chosen, choice.trials[0]);
    }

    #[test]
    fn the_classifier_is_the_one_trained_with_the_strength_chosen() {
        let labels = [0, 0, 0, 0, 1, 1, 1, 1];
        let choice = choose(&labels, &STRENGTHS).unwrap();
        let examples = Examples { features: &FEATURES, labels: &labels };
        let settings = Settings { strength: choice.chosen.strength, iterations: 100 };
        assert_eq!(choice.classifier, LinearClassifier::train(examples, 2, &settings).unwrap());
    }

    #[test]
    fn a_choice_among_no_strengths_is_refused() {
        assert!(matches!(choose(&[0; 8], &[]), Err(BaselineError::NoStrengths)));
    }
}
