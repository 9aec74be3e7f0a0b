//! Pictures with what was read on them.

use std::path::Path;

use charts::{AnnotatedDigit, ImageView, Picture, annotated_digits};
use image::{Rgb, RgbImage, imageops};
use ink::{PixelLimit, decode_over};
use metrics::numbers::percent;
use reader::{Reading, Rejection};
use runs::write_file;

/// The longer side that a picture is reduced to: twice as many pixels as points of the drawing.
const LARGEST: u32 = 2_400;

/// Draws what was read of the picture `name` and writes it to `file`.
pub fn annotate(
    file: &Path,
    name: &str,
    bytes: &[u8],
    limit: PixelLimit,
    reading: &Reading,
    threshold: f64,
    class_names: &[String],
) -> anyhow::Result<()> {
    let picture = decode_over(bytes, limit, Rgb([255; 3]))?.into_rgb8();
    let drawn = draw(name, picture, reading, threshold, class_names)?;
    write_file(file, &drawn.png()?)
}

fn draw(
    name: &str,
    picture: RgbImage,
    reading: &Reading,
    threshold: f64,
    class_names: &[String],
) -> anyhow::Result<Picture> {
    let longer = picture.width().max(picture.height());
    let scale = LARGEST.min(longer) as f32 / longer as f32;
    let small = if longer > LARGEST {
        let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
        imageops::thumbnail(&picture, side(picture.width()), side(picture.height()))
    } else {
        picture
    };
    let judgement = reading.judge(threshold);
    let digits: Vec<AnnotatedDigit> = reading
        .lines
        .iter()
        .zip(&judgement.lines)
        .flat_map(|(line, judged)| line.digits.iter().zip(&judged.digits))
        .map(|(digit, judged)| AnnotatedDigit {
            text: judged.text(class_names),
            confidence: digit.confidence,
            accepted: judged.rejection().is_none(),
            left: digit.bounds.left as f32 * scale,
            top: digit.bounds.top as f32 * scale,
            width: digit.bounds.width() as f32 * scale,
            height: digit.bounds.height() as f32 * scale,
        })
        .collect();
    let title = match reading.confidence() {
        Some(confidence) => {
            let text = judgement.text(class_names).replace('\n', "   ");
            format!("{text}   {}", percent(confidence, 2))
        }
        None => {
            format!("No digits: {}", judgement.rejection.map(Rejection::name).unwrap_or_default())
        }
    };
    let (width, height) = small.dimensions();
    let planes: Vec<u8> = (0..3)
        .flat_map(|channel| small.as_raw().iter().skip(channel).step_by(3).copied())
        .collect();
    let view = ImageView::new(3, height as usize, width as usize, &planes)?;
    Ok(annotated_digits(&title, name, &view, &digits)?)
}
