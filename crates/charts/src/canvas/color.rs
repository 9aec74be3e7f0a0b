//! Colours, and interpolation between them.

/// Red, green, blue and opacity, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Color {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
    pub alpha: u8,
}

impl Color {
    /// An opaque colour from `0xRRGGBB`.
    pub const fn hex(value: u32) -> Self {
        let [_, red, green, blue] = value.to_be_bytes();
        Self { red, green, blue, alpha: u8::MAX }
    }

    /// The same colour with the opacity `share`, 0 to 1.
    pub fn faded(self, share: f32) -> Self {
        Self { alpha: (share * 255.0).round() as u8, ..self }
    }

    /// Linear interpolation to `other`: `share` is clamped to 0, this colour, to 1, the other.
    pub fn towards(self, other: Self, share: f32) -> Self {
        let share = share.clamp(0.0, 1.0);
        let mix = |from: u8, to: u8| {
            (f32::from(from) + (f32::from(to) - f32::from(from)) * share).round() as u8
        };
        Self {
            red: mix(self.red, other.red),
            green: mix(self.green, other.green),
            blue: mix(self.blue, other.blue),
            alpha: mix(self.alpha, other.alpha),
        }
    }

    /// Whether white text is more readable on it than dark text.
    pub fn is_dark(self) -> bool {
        // Luma of ITU-R BT.601, accurate enough to distinguish dark from light.
        let luma = 0.299 * f32::from(self.red)
            + 0.587 * f32::from(self.green)
            + 0.114 * f32::from(self.blue);
        luma < 140.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_goes_from_one_colour_to_the_other() {
        let (black, white) = (Color::hex(0), Color::hex(0x00ff_ffff));
        assert_eq!(black.towards(white, -1.0), black);
        assert_eq!(black.towards(white, 0.5), Color::hex(0x0080_8080));
        assert_eq!(black.towards(white, 2.0), white);
        assert!(black.is_dark() && !white.is_dark());
    }
}
