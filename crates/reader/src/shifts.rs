//! What a network makes of an image when it stands a column further left or right.
//!
//! A digit stays what it is, but for parts of digits, or two in one image, the network has no
//! good answer, and which bad one it is sure of changes from shift to shift. So the mean tells
//! better what is a digit.

use data::Image;
use model::{Classifier, ClassifyError, Prediction};

/// Columns to the right.
///
/// Of 4,000 numbers written with images held out of the training, 95.9 % of those with gaps and
/// 80.3 % of those with digits that touch are read rightly; without shifts 95.7 % and 78.9 %, with
/// a row up and down besides 95.8 % and 80.0 %.
const SHIFTS: [isize; 3] = [-1, 0, 1];

/// Classifies images; the logarithms of the probabilities are the means over the shifts.
pub fn classify_shifted(
    classifier: &Classifier,
    images: &[Image],
) -> Result<Vec<Prediction>, ClassifyError> {
    let all = images.iter().flat_map(|image| SHIFTS.map(|columns| shift(image, columns)));
    let all: Vec<Image> = all.collect();
    let predictions = classifier.classify(&all)?;
    Ok(predictions.as_chunks::<{ SHIFTS.len() }>().0.iter().map(mean).collect())
}

/// An image moved to the right, with black coming in.
fn shift(image: &Image, columns: isize) -> Image {
    let width = image.shape().width;
    let mut pixels = Vec::with_capacity(image.pixels().len());
    for row in image.pixels().chunks_exact(width) {
        let from = |x: usize| x.checked_add_signed(-columns).and_then(|x| row.get(x));
        pixels.extend((0..width).map(|x| from(x).copied().unwrap_or(0)));
    }
    Image::new(image.shape(), pixels).unwrap_or_else(|_| image.clone())
}

/// The geometric mean of probabilities, made to add up to 1.
fn mean(predictions: &[Prediction; SHIFTS.len()]) -> Prediction {
    let mut means = vec![0.0; predictions[0].log_probabilities.len()];
    for prediction in predictions {
        for (mean, logarithm) in means.iter_mut().zip(&prediction.log_probabilities) {
            *mean += logarithm / SHIFTS.len() as f64;
        }
    }
    let sum: f64 = means.iter().map(|logarithm| logarithm.exp()).sum();
    Prediction::of(means.into_iter().map(|logarithm| logarithm - sum.ln()).collect())
}

#[cfg(test)]
mod tests {
    use data::ImageShape;

    use super::*;

    #[test]
    fn shifted_image_loses_a_column_and_gets_a_black_one() {
        let shape = ImageShape { channels: 1, height: 2, width: 3 };
        let image = Image::new(shape, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(shift(&image, 1).pixels(), [0, 1, 2, 0, 4, 5]);
        assert_eq!(shift(&image, -1).pixels(), [2, 3, 0, 5, 6, 0]);
        assert_eq!(shift(&image, 0), image);
    }

    #[test]
    fn mean_of_probabilities_adds_up_to_one() {
        let [sure, unsure] = [[0.9_f64, 0.1], [0.5, 0.5]]
            .map(|probabilities| Prediction::of(probabilities.map(f64::ln).to_vec()));
        let found = mean(&[sure.clone(), sure, unsure]).probabilities();
        // (9 · 9 · 1) to the third part against 1.
        let odds = 81.0_f64.cbrt();
        assert!((found[0] - odds / (1.0 + odds)).abs() < 1e-12, "{found:?}");
        assert!((found[0] + found[1] - 1.0).abs() < 1e-12, "{found:?}");
    }
}
