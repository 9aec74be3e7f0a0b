//! What the ink lies on: colours, light, noise.

use std::f32::consts::{PI, TAU};

use image::{GrayImage, Rgb, RgbImage};
use rand::RngExt;
use rand_pcg::Pcg32;

/// Least distance of the stroke's luminance from the paper's, in grey levels.
const LEAST_CONTRAST: f32 = 80.0;

/// What is between the colour and the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Background {
    Plain,
    /// Light that falls off across the page, to `darkest` of its strength.
    Gradient {
        darkest: f32,
        /// Direction in radians; none for a lamp over the middle.
        angle: Option<f32>,
    },
    /// Normal noise of this deviation in grey levels, the same for all three colours.
    Gaussian {
        deviation: f32,
    },
    /// This share of the pixels black or white.
    SaltAndPepper {
        share: f32,
    },
    /// Saved with this quality of 100.
    Jpeg {
        quality: u8,
    },
}

impl Background {
    /// The names of all kinds.
    pub const KINDS: [&str; 5] = ["plain", "gradient", "gaussian", "salt_and_pepper", "jpeg"];

    fn random(kind: &str, random: &mut Pcg32) -> Self {
        match kind {
            "plain" => Self::Plain,
            "gradient" => Self::Gradient {
                darkest: random.random_range(0.4..0.8),
                angle: random.random_bool(0.7).then(|| random.random_range(0.0..TAU)),
            },
            "gaussian" => Self::Gaussian { deviation: random.random_range(5.0..30.0) },
            "salt_and_pepper" => Self::SaltAndPepper { share: random.random_range(0.01..0.1) },
            "jpeg" => Self::Jpeg { quality: random.random_range(15..80) },
            other => unreachable!("{other} is no kind of background"),
        }
    }

    pub fn kind(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Gradient { .. } => "gradient",
            Self::Gaussian { .. } => "gaussian",
            Self::SaltAndPepper { .. } => "salt_and_pepper",
            Self::Jpeg { .. } => "jpeg",
        }
    }

    /// The light's strength at a place, given from −1 to 1 in both directions.
    fn light(self, x: f32, y: f32) -> f32 {
        match self {
            Self::Gradient { darkest, angle: Some(angle) } => {
                let along = (x * angle.cos() + y * angle.sin()) / 2.0_f32.sqrt();
                1.0 - (1.0 - darkest) * (1.0 + along) / 2.0
            }
            Self::Gradient { darkest, angle: None } => {
                1.0 - (1.0 - darkest) * (x * x + y * y) / 2.0
            }
            _ => 1.0,
        }
    }
}

/// Colours and a background.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub paper: [f32; 3],
    pub stroke: [f32; 3],
    pub background: Background,
}

impl Page {
    /// Two colours that differ by at least 80 grey levels, either one the lighter.
    pub fn random(kind: &str, random: &mut Pcg32) -> Self {
        let background = Background::random(kind, random);
        loop {
            let mut colour = || [(); 3].map(|()| random.random_range(0.0..=255.0));
            let page = Self { paper: colour(), stroke: colour(), background };
            if page.contrast().abs() >= LEAST_CONTRAST {
                return page;
            }
        }
    }

    /// Luminance of the stroke less that of the paper.
    pub fn contrast(&self) -> f32 {
        luminance(self.stroke) - luminance(self.paper)
    }

    /// Paints ink (coverage, 0 to 255) on the paper.
    pub fn paint(&self, coverage: &GrayImage, random: &mut Pcg32) -> RgbImage {
        let (width, height) = coverage.dimensions();
        let place = |at: u32, length: u32| 2.0 * at as f32 / length as f32 - 1.0;
        RgbImage::from_fn(width, height, |x, y| {
            let covered = f32::from(coverage.get_pixel(x, y).0[0]) / 255.0;
            let light = self.background.light(place(x, width), place(y, height));
            let noise = match self.background {
                Background::Gaussian { deviation } => deviation * normal(random),
                Background::SaltAndPepper { share } if random.random::<f32>() < share => {
                    if random.random() { 1e3 } else { -1e3 }
                }
                _ => 0.0,
            };
            let mix = |channel: usize| {
                let colour =
                    self.paper[channel] + covered * (self.stroke[channel] - self.paper[channel]);
                (colour * light + noise).round().clamp(0.0, 255.0) as u8
            };
            Rgb([mix(0), mix(1), mix(2)])
        })
    }
}

/// The grey level of a colour.
pub fn luminance([red, green, blue]: [f32; 3]) -> f32 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// A normal number of deviation 1 (Box and Muller).
pub fn normal(random: &mut Pcg32) -> f32 {
    let radius = (-2.0 * (1.0 - random.random::<f32>()).ln()).sqrt();
    radius * (2.0 * PI * random.random::<f32>()).cos()
}
