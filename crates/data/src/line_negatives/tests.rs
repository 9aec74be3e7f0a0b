use super::*;
use crate::random::{Purpose, stream};

fn random(seed: u64) -> Pcg32 {
    stream(Purpose::RoughCut, seed, &[])
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

/// Width over height of two hundred pieces.
fn aspects(cut: fn(&Image, &Image, &mut Pcg32) -> Image) -> Vec<f32> {
    let bounds = (0..200).map(|seed| bounds(&cut(&zero(), &zero(), &mut random(seed))));
    bounds.map(|bounds| bounds.width() as f32 / bounds.height() as f32).collect()
}

#[test]
fn roughly_cut_digit_keeps_about_its_width() {
    let aspects = aspects(cut_roughly);
    assert!(aspects.iter().all(|aspect| (0.35..0.75).contains(aspect)), "{aspects:?}");
    let untouched = 11.0 / 20.0;
    assert!(aspects.iter().any(|aspect| (aspect - untouched).abs() > 0.01), "{aspects:?}");
}

#[test]
fn most_wrongly_cut_digits_are_too_narrow_or_too_wide() {
    let count = |range: Range<f32>| {
        aspects(cut_wrongly).into_iter().filter(|aspect| range.contains(aspect)).count()
    };
    let (narrow, wide) = (count(0.0..0.4), count(0.75..9.0));
    assert!(narrow > 4 && wide > 120, "{narrow} and {wide}");
}

#[test]
fn pieces_are_in_mnists_form() {
    for seed in 0..100 {
        for cut in [cut_roughly, cut_wrongly] {
            let piece = cut(&zero(), &zero(), &mut random(seed));
            assert_eq!(piece.shape(), SHAPE);
            assert!(bounds(&piece).longer_side() <= 20, "seed {seed}");
        }
    }
}

#[test]
fn images_without_ink_are_left_alone() {
    for seed in 0..20 {
        assert_eq!(cut_roughly(&blank(), &zero(), &mut random(seed)), blank());
        assert_eq!(cut_wrongly(&blank(), &zero(), &mut random(seed)), blank());
        assert_eq!(cut_wrongly(&zero(), &blank(), &mut random(seed)), zero());
    }
}

#[test]
fn wrong_pieces_are_spread_evenly() {
    let at = |wrong, places| {
        let cuts = CutsConfig { rough: 0.0, wrong }.build(SHAPE).unwrap();
        cuts.wrong_at(places).collect::<Vec<_>>()
    };
    assert_eq!(at(0.5, 0..8), [1, 3, 5, 7]);
    assert_eq!(at(0.25, 5..13), [7, 11]);
    assert_eq!(at(1.0, 3..6), [3, 4, 5]);
    assert!(at(0.0, 0..1_000).is_empty());
}

#[test]
fn shares_outside_their_range_are_refused() {
    for (key, rough, wrong) in [("cuts.rough", 1.1, 0.0), ("cuts.wrong", 0.0, f32::NAN)] {
        let error = CutsConfig { rough, wrong }.build(SHAPE).unwrap_err();
        assert!(matches!(error, DataError::Setting { key: found, .. } if found == key), "{error}");
    }
}

#[test]
fn images_of_another_shape_are_refused() {
    let colours = ImageShape { channels: 3, height: 32, width: 32 };
    let error = CutsConfig { rough: 0.1, wrong: 0.0 }.build(colours).unwrap_err();
    assert!(error.to_string().contains("3×32×32"), "{error}");
    assert!(CutsConfig::default().build(colours).is_ok());
}
