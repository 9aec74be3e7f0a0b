//! Random erasing (Zhong, Zheng, Kang, Li and Yang, "Random erasing data augmentation", 2017,
//! algorithm 1).

use rand::RngExt;
use rand_pcg::Pcg32;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::DataError;
use crate::random::uniform;
use crate::ranges::{check_interval, check_range};
use crate::shape::ImageShape;

/// Largest ratio of a rectangle's longer side to the shorter one: the paper's r₁ = 0.3.
const ELONGATION: f32 = 1.0 / 0.3;

/// The probability and the size of random erasing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseConfig {
    /// Probability that a rectangle of an image is erased, 0 to 1.
    pub probability: f32,
    /// Smallest and largest area of the rectangle, as a share of the image, 0 to 1; the paper uses
    /// `[0.02, 0.4]`.
    pub area: [f32; 2],
}

/// A validated [`EraseConfig`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Erase(EraseConfig);

impl Erase {
    pub(super) fn new(config: EraseConfig) -> Result<Self, DataError> {
        check_range("augment.erase.probability", config.probability, [0.0, 1.0], "")?;
        check_interval("augment.erase.area", config.area, [0.0, 1.0])?;
        Ok(Self(config))
    }

    /// Sets a rectangle of a normalized image, `[channels, height, width]`, to 0, which is the
    /// mean.
    ///
    /// A rectangle longer than the image is clipped to its side. The paper draws again instead,
    /// which may not terminate for a large area.
    pub(super) fn draw(self, random: &mut Pcg32, shape: ImageShape, out: &mut [f32]) {
        if random.random::<f32>() >= self.0.probability {
            return;
        }
        let area = uniform(random, self.0.area) * shape.plane() as f32;
        let ratio = uniform(random, [-ELONGATION.ln(), ELONGATION.ln()]).exp();
        let (top, bottom) = place(random, (area * ratio).sqrt(), shape.height);
        let (left, right) = place(random, (area / ratio).sqrt(), shape.width);
        for plane in out.chunks_exact_mut(shape.plane()) {
            for row in plane.chunks_exact_mut(shape.width).take(bottom).skip(top) {
                row[left..right].fill(0.0);
            }
        }
    }
}

/// A random interval of about `length` pixels on a side: its start and its end, exclusive.
fn place(random: &mut Pcg32, length: f32, side: usize) -> (usize, usize) {
    let length = (length.round() as usize).min(side);
    let start = random.random_range(0..=side - length);
    (start, start + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 20, width: 30 };

    fn erased(probability: f32, area: [f32; 2], seed: u64) -> Vec<f32> {
        let mut out = vec![1.0; SHAPE.pixels()];
        let erase = Erase::new(EraseConfig { probability, area }).unwrap();
        erase.draw(&mut stream(Purpose::Augment, seed, &[]), SHAPE, &mut out);
        out
    }

    #[test]
    fn blank_is_one_rectangle_of_about_the_area_in_every_channel() {
        for seed in 0..200 {
            let out = erased(1.0, [0.1, 0.2], seed);
            let (first, second) = out.split_at(SHAPE.plane());
            assert_eq!(first, second);
            let rows: Vec<usize> = first
                .chunks_exact(30)
                .map(|row| row.iter().filter(|&&value| value == 0.0).count())
                .collect();
            let width = rows.iter().max().unwrap();
            assert!(rows.iter().all(|row| row == width || *row == 0), "seed {seed}: {rows:?}");
            let share = rows.iter().sum::<usize>() as f32 / SHAPE.plane() as f32;
            assert!((0.08..0.23).contains(&share), "seed {seed}: {share}");
        }
    }

    #[test]
    fn probability_is_the_share_of_images_that_lose_a_rectangle() {
        assert!((0..100).all(|seed| !erased(0.0, [0.1, 0.2], seed).contains(&0.0)));
        let lost = (0..1000).filter(|&seed| erased(0.25, [0.1, 0.2], seed).contains(&0.0)).count();
        assert!((200..300).contains(&lost), "{lost} of 1000");
    }

    #[test]
    fn rectangle_larger_than_the_image_is_cut() {
        assert!((0..100).all(|seed| erased(1.0, [1.0, 1.0], seed).contains(&0.0)));
    }
}
