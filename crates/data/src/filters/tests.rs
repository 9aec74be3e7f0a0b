use super::*;
use crate::random::{Purpose, stream};
use crate::shape::ImageShape;

const SHAPE: ImageShape = ImageShape { channels: 1, height: 12, width: 20 };

/// A bright vertical bar of `width` columns from column 8 on.
fn bar(width: usize) -> Vec<f32> {
    (0..SHAPE.pixels()).map(|at| f32::from(u8::from((8..8 + width).contains(&(at % 20))))).collect()
}

fn sum(levels: &[f32]) -> f32 {
    levels.iter().sum()
}

#[test]
fn convolution_weighs_the_neighbours_and_repeats_the_border() {
    let shape = ImageShape { channels: 2, height: 1, width: 4 };
    let mut levels = vec![1.0, 2.0, 4.0, 8.0, 0.0, 0.0, 1.0, 0.0];
    let kernel = Kernel { height: 1, width: 3, weights: vec![0.5, 0.0, 2.0] };
    convolve(shape, &mut levels, &kernel);
    assert_eq!(levels, [4.5, 8.5, 17.0, 18.0, 0.0, 2.0, 0.0, 0.5]);
    let shape = ImageShape { channels: 1, height: 4, width: 1 };
    let mut levels = vec![1.0, 2.0, 4.0, 8.0];
    convolve(shape, &mut levels, &kernel.transposed());
    assert_eq!(levels, [4.5, 8.5, 17.0, 18.0]);
}

#[test]
fn blurs_keep_even_areas_and_the_sum_of_levels() {
    for kernel in [Kernel::disc(1.6), Kernel::gaussian_row(1.0), Kernel::line(5.0, 0.4)] {
        let mut even = vec![0.4; SHAPE.pixels()];
        convolve(SHAPE, &mut even, &kernel);
        assert!(even.iter().all(|level| (level - 0.4).abs() < 1e-5));
        let mut levels = bar(3);
        convolve(SHAPE, &mut levels, &kernel);
        assert!((sum(&levels) - sum(&bar(3))).abs() < 1e-3);
        assert_ne!(levels, bar(3));
    }
}

#[test]
fn strokes_become_thicker_and_thinner_by_their_radius() {
    let width = |change: fn(ImageShape, &mut [f32], f32), radius| {
        let mut levels = bar(4);
        change(SHAPE, &mut levels, radius);
        sum(&levels[100..120])
    };
    assert_eq!(width(dilate, 0.0), 4.0);
    assert_eq!(width(dilate, 1.0), 6.0);
    assert_eq!(width(dilate, 1.5), 7.0);
    assert_eq!(width(erode, 1.0), 2.0);
    assert_eq!(width(erode, 0.25), 3.5);
    let mut dot = vec![0.0; SHAPE.pixels()];
    dot[110] = 1.0;
    dilate(SHAPE, &mut dot, 1.0);
    assert_eq!(sum(&dot), 5.0);
    dot = vec![0.0; SHAPE.pixels()];
    dot[110] = 1.0;
    dilate(SHAPE, &mut dot, 2.0);
    assert_eq!(sum(&dot), 21.0);
}

#[test]
fn jpeg_of_the_best_quality_changes_little_and_of_the_worst_much() {
    for channels in [1, 3] {
        let shape = ImageShape { channels, ..SHAPE };
        let original: Vec<f32> =
            (0..shape.pixels()).map(|at| ((at * 7919) % 256) as f32 / 255.0).collect();
        let error = |quality| {
            let mut levels = original.clone();
            jpeg_artefacts(shape, &mut levels, quality);
            let squares = levels.iter().zip(&original).map(|(one, other)| (one - other).powi(2));
            (squares.sum::<f32>() / original.len() as f32).sqrt()
        };
        assert!(error(100.0) < 0.005, "{}", error(100.0));
        assert!(error(5.0) > 0.1 && error(50.0) > error(90.0), "{}", error(5.0));
    }
}

#[test]
fn jpeg_keeps_even_areas() {
    let mut levels = vec![0.5; SHAPE.pixels()];
    jpeg_artefacts(SHAPE, &mut levels, 10.0);
    assert!(levels.iter().all(|level| (level - 0.5).abs() < 1e-5));
}

#[test]
fn normal_numbers_have_their_mean_and_variance() {
    let mut random = stream(Purpose::Augment, 1, &[]);
    let numbers: Vec<f32> = (0..100_000).map(|_| normal(&mut random)).collect();
    let mean = sum(&numbers) / 100_000.0;
    let variance = numbers.iter().map(|number| number * number).sum::<f32>() / 100_000.0;
    assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.02, "{mean}, {variance}");
}

#[test]
fn lower_resolution_loses_detail_but_keeps_the_mean() {
    let mut levels = bar(4);
    lower_resolution(SHAPE, &mut levels, 1.0);
    assert_eq!(levels, bar(4));
    lower_resolution(SHAPE, &mut levels, 0.5);
    assert_eq!(levels.iter().copied().fold(0.0, f32::max), 1.0);
    assert!(levels.iter().any(|&level| level > 0.0 && level < 1.0));
    let mut even = vec![0.3; SHAPE.pixels()];
    lower_resolution(SHAPE, &mut even, 0.01);
    assert!(even.iter().all(|level| (level - 0.3).abs() < 1e-6));
}

#[test]
fn a_smooth_field_stays_within_its_range_and_has_no_steps() {
    let mut random = stream(Purpose::Augment, 2, &[]);
    for cells in 1..5 {
        let shape = ImageShape { channels: 1, height: 40, width: 50 };
        let field = smooth_field(&mut random, shape, cells);
        assert_eq!(field.len(), shape.plane());
        assert!(field.iter().all(|level| (0.0..=1.0).contains(level)));
        let steepest = 1.5 * cells as f32 / 40.0 + 1e-4;
        assert!(field.windows(51).all(|pair| (pair[0] - pair[50]).abs() <= steepest));
    }
}

#[test]
fn a_stroke_is_as_wide_as_its_pen() {
    let mut plane = vec![0.5; SHAPE.plane()];
    draw_stroke(SHAPE, &mut plane, &[[-5.0, 6.0], [10.0, 6.0], [30.0, 6.0]], 3.0, 1.0);
    for column in 0..20 {
        let cover: f32 = (0..12).map(|row| (plane[row * 20 + column] - 0.5) / 0.5).sum();
        assert!((cover - 3.0).abs() < 1e-5, "{cover}");
    }
    assert_eq!(plane[20], 0.5);
    draw_stroke(SHAPE, &mut plane, &[[3.0, 3.0]], 9.0, 0.0);
    assert_eq!(plane[20 * 3 + 3], 0.5, "a point alone is no stroke");
}

#[test]
fn patterns_stay_within_their_range_and_differ() {
    let mut random = stream(Purpose::Augment, 3, &[]);
    let patterns: Vec<_> = (0..50).map(|_| pattern(&mut random, SHAPE)).collect();
    for levels in &patterns {
        assert_eq!(levels.len(), SHAPE.plane());
        assert!(levels.iter().all(|level| (0.0..=1.0).contains(level)));
    }
    assert!(patterns.windows(2).all(|pair| pair[0] != pair[1]));
}
