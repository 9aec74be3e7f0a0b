//! Picture files, from their bytes to what a network sees.

use data::{ImageShape, Normalization, Normalizer};
use ink::PixelLimit;
use reader::{Preparation, PreparePicture, Prepared};

use crate::MNIST;

/// So few that an input takes milliseconds: what is above the limit is refused by the header.
const LIMIT: PixelLimit = PixelLimit(1 << 15);

/// Small coloured images, as many data sets have them.
const COLOURS: ImageShape = ImageShape { channels: 3, height: 32, width: 32 };

/// Any bytes as a picture file.
///
/// # Panics
///
/// If a network's input is of another size than its model's, or not finite.
pub fn picture(bytes: &[u8]) {
    for (preparation, shape) in
        [(Preparation::INK, MNIST), (Preparation::PICTURE, MNIST), (Preparation::PICTURE, COLOURS)]
    {
        if let Ok(prepared) = preparation.prepare(bytes, LIMIT, shape, |_, _| ()) {
            check_input(&prepared, shape);
        }
    }
}

/// Whether a network for images of `shape` can take it.
///
/// # Panics
///
/// If not.
pub fn check_input(prepared: &Prepared, shape: ImageShape) {
    let Some(image) = prepared.image() else { return };
    assert_eq!(image.shape(), shape);
    let statistics = Normalization {
        mean: vec![0.5; shape.channels],
        standard_deviation: vec![0.25; shape.channels],
    };
    let normalizer = Normalizer::new(&statistics, shape).expect("the statistics fit the shape");
    let mut input = vec![f32::NAN; shape.pixels()];
    normalizer.apply(image.pixels(), &mut input);
    assert!(input.iter().all(|value| value.is_finite()));
}
