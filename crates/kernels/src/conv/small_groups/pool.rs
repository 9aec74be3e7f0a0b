//! The gradient of a pool's input.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use crate::conv::shape::ConvShape;
use crate::memory::filled;
use crate::simd::Instructions;

/// The gradient of a pool's input, `[batch, height, width, features]`, from the `gradient` and
/// `argmax` of its output. An odd last row or column has no gradient.
pub(in crate::conv) fn undo_pool(
    set: Instructions,
    shape: &ConvShape,
    gradient: &[f32],
    argmax: &[u8],
) -> Vec<f32> {
    let ([height, width], features) = (shape.output_size(), shape.features);
    let outputs = (height / 2) * (width / 2) * features;
    assert_eq!(gradient.len(), shape.batch * outputs);
    assert_eq!(argmax.len(), gradient.len());
    let fill = |of_input: &mut [MaybeUninit<f32>]| {
        let images = of_input.par_chunks_mut(height * width * features).enumerate();
        images.for_each(|(index, of_input)| {
            let range = index * outputs..(index + 1) * outputs;
            let (gradient, argmax) = (&gradient[range.clone()], &argmax[range]);
            set.run(Image { size: [height, width], features, gradient, argmax, of_input });
        });
    };
    // SAFETY: every position of every image is written.
    unsafe { filled(shape.batch * height * width * features, fill) }
}

/// One image, for one thread.
struct Image<'a> {
    /// Height and width of the pool's input.
    size: [usize; 2],
    features: usize,
    gradient: &'a [f32],
    argmax: &'a [u8],
    of_input: &'a mut [MaybeUninit<f32>],
}

impl WithSimd for Image<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Self { size: [height, width], features, gradient, argmax, of_input } = self;
        let pools = [height / 2, width / 2];
        for (position, of_position) in of_input.chunks_exact_mut(features).enumerate() {
            let (row, column) = (position / width, position % width);
            if row / 2 >= pools[0] || column / 2 >= pools[1] {
                of_position.fill(MaybeUninit::new(0.0));
                continue;
            }
            let at = (row / 2 * pools[1] + column / 2) * features;
            let corner = (row % 2 * 2 + column % 2) as u8;
            let (gradient, argmax) = (&gradient[at..at + features], &argmax[at..at + features]);
            for ((out, gradient), argmax) in of_position.iter_mut().zip(gradient).zip(argmax) {
                out.write(if *argmax == corner { *gradient } else { 0.0 });
            }
        }
    }
}
