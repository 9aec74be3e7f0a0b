use super::*;
use crate::random::{Purpose, stream};

const KINDS: [OutlierKind; 4] =
    [OutlierKind::Glyph, OutlierKind::Scribble, OutlierKind::Texture, OutlierKind::Turned];

fn everything() -> OutliersConfig {
    OutliersConfig { glyphs: 0.2, scribbles: 0.1, textures: 0.05, turned: 0.5 }
}

/// An image that is light in its left upper corner.
fn corner(shape: ImageShape) -> Image {
    let is_light = |at: usize| at % shape.width < 3 && at / shape.width % shape.height < 2;
    Image::new(shape, (0..shape.pixels()).map(|at| u8::from(is_light(at)) * 200).collect()).unwrap()
}

#[test]
fn each_kind_has_its_share_evenly_spaced() {
    let outliers = everything().build(ImageShape::MNIST).unwrap();
    let count = |kind, range| outliers.positions(range).filter(|(_, found)| *found == kind).count();
    for (kind, expected) in KINDS.into_iter().zip([200, 100, 50, 500]) {
        assert_eq!(count(kind, 0..1000), expected);
        let parts: usize = (0..10).map(|part| count(kind, part * 100..(part + 1) * 100)).sum();
        assert_eq!(parts, expected);
    }
    let none = OutliersConfig::default().build(ImageShape::MNIST).unwrap();
    assert_eq!(none.positions(0..1000).count(), 0);
}

#[test]
fn outliers_of_every_shape_show_something_else_each_time() {
    for (channels, side) in [(1, 28), (3, 8), (3, 64)] {
        let shape = ImageShape { channels, height: side, width: side };
        let outliers = everything().build(shape).unwrap();
        for kind in KINDS {
            let draw = |seed| {
                let mut random = stream(Purpose::Outlier, seed, &[]);
                outliers.draw(kind, &corner(shape), &mut random).unwrap()
            };
            assert_eq!(draw(1).shape(), shape);
            assert_eq!(draw(1), draw(1));
            assert!((2..9).any(|seed| draw(seed) != draw(1)), "{kind:?} {shape}");
        }
    }
}

#[test]
fn an_image_that_looks_the_same_when_turned_is_no_outlier() {
    let shape = ImageShape { channels: 1, height: 9, width: 9 };
    let cross = (0..81).map(|at| u8::from(at % 9 == 4 || at / 9 == 4) * 255).collect();
    let cross = Image::new(shape, cross).unwrap();
    let outliers = everything().build(shape).unwrap();
    let mut random = stream(Purpose::Outlier, 1, &[]);
    assert_eq!(outliers.draw(OutlierKind::Turned, &cross, &mut random), None);
    let even = Image::new(shape, vec![7; 81]).unwrap();
    assert_eq!(outliers.draw(OutlierKind::Turned, &even, &mut random), None);
}

#[test]
fn a_turned_image_has_every_pixel_once() {
    let shape = ImageShape { channels: 2, height: 9, width: 9 };
    let pixels: Vec<u8> = (0..162).map(|at| (at * at * 37 % 251) as u8).collect();
    let image = Image::new(shape, pixels.clone()).unwrap();
    let sorted = |pixels: &[u8]| {
        let mut pixels = pixels.to_vec();
        pixels.sort_unstable();
        pixels
    };
    for seed in 0..20 {
        let mut random = stream(Purpose::Outlier, seed, &[]);
        let turned = turned::turned(&image, &mut random).unwrap();
        for channel in 0..2 {
            let of = |pixels: &[u8]| sorted(&pixels[channel * 81..(channel + 1) * 81]);
            assert_eq!(of(turned.pixels()), of(&pixels));
        }
    }
}

#[test]
fn settings_outside_their_range_are_refused_by_name() {
    let shape = ImageShape { channels: 1, height: 10, width: 12 };
    let refused = |config: OutliersConfig| config.build(shape).unwrap_err().to_string();
    assert!(everything().build(ImageShape::MNIST).is_ok());
    assert!(refused(everything()).contains("outliers.turned"));
    for (key, config) in [
        ("outliers.glyphs", OutliersConfig { glyphs: 1.5, ..OutliersConfig::default() }),
        ("outliers.scribbles", OutliersConfig { scribbles: -0.1, ..OutliersConfig::default() }),
        ("outliers.textures", OutliersConfig { textures: f32::NAN, ..OutliersConfig::default() }),
    ] {
        assert!(refused(config).contains(key));
    }
}

#[test]
fn a_third_of_the_textures_are_prepared_as_pictures_are() {
    let plain = everything().build(ImageShape::MNIST).unwrap();
    let prepared = plain.prepared(Preparation::INK);
    let whole = plain.prepared(Preparation::PICTURE);
    let draw = |outliers: Outliers, kind, seed| {
        let mut random = stream(Purpose::Outlier, seed, &[]);
        outliers.draw(kind, &corner(ImageShape::MNIST), &mut random)
    };
    for kind in KINDS {
        let changed = (0..300).filter(|&seed| {
            assert_eq!(draw(whole, kind, seed), draw(plain, kind, seed));
            draw(prepared, kind, seed) != draw(plain, kind, seed)
        });
        // Not all of them: some textures have nothing that looks like ink.
        let expected = if kind == OutlierKind::Texture { 50..130 } else { 0..1 };
        let changed = changed.count();
        assert!(expected.contains(&changed), "{kind:?}: {changed}");
    }
}
