//! Selection of the L2 strength on validation images.

use rayon::prelude::*;

use crate::scaled_problem::ScaledProblem;
use crate::{BaselineError, Examples, LinearClassifier, Score, Settings};

/// Strengths to select from, in descending order.
///
/// There are no weaker ones, because linfa 0.8.1 loses precision on the widely spread logits that
/// they lead to: it subtracts one maximum for all rows and clamps sums of exponentials at 1e−15, so
/// that the loss of a row whose logits are 34.5 below the maximum is wrong, and the line search
/// slows down.
pub const STRENGTHS: [f32; 3] = [1e-1, 1e-2, 1e-3];

/// A strength and its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// L2 strength, as in [`Settings`].
    pub strength: f32,
    /// The score on the validation images.
    pub validation: Score,
}

/// The selected classifier, and all strengths that were tried.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Trained on the training images alone, with the selected strength.
    pub classifier: LinearClassifier,
    /// The selected strength.
    pub chosen: Trial,
    /// All strengths, in the given order.
    pub trials: Vec<Trial>,
}

/// Trains with each of `strengths`, in parallel, and selects the classifier with the lowest
/// cross-entropy on `validation`, which is smoother than accuracy; of equal ones, the first.
///
/// # Errors
///
/// The errors of [`LinearClassifier::train`] and [`LinearClassifier::score`], and
/// [`BaselineError::NoStrengths`].
pub fn choose_strength(
    training: Examples,
    validation: Examples,
    classes: usize,
    strengths: &[f32],
    iterations: u64,
) -> Result<Choice, BaselineError> {
    let problem = ScaledProblem::new(training, classes)?;
    let try_out = |&strength: &f32| {
        let classifier = problem.solve(&Settings { strength, iterations })?;
        let trial = Trial { strength, validation: classifier.score(validation)? };
        Ok((classifier, trial))
    };
    // Threads take one trial at a time, because trials differ in time.
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
