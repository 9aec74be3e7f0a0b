//! Whether a digit stays the same digit when it is turned, slanted, narrowed and widened a little.
//!
//! A network that was trained on digits alone is often confident on letters. Handwritten digits vary
//! in just these ways, so that their class remains; that of other shapes often changes. This is
//! test-time augmentation, used as a measure of uncertainty (M. S. Ayhan, P. Berens, "Test-time data
//! augmentation for estimation of heteroscedastic aleatoric uncertainty in deep neural networks",
//! 2018).

use data::Image;
use model::Prediction;

/// Matrices from the varied to the original image, around its centre.
const VARIATIONS: [[[f32; 2]; 2]; 8] = [
    // Turned by 15 degrees.
    [[0.966, 0.259], [-0.259, 0.966]],
    [[0.966, -0.259], [0.259, 0.966]],
    // Slanted by 0.3 columns for each row.
    [[1.0, 0.3], [0.0, 1.0]],
    [[1.0, -0.3], [0.0, 1.0]],
    // 0.75 and 1.25 times as wide.
    [[1.333, 0.0], [0.0, 1.0]],
    [[0.8, 0.0], [0.0, 1.0]],
    // Turned by 10 degrees and 0.85 times as high.
    [[0.985, 0.204], [-0.174, 1.159]],
    [[0.985, -0.204], [0.174, 1.159]],
];

/// Digits are doubtful if their confidence times their consistency is lower. Chosen on numbers and
/// letters composed with validation images: it rejects 2 % of the digits and 60 % of the letters.
pub const MIN_CONSISTENCY: f64 = 0.76;

/// Number of varied images of each image.
pub const COUNT: usize = VARIATIONS.len();

/// The varied images of an image.
pub fn vary(image: &Image) -> Vec<Image> {
    VARIATIONS.iter().map(|matrix| transform(image, matrix)).collect()
}

/// The mean of the probabilities that the varied images' predictions have for a class, 0 to 1.
pub fn consistency(class: usize, varied: &[Prediction]) -> f64 {
    let probability = |found: &Prediction| found.log_probabilities[class].exp();
    varied.iter().map(probability).sum::<f64>() / varied.len().max(1) as f64
}

/// Every pixel of the result is the bilinear interpolation at its place in the original.
fn transform(image: &Image, [across, down]: &[[f32; 2]; 2]) -> Image {
    let shape = image.shape();
    let (width, height) = (shape.width, shape.height);
    let (centre_x, centre_y) = ((width as f32 - 1.0) / 2.0, (height as f32 - 1.0) / 2.0);
    let mut pixels = Vec::with_capacity(image.pixels().len());
    for plane in image.pixels().chunks_exact(width * height) {
        let level = |x: f32, y: f32| {
            let is_inside = x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32;
            if is_inside { f32::from(plane[y as usize * width + x as usize]) } else { 0.0 }
        };
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let (x, y) = (x as f32 - centre_x, y as f32 - centre_y);
            let (x, y) =
                (across[0] * x + across[1] * y + centre_x, down[0] * x + down[1] * y + centre_y);
            let (left, top) = (x.floor(), y.floor());
            let (right, below) = (x - left, y - top);
            let row = |y: f32| (1.0 - right) * level(left, y) + right * level(left + 1.0, y);
            pixels.push(((1.0 - below) * row(top) + below * row(top + 1.0)).round() as u8);
        }
    }
    Image::new(shape, pixels).unwrap_or_else(|_| image.clone())
}

#[cfg(test)]
mod tests {
    use data::ImageShape;

    use super::*;

    fn bar() -> Image {
        let is_ink = |at: usize| (4..24).contains(&(at / 28)) && (12..16).contains(&(at % 28));
        let shape = ImageShape { channels: 1, height: 28, width: 28 };
        Image::new(shape, (0..28 * 28).map(|at| if is_ink(at) { 255 } else { 0 }).collect())
            .unwrap()
    }

    #[test]
    fn varied_images_have_about_as_much_ink_and_differ() {
        let ink = |image: &Image| image.pixels().iter().map(|level| u32::from(*level)).sum::<u32>();
        let varied = vary(&bar());
        assert_eq!(varied.len(), COUNT);
        for image in varied {
            let share = f64::from(ink(&image)) / f64::from(ink(&bar()));
            assert!((0.7..1.35).contains(&share) && image != bar(), "{share}");
        }
    }

    #[test]
    fn the_identity_changes_nothing() {
        assert_eq!(transform(&bar(), &[[1.0, 0.0], [0.0, 1.0]]), bar());
    }

    #[test]
    fn consistency_is_the_mean_probability_of_the_class() {
        let of = |one: f64| Prediction::of(vec![one.ln(), (1.0 - one).ln()]);
        assert!((consistency(0, &[of(0.9), of(0.5)]) - 0.7).abs() < 1e-12);
    }
}
