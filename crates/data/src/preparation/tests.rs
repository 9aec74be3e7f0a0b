use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, RgbImage, RgbaImage};
use ink::PixelLimit;

use super::*;
use crate::error::DataError;

const COLOURS: ImageShape = ImageShape { channels: 3, height: 1, width: 2 };
const GREY: ImageShape = ImageShape { channels: 1, height: 1, width: 2 };

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn pixels(preparation: Preparation, bytes: &[u8], shape: ImageShape) -> Vec<u8> {
    let prepared = preparation.prepare(bytes, PixelLimit::default(), shape, |_, _| ()).unwrap();
    let image = prepared.image().unwrap();
    assert_eq!(image.shape(), shape);
    image.pixels().to_vec()
}

fn section(text: &str) -> InputConfig {
    toml::from_str(text).unwrap()
}

#[test]
fn colours_become_planes_or_luminance_and_grey_becomes_three_planes() {
    let colours = png(RgbImage::from_raw(2, 1, vec![255, 0, 0, 0, 255, 0]).unwrap());
    assert_eq!(pixels(Preparation::PICTURE, &colours, COLOURS), [255, 0, 0, 255, 0, 0]);
    assert_eq!(pixels(Preparation::PICTURE, &colours, GREY), [53, 182]);
    let grey = png(GrayImage::from_raw(2, 1, vec![3, 4]).unwrap());
    assert_eq!(pixels(Preparation::PICTURE, &grey, COLOURS), [3, 4, 3, 4, 3, 4]);
}

#[test]
fn transparent_pixels_show_the_background_and_inversion_comes_last() {
    let icon = png(RgbaImage::from_raw(2, 1, vec![0, 0, 0, 255, 0, 0, 0, 0]).unwrap());
    assert_eq!(pixels(Preparation::PICTURE, &icon, GREY), [0, 255]);
    let preparation = Preparation {
        background: Background([0, 0, 100]),
        polarity: Polarity::Invert,
        ..Preparation::PICTURE
    };
    assert_eq!(pixels(preparation, &icon, COLOURS), [255, 255, 255, 255, 255, 155]);
}

#[test]
fn a_section_and_a_card_survive_being_written_and_read() {
    let preparation = Preparation {
        fit: Fit::Pad,
        background: Background([1, 2, 3]),
        polarity: Polarity::Invert,
        ..Preparation::PICTURE
    };
    for preparation in [Preparation::INK, Preparation::PICTURE, preparation] {
        let shape = if preparation == Preparation::INK { ImageShape::MNIST } else { COLOURS };
        let written = toml::to_string(&InputConfig::resolved(preparation, shape)).unwrap();
        let read = section(&written);
        assert_eq!(read.preparation(PreparationKind::Picture).unwrap(), preparation, "{written}");
        read.check_shape(shape).unwrap();
        let card = toml::to_string(&preparation).unwrap();
        assert_eq!(toml::from_str::<Preparation>(&card).unwrap(), preparation, "{card}");
    }
}

#[test]
fn a_size_is_one_side_or_two() {
    assert_eq!(section("size = 32").size, Some(InputSize { height: 32, width: 32 }));
    assert_eq!(section("size = [20, 30]").size, Some(InputSize { height: 20, width: 30 }));
    for text in ["size = 0", "size = [1, 2, 3]", "size = 'big'", "size = [1, 99999]"] {
        assert!(toml::from_str::<InputConfig>(text).is_err(), "{text}");
    }
}

#[test]
fn keys_that_ink_does_not_have_are_refused_by_name() {
    for (text, key) in [
        ("size = 32", "input.size"),
        ("channels = 3", "input.channels"),
        ("fit = 'pad'", "input.fit"),
        ("background = 0", "input.background"),
        ("polarity = 'invert'", "input.polarity"),
    ] {
        let refused = section(text).preparation(PreparationKind::Ink).unwrap_err();
        assert!(matches!(refused, DataError::Setting { key: named, .. } if named == key), "{text}");
        assert!(section(text).preparation(PreparationKind::Picture).is_ok(), "{text}");
    }
    let refused = section("channels = 2").preparation(PreparationKind::Picture).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "input.channels is 2: expected 1 for grey levels, or 3 for RGB"
    );
}

#[test]
fn a_section_changes_a_finished_models_preparation_but_no_shape() {
    let padded = Preparation { fit: Fit::Pad, ..Preparation::PICTURE };
    let changed = section("polarity = 'invert'").changed(padded).unwrap();
    assert_eq!(changed, Preparation { polarity: Polarity::Invert, ..padded });
    assert_eq!(section("kind = 'ink'").changed(padded).unwrap(), Preparation::INK);
    assert_eq!(section("").changed(Preparation::INK).unwrap(), Preparation::INK);
    for (text, key) in [
        ("size = 28", "input.size"),
        ("channels = 1", "input.channels"),
        ("kind = 'ink'\nfit = 'pad'", "input.fit"),
    ] {
        let refused = section(text).changed(padded).unwrap_err();
        assert!(matches!(refused, DataError::Setting { key: named, .. } if named == key), "{text}");
    }
}

#[test]
fn another_shape_than_that_of_finished_images_is_refused() {
    for text in ["size = 32", "channels = 3"] {
        assert!(section(text).check_shape(ImageShape::MNIST).is_err(), "{text}");
    }
    section("size = 28\nchannels = 1").check_shape(ImageShape::MNIST).unwrap();
}
