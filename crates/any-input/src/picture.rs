//! Picture files, from their bytes to a network's input.

use data::{ImageShape, Normalization, Normalizer};
use ink::{PixelLimit, decode_as, read_header};
use reader::{Preparation, Prepared};

use crate::MNIST;

/// Small, so that each input takes milliseconds; larger pictures are refused by their header.
const LIMIT: PixelLimit = PixelLimit(1 << 15);

/// Small RGB images, as in CIFAR-10.
const COLOURS: ImageShape = ImageShape { channels: 3, height: 32, width: 32 };

/// Any bytes as a picture file.
///
/// # Panics
///
/// If the network's input has another shape than the model's, or is not finite; if the picture has
/// another size than its header says.
pub fn picture(bytes: &[u8]) {
    if let (Ok(header), Ok(picture)) =
        (read_header(bytes, LIMIT), decode_as(bytes, LIMIT, |stored| stored))
    {
        assert_eq!((picture.width(), picture.height()), (header.width, header.height));
    }
    for (preparation, shape) in
        [(Preparation::INK, MNIST), (Preparation::PICTURE, MNIST), (Preparation::PICTURE, COLOURS)]
    {
        if let Ok(prepared) = preparation.prepare(bytes, LIMIT, shape, |_, _| ()) {
            check_input(&prepared, shape);
        }
    }
}

/// Checks that a network for images of `shape` can process a prepared picture.
///
/// # Panics
///
/// If it has another shape, or is not finite after normalization.
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
