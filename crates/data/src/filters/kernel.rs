//! Kernels of convolutions.

/// The weights of a convolution, `[height, width]`, both odd.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kernel {
    pub height: usize,
    pub width: usize,
    pub weights: Vec<f32>,
}

impl Kernel {
    /// A disc of this radius whose rim is smoothed over a pixel: what is out of focus.
    pub fn disc(radius: f32) -> Self {
        let reach = (radius.max(0.0) + 0.5).ceil() as usize - usize::from(radius <= 0.5);
        Self::normalized(reach, |x, y| (radius + 0.5 - x.hypot(y)).clamp(0.0, 1.0))
    }

    /// A Gaussian of this standard deviation, cut at three of them, as one row; its transpose smooths
    /// the other direction.
    pub fn gaussian_row(deviation: f32) -> Self {
        let reach = (3.0 * deviation).ceil().max(1.0) as usize;
        let weight = |at: usize| {
            let distance = (at as f32 - reach as f32) / deviation.max(1e-3);
            (-0.5 * distance * distance).exp()
        };
        let weights: Vec<f32> = (0..=2 * reach).map(weight).collect();
        let sum: f32 = weights.iter().sum();
        let weights = weights.into_iter().map(|weight| weight / sum).collect();
        Self { height: 1, width: 2 * reach + 1, weights }
    }

    /// A line of this length through the centre, one pixel wide, at an angle in radians: the camera or
    /// the subject moves.
    pub fn line(length: f32, angle: f32) -> Self {
        let (sine, cosine) = angle.sin_cos();
        let half = (length.max(1.0) - 1.0) / 2.0;
        let reach = half.ceil() as usize;
        Self::normalized(reach, |x, y| {
            let along = (x * cosine + y * sine).abs();
            let across = (y * cosine - x * sine).abs();
            (half + 1.0 - along).clamp(0.0, 1.0) * (1.0 - across).clamp(0.0, 1.0)
        })
    }

    /// The kernel with rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let weight = |at: usize| {
            let (row, column) = (at / self.height, at % self.height);
            self.weights[column * self.width + row]
        };
        let weights = (0..self.weights.len()).map(weight).collect();
        Self { height: self.width, width: self.height, weights }
    }

    /// A square kernel whose weights add up to 1, from the weight at (x, y) pixels off its centre.
    fn normalized(reach: usize, weight: impl Fn(f32, f32) -> f32) -> Self {
        let side = 2 * reach + 1;
        let offset = |at: usize| at as f32 - reach as f32;
        let weights: Vec<f32> =
            (0..side * side).map(|at| weight(offset(at % side), offset(at / side))).collect();
        let sum: f32 = weights.iter().sum();
        let weights = weights.into_iter().map(|weight| weight / sum).collect();
        Self { height: side, width: side, weights }
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // The expected numbers are exact.
mod tests {
    use super::*;

    fn sum(kernel: &Kernel) -> f32 {
        kernel.weights.iter().sum()
    }

    #[test]
    fn weights_add_up_to_one() {
        for size in [0.0, 0.3, 0.5, 1.0, 1.7, 4.0] {
            let kernels = [Kernel::disc(size), Kernel::gaussian_row(size), Kernel::line(size, 1.1)];
            for kernel in kernels {
                assert_eq!(kernel.weights.len(), kernel.height * kernel.width);
                assert!((sum(&kernel) - 1.0).abs() < 1e-5, "{size}: {kernel:?}");
            }
        }
    }

    #[test]
    fn a_disc_of_no_radius_and_a_line_of_one_pixel_change_nothing() {
        assert_eq!(Kernel::disc(0.0).weights, [1.0]);
        assert_eq!(Kernel::line(1.0, 0.7).weights, [1.0]);
    }

    #[test]
    fn a_disc_is_round_and_as_large_as_its_radius() {
        let kernel = Kernel::disc(3.0);
        assert_eq!(kernel, kernel.transposed());
        let full = kernel.weights[kernel.weights.len() / 2];
        let area: f32 = kernel.weights.iter().map(|weight| weight / full).sum();
        assert!((area - std::f32::consts::PI * 9.0).abs() < 1.5, "{area}");
    }

    #[test]
    fn a_line_follows_its_angle() {
        let level = Kernel::line(5.0, 0.0);
        assert_eq!((level.height, level.width), (5, 5));
        assert!(level.weights[10..15].iter().all(|weight| (weight - 0.2).abs() < 1e-6));
        let upright = Kernel::line(5.0, std::f32::consts::FRAC_PI_2);
        for (one, other) in upright.weights.iter().zip(level.transposed().weights) {
            assert!((one - other).abs() < 1e-6);
        }
    }

    #[test]
    fn transposing_exchanges_rows_and_columns() {
        let kernel = Kernel { height: 1, width: 3, weights: vec![1.0, 2.0, 3.0] };
        assert_eq!((kernel.transposed().height, kernel.transposed().width), (3, 1));
        assert_eq!(kernel.transposed().transposed(), kernel);
    }
}
