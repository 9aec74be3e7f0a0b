//! Random projection: long feature vectors become short ones with nearly the same distances.
//!
//! By the lemma of Johnson and Lindenstrauss (1984), a random linear map to k dimensions keeps all
//! distances up to a few times √(2 / k). The map is the sparse one of Kane and Nelson, "Sparser
//! Johnson-Lindenstrauss Transforms" (Journal of the ACM 61, 2014), in its block form: each feature is added to
//! or subtracted from one dimension of every block. Its random bits are a hash of the feature's
//! index, so that the same vector always becomes the same one, and no matrix is stored.

/// Blocks of dimensions.
const BLOCKS: usize = 8;
/// Bits that choose a dimension within a block. With the sign, a feature uses all bits of its hash.
const BLOCK_BITS: usize = 7;
const BLOCK: usize = 1 << BLOCK_BITS;

/// Number of features that [`random_projection`] returns.
pub const PROJECTED_DIMENSIONS: usize = BLOCKS * BLOCK;

/// Projects a vector of any length to [`PROJECTED_DIMENSIONS`] features. The squared distance of two
/// projected vectors has the mean of that before, and a relative standard deviation of at most
/// √(2 / 1024), 4 %.
#[must_use]
pub fn random_projection(features: &[f32]) -> Vec<f32> {
    let mut sums = vec![0.0_f64; PROJECTED_DIMENSIONS];
    for (index, &feature) in features.iter().enumerate() {
        let feature = f64::from(feature);
        let mut bits = hash(index as u64);
        for block in sums.chunks_exact_mut(BLOCK) {
            let dimension = (bits as usize) % BLOCK;
            let is_negative = (bits >> BLOCK_BITS) & 1 == 1;
            block[dimension] += if is_negative { -feature } else { feature };
            bits >>= BLOCK_BITS + 1;
        }
    }
    let scale = (BLOCKS as f64).sqrt().recip();
    sums.into_iter().map(|sum| (sum * scale) as f32).collect()
}

/// The `index`-th number of the generator `SplitMix64` with seed 0 (Steele, Lea and Flood, "Fast
/// Splittable Pseudorandom Number Generators", OOPSLA 2014).
fn hash(index: u64) -> u64 {
    let mut bits = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of 20,000 features, in a few clusters.
    fn vectors() -> Vec<Vec<f32>> {
        let vector = |image: u64| {
            let noise = |index| (hash(image << 32 | index) >> 40) as f32 / (1 << 24) as f32;
            (0..20_000).map(|index| noise(index) + ((index + image) % 4) as f32).collect()
        };
        (1..=24).map(vector).collect()
    }

    fn squared_distance(one: &[f32], other: &[f32]) -> f64 {
        one.iter().zip(other).map(|(a, b)| f64::from(a - b).powi(2)).sum()
    }

    #[test]
    fn distances_are_nearly_kept() {
        let before = vectors();
        let after: Vec<_> = before.iter().map(|vector| random_projection(vector)).collect();
        let mut squares = 0.0;
        let mut pairs = 0;
        for one in 0..before.len() {
            for other in 0..one {
                let ratio = squared_distance(&after[one], &after[other])
                    / squared_distance(&before[one], &before[other]);
                assert!((ratio - 1.0).abs() < 0.2, "{ratio}");
                squares += (ratio - 1.0).powi(2);
                pairs += 1;
            }
        }
        let deviation = (squares / f64::from(pairs)).sqrt();
        assert!(deviation < 0.06, "{deviation}");
    }

    #[test]
    fn the_hash_is_splitmix64() {
        assert_eq!([hash(0), hash(1)], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn what_is_not_finite_stays_so() {
        let projected = random_projection(&[1.0, f32::NAN]);
        assert!(projected.iter().any(|value| value.is_nan()));
        assert_eq!(random_projection(&[]), vec![0.0; PROJECTED_DIMENSIONS]);
    }
}
