//! What a data set knows of each image without its pixels.

use sha2::{Digest, Sha256};

use crate::shape::ImageShape;

/// Side of the thumbnails.
pub(crate) const SIDE: usize = 16;

/// Mean grey levels of 16×16 areas, row by row.
pub(crate) type Thumbnail = [u8; SIDE * SIDE];

/// Figures of one image.
#[derive(Clone, Debug)]
pub(crate) struct PictureFacts {
    /// Sum and sum of squares of the pixels, of each channel.
    pub(crate) sums: Vec<(u64, u64)>,
    /// The first half of the pixels' SHA-256: equal for equal images.
    pub(crate) digest: [u8; 16],
    pub(crate) thumbnail: Thumbnail,
}

impl PictureFacts {
    /// The figures of `pixels`, `[channels, height, width]`.
    pub(crate) fn of(pixels: &[u8], shape: ImageShape) -> Self {
        let (digest, thumbnail) = (digest(pixels), thumbnail(pixels, shape));
        Self { sums: sums(pixels, shape), digest, thumbnail }
    }
}

/// Sum and sum of squares of each channel's pixels.
pub(crate) fn sums(pixels: &[u8], shape: ImageShape) -> Vec<(u64, u64)> {
    let of_plane = |plane: &[u8]| {
        plane.iter().fold((0, 0), |(sum, squares), &pixel| {
            let pixel = u64::from(pixel);
            (sum + pixel, squares + pixel * pixel)
        })
    };
    pixels.chunks_exact(shape.plane().max(1)).map(of_plane).collect()
}

pub(crate) fn digest(pixels: &[u8]) -> [u8; 16] {
    let digest = Sha256::digest(pixels);
    std::array::from_fn(|index| digest[index])
}

/// Mean grey levels of 16×16 areas; of a smaller image, the nearest pixels.
pub(crate) fn thumbnail(pixels: &[u8], shape: ImageShape) -> Thumbnail {
    let ImageShape { channels, height, width } = shape;
    let range = |cell: usize, side: usize| {
        let (start, end) = (cell * side / SIDE, (cell + 1) * side / SIDE);
        start..end.max(start + 1)
    };
    std::array::from_fn(|cell| {
        let (rows, columns) = (range(cell / SIDE, height), range(cell % SIDE, width));
        let mut sum = 0_u64;
        for channel in 0..channels {
            for row in rows.clone() {
                let line = &pixels[(channel * height + row) * width..][columns.clone()];
                sum += line.iter().map(|&level| u64::from(level)).sum::<u64>();
            }
        }
        (sum / (channels * rows.len() * columns.len()) as u64) as u8
    })
}
