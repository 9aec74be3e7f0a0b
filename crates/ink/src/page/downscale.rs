//! Downscaling by whole factors, so that a page of any size is processed in bounded time.

use image::GrayImage;

/// Averages squares of `factor`×`factor` pixels. Squares that the right and bottom edges cut off
/// are averaged over the pixels they have.
///
/// Returns a copy of the picture for a factor of 0 or 1.
#[must_use]
pub fn downscale(picture: &GrayImage, factor: u32) -> GrayImage {
    let (width, height) = picture.dimensions();
    if factor < 2 || width == 0 || height == 0 {
        return picture.clone();
    }
    let side = factor as usize;
    let columns = width.div_ceil(factor);
    let mut reduced = Vec::with_capacity(columns as usize * height.div_ceil(factor) as usize);
    let mut sums = vec![0_u64; columns as usize];
    for band in picture.as_raw().chunks(width as usize * side) {
        sums.fill(0);
        for row in band.chunks_exact(width as usize) {
            for (sum, square) in sums.iter_mut().zip(row.chunks(side)) {
                *sum += square.iter().map(|&level| u64::from(level)).sum::<u64>();
            }
        }
        let rows = band.len() / width as usize;
        for (index, sum) in sums.iter().enumerate() {
            let area = (rows * side.min(width as usize - index * side)) as u64;
            reduced.push(((sum + area / 2) / area) as u8);
        }
    }
    GrayImage::from_raw(columns, height.div_ceil(factor), reduced).unwrap_or_default()
}

/// The smallest factor for which the longer side is at most `longest` pixels.
#[must_use]
pub fn downscale_factor(picture: &GrayImage, longest: u32) -> u32 {
    picture.width().max(picture.height()).div_ceil(longest.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_averaged_and_remainders_too() {
        let picture =
            GrayImage::from_raw(3, 3, vec![10, 20, 50, 30, 40, 70, 100, 200, 90]).unwrap();
        let reduced = downscale(&picture, 2);
        assert_eq!((reduced.dimensions(), reduced.as_raw()), ((2, 2), &vec![25, 60, 150, 90]));
        assert_eq!(downscale(&picture, 1), picture);
        assert_eq!(downscale(&picture, 100).as_raw(), &[68]);
    }

    #[test]
    fn factor_keeps_the_longer_side_within_the_limit() {
        let wide = GrayImage::new(1_025, 10);
        assert_eq!(downscale_factor(&wide, 1_024), 2);
        assert_eq!(downscale_factor(&wide, 2_000), 1);
    }

    #[test]
    fn empty_picture_stays_empty() {
        assert_eq!(downscale(&GrayImage::new(0, 5), 3).dimensions(), (0, 5));
    }
}
