//! `[input]`: how the pictures become the network's input.

use data::{ImageShape, InputConfig, InputSize, PreparationKind, Sizes, Survey};
use metrics::numbers::grouped;

use super::Choice;

/// The longer side of an input, at most. A convolution's time grows with the square of it.
const LONGEST_SIDE: usize = 64;
/// Ratios of sides that differ by no larger factor are stretched to one: it is hardly seen.
const STRETCHED_RATIO: f64 = 1.3;
/// Sides are multiples of this: two pools halve them without a rest.
const POOLED: usize = 4;
/// A ratio of sides up to this is taken as a square.
const SQUARE_RATIO: f64 = 1.1;

/// The choices, and the shape that they amount to.
pub(super) struct ChosenInput {
    pub(super) shape: ImageShape,
    pub(super) choices: Vec<Choice>,
}

pub(super) fn choose(survey: &Survey, given: &InputConfig) -> ChosenInput {
    if given.kind == Some(PreparationKind::Ink) {
        let reason = "as given: single characters, 28×28 pixels of grey";
        let choices = vec![Choice::new("input.kind", "\"ink\"", reason)];
        return ChosenInput { shape: ImageShape::MNIST, choices };
    }
    let size = choose_size(&survey.sizes, given.size);
    let channels = choose_channels(survey, given.channels);
    let shape = ImageShape { channels: channels.0, height: size.0.height, width: size.0.width };
    let (is_padded, fit) = choose_fit(&survey.sizes);
    let kind = "the whole picture counts; \"ink\" finds single characters on paper instead";
    let mut choices = vec![Choice::new("input.kind", "\"picture\"", kind), size.1, channels.1, fit];
    choices.extend(choose_background(survey, is_padded));
    choices.push(choose_polarity(survey));
    ChosenInput { shape, choices }
}

fn choose_size(sizes: &Sizes, given: Option<InputSize>) -> (InputSize, Choice) {
    let (size, reason) = match given {
        Some(size) => (size, "as given".to_owned()),
        None => propose_size(sizes),
    };
    let value = if size.height == size.width {
        size.height.to_string()
    } else {
        format!("[{}, {}]", size.height, size.width)
    };
    (size, Choice::new("input.size", value, reason))
}

fn propose_size(sizes: &Sizes) -> (InputSize, String) {
    let largest = sizes.largest.height.max(sizes.largest.width);
    if sizes.count == 1 && largest <= LONGEST_SIDE {
        let size = InputSize { height: sizes.largest.height, width: sizes.largest.width };
        return (size, "all pictures have this size".to_owned());
    }
    let longest = match sizes.median_side.clamp(1, LONGEST_SIDE) {
        small @ ..16 => small,
        longest => longest.next_multiple_of(POOLED),
    };
    let ratio = if differ(sizes) { 1.0 } else { sizes.median_ratio };
    let scaled = |factor: f64| ((longest as f64 * factor).round() as usize).max(1);
    let size = if (1.0 / SQUARE_RATIO..=SQUARE_RATIO).contains(&ratio) {
        InputSize { height: longest, width: longest }
    } else if ratio > 1.0 {
        InputSize { height: scaled(1.0 / ratio), width: longest }
    } else {
        InputSize { height: longest, width: scaled(ratio) }
    };
    let reason = if sizes.median_side > LONGEST_SIDE {
        format!(
            "the pictures have sides around {}; {LONGEST_SIDE} train in minutes without a GPU, a \
             larger size shows finer details",
            sizes.median_side
        )
    } else {
        "the side of the picture in the middle, sorted by size".to_owned()
    };
    (size, reason)
}

/// Whether the ratios of sides differ so much that stretching would be seen.
fn differ(sizes: &Sizes) -> bool {
    sizes.wide_ratio > STRETCHED_RATIO * sizes.narrow_ratio
}

fn choose_channels(survey: &Survey, given: Option<usize>) -> (usize, Choice) {
    let count = |pictures: usize| grouped(pictures as u64);
    let (channels, reason) = match given {
        Some(channels) => (channels, "as given".to_owned()),
        None if survey.coloured > 0 => {
            let (coloured, all) = (count(survey.coloured), count(survey.pictures));
            (3, format!("{coloured} of {all} pictures have colours"))
        }
        None if survey.stored_in_colour > 0 => {
            let stored = count(survey.stored_in_colour);
            (1, format!("no picture has colours, though {stored} are stored in colour files"))
        }
        None => (1, "no picture has colours".to_owned()),
    };
    (channels, Choice::new("input.channels", channels, reason))
}

/// Whether pictures are padded.
fn choose_fit(sizes: &Sizes) -> (bool, Choice) {
    if differ(sizes) {
        let reason = format!(
            "width to height ranges from {:.2} to {:.2}: padding keeps shapes",
            sizes.narrow_ratio, sizes.wide_ratio
        );
        return (true, Choice::new("input.fit", "\"pad\"", reason));
    }
    let reason = "the pictures have nearly one ratio of sides: stretching hardly distorts";
    (false, Choice::new("input.fit", "\"stretch\"", reason))
}

/// None for opaque pictures that are not padded: no background is seen.
fn choose_background(survey: &Survey, is_padded: bool) -> Option<Choice> {
    let count = |pictures: usize| grouped(pictures as u64);
    if survey.transparent == 0 {
        let (level, border) =
            if survey.light_on_dark > survey.dark_on_light { (0, "dark") } else { (255, "light") };
        let reason = format!("around padded pictures: more of them have a {border} border");
        return is_padded.then(|| Choice::new("input.background", level, reason));
    }
    let (transparent, on_white, on_black) =
        (count(survey.transparent), count(survey.vanish_on_white), count(survey.vanish_on_black));
    let (level, reason) = match (survey.vanish_on_white, survey.vanish_on_black) {
        (0, 0) => (255, format!("{transparent} pictures are transparent; all show on white")),
        (0, _) => (
            255,
            format!("{transparent} pictures are transparent; {on_black} would vanish on black"),
        ),
        (_, 0) => {
            (0, format!("{transparent} pictures are transparent; {on_white} would vanish on white"))
        }
        _ => (
            128,
            format!("{on_white} transparent pictures would vanish on white, {on_black} on black"),
        ),
    };
    Some(Choice::new("input.background", level, reason))
}

fn choose_polarity(survey: &Survey) -> Choice {
    let count = |pictures: usize| grouped(pictures as u64);
    let reason = match (survey.dark_on_light, survey.light_on_dark) {
        (0, 0) => "light and dark stay as they are".to_owned(),
        (dark, light) => format!(
            "{} pictures are dark on light and {} light on dark; new pictures will be, too",
            count(dark),
            count(light)
        ),
    };
    Choice::new("input.polarity", "\"keep\"", reason)
}
