//! A smooth random field.

use rand::RngExt;
use rand_pcg::Pcg32;

use crate::shape::ImageShape;

/// Levels from 0 to 1 for one channel, `[height, width]`: random levels at the nodes of a grid of
/// `cells` by `cells` squares, at least 1, and a smooth interpolation between them (Perlin, "An image
/// synthesizer", 1985: value noise with the weight 3t² − 2t³).
pub(crate) fn smooth_field(random: &mut Pcg32, shape: ImageShape, cells: usize) -> Vec<f32> {
    let nodes = cells + 1;
    let grid: Vec<f32> = (0..nodes * nodes).map(|_| random.random()).collect();
    let taps = |side: usize| -> Vec<(usize, f32)> {
        let tap = |at: usize| {
            let position = (at as f32 + 0.5) / side as f32 * cells as f32;
            let node = (position as usize).min(cells - 1);
            let weight = position - node as f32;
            (node, weight * weight * (3.0 - 2.0 * weight))
        };
        (0..side).map(tap).collect()
    };
    let columns = taps(shape.width);
    let mut field = Vec::with_capacity(shape.plane());
    let mut line = vec![0.0; nodes];
    for (node, weight) in taps(shape.height) {
        let (upper, lower) = (&grid[node * nodes..], &grid[(node + 1) * nodes..]);
        for ((value, upper), lower) in line.iter_mut().zip(upper).zip(lower) {
            *value = upper + weight * (lower - upper);
        }
        field.extend(
            columns
                .iter()
                .map(|&(node, weight)| line[node] + weight * (line[node + 1] - line[node])),
        );
    }
    field
}
