//! Local binary patterns: histograms of which neighbours of a pixel are darker than it, in cells of
//! the image.

use imageproc::local_binary_patterns::{count_transitions, local_binary_pattern};

use crate::grey::extended;

/// Number of bins of a histogram: one for each of the 58 uniform patterns of 8 neighbours, which
/// have at most two changes around the circle, and one for all others (Ojala, Pietikäinen and
/// Mäenpää 2002, section 2.3).
pub(crate) const BINS: usize = 59;

/// Number of cells by height and by width. More cells hardly improve the accuracy on MNIST and
/// Fashion-MNIST, and make the vector longer.
pub(crate) const GRID: usize = 5;

/// Histograms of uniform patterns, `[GRID, GRID, BINS]`. Each one adds up to 1 if its cell has a
/// pixel, which is so in images of at least `GRID` pixels by height and by width.
pub(crate) fn local_binary_patterns(levels: &[u8], height: usize, width: usize) -> Vec<f32> {
    let bins = bins();
    // A border gives edge pixels neighbours, because strokes may touch the edge.
    let image = extended(levels, (height, width), (1, 1), (height + 2, width + 2));
    let mut counts = vec![0_u32; GRID * GRID * BINS];
    for row in 0..height {
        for column in 0..width {
            let cell = (row * GRID / height) * GRID + column * GRID / width;
            let pattern = local_binary_pattern(&image, column as u32 + 1, row as u32 + 1);
            // With the border, every pixel has a pattern.
            counts[cell * BINS + bins[usize::from(pattern.unwrap_or(0))]] += 1;
        }
    }
    counts.chunks_exact(BINS).flat_map(shares).collect()
}

/// The bin of each of the 256 patterns.
fn bins() -> [usize; 256] {
    let mut uniform = 0..BINS - 1;
    std::array::from_fn(|pattern| {
        let is_uniform = count_transitions(pattern as u8) <= 2;
        is_uniform.then(|| uniform.next()).flatten().unwrap_or(BINS - 1)
    })
}

fn shares(counts: &[u32]) -> impl Iterator<Item = f32> {
    let total = counts.iter().sum::<u32>().max(1) as f32;
    counts.iter().map(move |&count| count as f32 / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_eight_patterns_have_their_own_bin() {
        let bins = bins();
        let own = |bin| bins.iter().filter(|&&other| other == bin).count() == 1;
        assert_eq!((0..BINS).filter(|&bin| own(bin)).count(), 58);
    }

    #[test]
    fn patterns_that_are_not_uniform_share_the_last_bin() {
        assert_eq!(bins().iter().filter(|&&bin| bin == BINS - 1).count(), 256 - 58);
    }

    #[test]
    fn each_histogram_adds_up_to_one() {
        let levels: Vec<u8> = (0..63_u8).map(|level| level.wrapping_mul(97)).collect();
        for histogram in local_binary_patterns(&levels, 7, 9).chunks_exact(BINS) {
            assert!((histogram.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn patterns_do_not_depend_on_brightness() {
        let levels: Vec<u8> = (0..64_u8).map(|level| level.wrapping_mul(97) % 100).collect();
        let brighter: Vec<u8> = levels.iter().map(|level| level + 100).collect();
        assert_eq!(local_binary_patterns(&levels, 8, 8), local_binary_patterns(&brighter, 8, 8));
    }
}
