//! The kinds of corruption, their families, and the augmentation that resembles them.

/// A kind of corruption. The order is part of the random numbers: append new kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Corruption {
    /// Normally distributed noise, added.
    GaussianNoise,
    /// The noise of counted photons, stronger in light places.
    ShotNoise,
    /// Pixels that are black or white.
    ImpulseNoise,
    /// Normally distributed noise in proportion to the level.
    SpeckleNoise,
    /// The blur of a lens out of focus: a disc.
    DefocusBlur,
    /// The blur of a camera that moves along a line.
    MotionBlur,
    /// Pixels exchanged with near ones, as behind frosted glass.
    GlassBlur,
    /// Squares of one level.
    Pixelation,
    /// JPEG compression of low quality.
    Jpeg,
    /// Levels nearer to their mean.
    LowContrast,
    /// Lighter levels.
    Brightness,
    /// A lighter background of smooth random clouds.
    Fog,
    /// Lighter towards one side, and darker towards the other.
    Shadow,
    /// Light and dark exchanged; at higher severities with less contrast.
    Inversion,
    /// Light and dark stripes behind the picture.
    Stripes,
    /// Rotation in either direction.
    Rotation,
    /// Shear in either direction: columns slant.
    Shear,
    /// Smaller, or a little larger.
    Scale,
    /// Translation in any direction.
    Translation,
    /// Smooth random displacements.
    Elastic,
    /// A square of one random level.
    ErasedBlock,
    /// Curved lines across the picture.
    Scribble,
    /// Straight dotted lines across the picture.
    DottedLine,
    /// Round splashes.
    Spatter,
}

/// What kinds of corruption have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CorruptionFamily {
    /// Every pixel changes by itself.
    Noise,
    /// Details are lost.
    Blur,
    /// Levels change, or the background does.
    Light,
    /// Strokes move, or something covers them.
    Geometry,
}

impl CorruptionFamily {
    /// The name for people: `noise`, `blur`, `light and background`, `geometry and occlusion`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Blur => "blur",
            Self::Light => "light and background",
            Self::Geometry => "geometry and occlusion",
        }
    }
}

impl Corruption {
    /// Number of severities; the lowest is 1.
    pub const SEVERITIES: usize = 5;

    /// Number of kinds.
    pub const KINDS: usize = 24;

    /// All kinds, family by family.
    #[must_use]
    pub fn all() -> [Self; Self::KINDS] {
        [
            Self::GaussianNoise,
            Self::ShotNoise,
            Self::ImpulseNoise,
            Self::SpeckleNoise,
            Self::DefocusBlur,
            Self::MotionBlur,
            Self::GlassBlur,
            Self::Pixelation,
            Self::Jpeg,
            Self::LowContrast,
            Self::Brightness,
            Self::Fog,
            Self::Shadow,
            Self::Inversion,
            Self::Stripes,
            Self::Rotation,
            Self::Shear,
            Self::Scale,
            Self::Translation,
            Self::Elastic,
            Self::ErasedBlock,
            Self::Scribble,
            Self::DottedLine,
            Self::Spatter,
        ]
    }

    /// The name for people, such as `Gaussian noise`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GaussianNoise => "Gaussian noise",
            Self::ShotNoise => "shot noise",
            Self::ImpulseNoise => "impulse noise",
            Self::SpeckleNoise => "speckle noise",
            Self::DefocusBlur => "defocus blur",
            Self::MotionBlur => "motion blur",
            Self::GlassBlur => "glass blur",
            Self::Pixelation => "pixelation",
            Self::Jpeg => "JPEG",
            Self::LowContrast => "low contrast",
            Self::Brightness => "brightness",
            Self::Fog => "fog",
            Self::Shadow => "shadow",
            Self::Inversion => "inversion",
            Self::Stripes => "stripes",
            Self::Rotation => "rotation",
            Self::Shear => "shear",
            Self::Scale => "scale",
            Self::Translation => "translation",
            Self::Elastic => "elastic",
            Self::ErasedBlock => "erased block",
            Self::Scribble => "scribble",
            Self::DottedLine => "dotted line",
            Self::Spatter => "spatter",
        }
    }

    /// The family of the kind.
    #[must_use]
    pub fn family(self) -> CorruptionFamily {
        match self {
            Self::GaussianNoise | Self::ShotNoise | Self::ImpulseNoise | Self::SpeckleNoise => {
                CorruptionFamily::Noise
            }
            Self::DefocusBlur
            | Self::MotionBlur
            | Self::GlassBlur
            | Self::Pixelation
            | Self::Jpeg => CorruptionFamily::Blur,
            Self::LowContrast
            | Self::Brightness
            | Self::Fog
            | Self::Shadow
            | Self::Inversion
            | Self::Stripes => CorruptionFamily::Light,
            Self::Rotation
            | Self::Shear
            | Self::Scale
            | Self::Translation
            | Self::Elastic
            | Self::ErasedBlock
            | Self::Scribble
            | Self::DottedLine
            | Self::Spatter => CorruptionFamily::Geometry,
        }
    }

    /// The keys of `[augment]` that resemble the kind: a network that is trained with one of them has
    /// learned to ignore something like it.
    #[must_use]
    pub fn resembling_augmentation(self) -> &'static [&'static str] {
        match self {
            Self::GaussianNoise => &["gaussian_noise", "sensor_noise"],
            Self::ShotNoise => &["sensor_noise", "speckle_noise"],
            Self::ImpulseNoise => &["impulse_noise", "gaussian_noise"],
            Self::SpeckleNoise => &["speckle_noise", "sensor_noise"],
            Self::DefocusBlur => &["disc_blur", "gaussian_blur", "random_convolution"],
            Self::MotionBlur => &["motion_blur", "random_convolution"],
            Self::GlassBlur => &["gaussian_blur", "disc_blur", "elastic"],
            Self::Pixelation => &["resampling"],
            Self::Jpeg => &["jpeg"],
            Self::LowContrast => &["contrast", "random_convolution", "policy"],
            Self::Brightness => &["brightness", "gamma", "background", "policy"],
            Self::Fog => &["background"],
            Self::Shadow => &["gradient", "background"],
            Self::Inversion => &["invert", "random_convolution", "policy"],
            Self::Stripes => &["background", "partial"],
            Self::Rotation => &["rotate", "policy"],
            Self::Shear => &["shear", "policy"],
            Self::Scale => &["scale"],
            Self::Translation => &["translate", "policy"],
            Self::Elastic => &["elastic"],
            Self::ErasedBlock => &["erase", "blobs", "cutmix"],
            Self::Scribble | Self::DottedLine => &["strokes"],
            Self::Spatter => &["blobs", "strokes"],
        }
    }
}
