//! Division of a batch among threads.

use std::mem::MaybeUninit;

use rayon::prelude::*;

/// Lengths in numbers, of a chunk of images.
#[derive(Clone, Copy)]
pub(super) struct ChunkLens {
    pub input: usize,
    pub output: usize,
}

/// Calls `run` in parallel with chunks of `input`, of `output` and of `argmax`, which may be empty.
pub(super) fn for_each_chunk(
    lens: ChunkLens,
    input: &[f32],
    output: &mut [MaybeUninit<f32>],
    argmax: &mut [MaybeUninit<u8>],
    run: impl Fn(&[f32], &mut [MaybeUninit<f32>], &mut [MaybeUninit<u8>]) + Sync,
) {
    assert!(argmax.is_empty() || argmax.len() == output.len());
    if output.is_empty() {
        return;
    }
    let chunks = input.par_chunks(lens.input).zip(output.par_chunks_mut(lens.output));
    if argmax.is_empty() {
        chunks.for_each(|(input, output)| run(input, output, &mut []));
    } else {
        chunks
            .zip(argmax.par_chunks_mut(lens.output))
            .for_each(|((input, output), argmax)| run(input, output, argmax));
    }
}
