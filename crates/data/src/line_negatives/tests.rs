use super::*;
use crate::random::{Purpose, stream};

fn random(seed: u64) -> Pcg32 {
    stream(Purpose::PartialDigit, seed, &[])
}

/// A box of 10×20 pixels around a hole.
fn zero() -> Image {
    let pixels = (0..28_i32 * 28).map(|place| {
        let (x, y) = ((place % 28 - 14).abs(), (place / 28 - 14).abs());
        if x <= 5 && y <= 10 && (x >= 4 || y >= 9) { 255 } else { 0 }
    });
    Image::new(SHAPE, pixels.collect()).unwrap()
}

fn blank() -> Image {
    Image::new(SHAPE, vec![0; SHAPE.pixels()]).unwrap()
}

fn bounds(image: &Image) -> ink::BoundingBox {
    let picture = GrayImage::from_raw(28, 28, image.pixels().to_vec()).unwrap();
    bounds_above(&picture, PAPER).unwrap()
}

/// The aspect ratios, width over height, of two hundred candidates.
fn aspects(make: fn(&Image, &Image, &mut Pcg32) -> Image) -> Vec<f32> {
    let bounds = (0..200).map(|seed| bounds(&make(&zero(), &zero(), &mut random(seed))));
    bounds.map(|bounds| bounds.width() as f32 / bounds.height() as f32).collect()
}

#[test]
fn partial_digit_keeps_about_its_width() {
    let aspects = aspects(partial_digit);
    assert!(aspects.iter().all(|aspect| (0.35..0.75).contains(aspect)), "{aspects:?}");
    let untouched = 11.0 / 20.0;
    assert!(aspects.iter().any(|aspect| (aspect - untouched).abs() > 0.01), "{aspects:?}");
}

#[test]
fn most_invalid_candidates_are_too_narrow_or_too_wide() {
    let count = |range: Range<f32>| {
        aspects(invalid_candidate).into_iter().filter(|aspect| range.contains(aspect)).count()
    };
    let (narrow, wide) = (count(0.0..0.4), count(0.75..9.0));
    assert!(narrow > 4 && wide > 120, "{narrow} and {wide}");
}

#[test]
fn candidates_are_in_mnists_form() {
    for seed in 0..100 {
        for make in [partial_digit, invalid_candidate] {
            let candidate = make(&zero(), &zero(), &mut random(seed));
            assert_eq!(candidate.shape(), SHAPE);
            assert!(bounds(&candidate).longer_side() <= 20, "seed {seed}");
        }
    }
}

#[test]
fn images_without_ink_are_left_alone() {
    for seed in 0..20 {
        assert_eq!(partial_digit(&blank(), &zero(), &mut random(seed)), blank());
        assert_eq!(invalid_candidate(&blank(), &zero(), &mut random(seed)), blank());
        assert_eq!(invalid_candidate(&zero(), &blank(), &mut random(seed)), zero());
    }
}

#[test]
fn invalid_candidates_are_evenly_spaced() {
    let at = |invalid, range| {
        let negatives = LineNegativesConfig { partial: 0.0, invalid }.build(SHAPE).unwrap();
        negatives.invalid_positions(range).collect::<Vec<_>>()
    };
    assert_eq!(at(0.5, 0..8), [1, 3, 5, 7]);
    assert_eq!(at(0.25, 5..13), [7, 11]);
    assert_eq!(at(1.0, 3..6), [3, 4, 5]);
    assert!(at(0.0, 0..1_000).is_empty());
}

#[test]
fn shares_outside_their_range_are_refused() {
    for (key, partial, invalid) in
        [("line_negatives.partial", 1.1, 0.0), ("line_negatives.invalid", 0.0, f32::NAN)]
    {
        let error = LineNegativesConfig { partial, invalid }.build(SHAPE).unwrap_err();
        assert!(matches!(error, DataError::Setting { key: found, .. } if found == key), "{error}");
    }
}

#[test]
fn images_of_another_shape_are_refused() {
    let colours = ImageShape { channels: 3, height: 32, width: 32 };
    let error = LineNegativesConfig { partial: 0.1, invalid: 0.0 }.build(colours).unwrap_err();
    assert!(error.to_string().contains("3×32×32"), "{error}");
    assert!(LineNegativesConfig::default().build(colours).is_ok());
}
