//! Corruptions of test images: what a network meets in use and not in its training set.
//!
//! Twenty-four kinds in four families, each with five severities, after the benchmarks of Hendrycks
//! and Dietterich ("Benchmarking neural network robustness to common corruptions and
//! perturbations", 2019) and of Mu and Gilmer ("MNIST-C: a robustness benchmark for computer
//! vision", 2019). Severities are chosen so that people still read digits at the fifth. Lengths are
//! shares of the image's shorter side.
//!
//! A corruption is a pure function of its kind, its severity and the image's index. The random
//! numbers do not depend on the severity: a line has the same place and noise the same signs in all
//! five, so that they differ in severity alone.

mod blur;
mod geometry;
mod kind;
mod levels;
mod light;
mod noise;
mod occlusion;

use rayon::prelude::*;

use self::levels::Levels;
use crate::image::Image;
use crate::random::{Purpose, stream};

pub use self::kind::{Corruption, CorruptionFamily};

/// The seed of all corruptions: a model is always measured on the same images.
const SEED: u64 = 0;

impl Corruption {
    /// The image at `index` of its data set, corrupted with a severity of 1 to 5.
    ///
    /// # Panics
    ///
    /// If `severity` is not 1 to [`SEVERITIES`](Self::SEVERITIES).
    #[must_use]
    pub fn apply(self, severity: usize, index: usize, image: &Image) -> Image {
        let of = |amounts: [f32; Self::SEVERITIES]| amounts[severity - 1];
        let count = |counts: [usize; Self::SEVERITIES]| counts[severity - 1];
        let random = &mut stream(Purpose::Corruption, SEED, &[self as u64, index as u64]);
        let levels = &mut Levels::of(image);
        let side = levels.side();
        match self {
            Self::GaussianNoise => {
                noise::gaussian(levels, random, of([0.08, 0.16, 0.24, 0.32, 0.4]));
            }
            Self::ShotNoise => noise::shot(levels, random, of([24.0, 12.0, 6.0, 3.0, 1.5])),
            Self::ImpulseNoise => {
                noise::impulse(levels, random, of([0.03, 0.07, 0.12, 0.18, 0.24]));
            }
            Self::SpeckleNoise => noise::speckle(levels, random, of([0.2, 0.35, 0.5, 0.65, 0.8])),
            Self::DefocusBlur => {
                blur::defocus(levels, side * of([0.035, 0.05, 0.065, 0.08, 0.095]));
            }
            Self::MotionBlur => {
                blur::motion(levels, random, side * of([0.08, 0.12, 0.16, 0.2, 0.24]));
            }
            Self::GlassBlur => {
                blur::glass(levels, random, side * of([0.02, 0.026, 0.033, 0.04, 0.048]));
            }
            Self::Pixelation => {
                blur::pixelate(levels, random, side * of([0.055, 0.067, 0.08, 0.092, 0.105]));
            }
            Self::Jpeg => blur::jpeg(levels, of([25.0, 15.0, 10.0, 7.0, 5.0])),
            Self::LowContrast => light::contrast(levels, of([0.6, 0.45, 0.33, 0.23, 0.15])),
            Self::Brightness => light::brighten(levels, of([0.15, 0.27, 0.39, 0.51, 0.63])),
            Self::Fog => light::fog(levels, random, of([0.2, 0.3, 0.4, 0.5, 0.6])),
            Self::Shadow => light::shadow(levels, random, of([0.2, 0.35, 0.5, 0.6, 0.7])),
            Self::Inversion => light::invert(levels, of([0.96, 0.89, 0.82, 0.75, 0.68])),
            Self::Stripes => light::stripes(levels, random, of([0.2, 0.3, 0.4, 0.5, 0.6])),
            Self::Rotation => geometry::rotate(levels, random, of([10.0, 17.0, 24.0, 31.0, 38.0])),
            Self::Shear => geometry::shear(levels, random, of([0.2, 0.35, 0.5, 0.65, 0.8])),
            Self::Scale => geometry::scale(levels, random, of([0.15, 0.25, 0.35, 0.45, 0.55])),
            Self::Translation => {
                geometry::translate(levels, random, side * of([0.07, 0.11, 0.15, 0.19, 0.23]));
            }
            Self::Elastic => {
                let displacement = side * of([0.015, 0.023, 0.031, 0.038, 0.045]);
                geometry::distort(levels, random, displacement, side * 0.1);
            }
            Self::ErasedBlock => {
                occlusion::erase(levels, random, side * of([0.15, 0.21, 0.27, 0.33, 0.39]));
            }
            Self::Scribble => {
                occlusion::scribble(
                    levels,
                    random,
                    count([1, 1, 2, 2, 3]),
                    side * of([0.025, 0.04, 0.03, 0.04, 0.04]),
                );
            }
            Self::DottedLine => {
                occlusion::dotted_lines(levels, random, count([1, 2, 3, 4, 5]), side * 0.05);
            }
            Self::Spatter => {
                occlusion::spatter(levels, random, count([3, 6, 10, 15, 21]), side * 0.025);
            }
        }
        levels.image()
    }

    /// [`apply`](Self::apply)s it to `images`, which are at `indices` of their data set, in parallel.
    ///
    /// # Panics
    ///
    /// As [`apply`](Self::apply).
    #[must_use]
    pub fn apply_all(self, severity: usize, indices: &[usize], images: &[Image]) -> Vec<Image> {
        let pairs = indices.par_iter().zip(images);
        pairs.map(|(&index, image)| self.apply(severity, index, image)).collect()
    }
}

#[cfg(test)]
mod tests;
