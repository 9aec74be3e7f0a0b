//! One image under every kind of corruption.

use super::tiles::draw_image;
use crate::canvas::theme::{INK, MARGIN, SMALL, TEXT, TOP, WIDTH, titled};
use crate::canvas::{Align, Area, ImageView, Picture};
use crate::error::{PictureError, require_some};

const COLUMNS: usize = 5;
const GAP: f32 = 14.0;
/// Space between the images of a kind.
const APART: f32 = 3.0;
/// Height of a name below its images.
const NAME: f32 = 26.0;
/// Height of a family's name above its kinds.
const FAMILY: f32 = 30.0;

/// The image under a kind of corruption.
#[derive(Clone, Copy, Debug)]
pub struct CorruptedImages<'a> {
    /// Name of the kind.
    pub name: &'a str,
    /// Name of its family.
    pub family: &'a str,
    /// The image with a middle and with the highest severity.
    pub images: [ImageView<'a>; 2],
}

/// Draws the `original`, and it under each of the `kinds`, family by family.
///
/// # Errors
/// [`PictureError::Empty`] if there are no kinds.
pub fn corruption_grid(
    original: &ImageView,
    kinds: &[CorruptedImages],
) -> Result<Picture, PictureError> {
    require_some("corruptions", kinds)?;
    let width = (WIDTH - 2.0 * MARGIN - (COLUMNS - 1) as f32 * GAP) / COLUMNS as f32;
    let side = (width - APART) / 2.0;
    let row = side + NAME;
    let families = || kinds.chunk_by(|a, b| a.family == b.family);
    let family_height =
        |kinds: &[CorruptedImages]| FAMILY + kinds.len().div_ceil(COLUMNS) as f32 * row;
    let height = TOP + row + families().map(family_height).sum::<f32>() + MARGIN / 2.0;
    let subtitle = "each with a middle severity (left) and the highest (right)";
    let mut canvas = titled(WIDTH, height, "One image under every kind of corruption", subtitle)?;
    let square = Area { left: MARGIN, top: TOP, width: side, height: side };
    draw_image(&mut canvas, original, square);
    let name = SMALL.colored(INK);
    canvas.text([MARGIN, square.bottom() + 15.0], "original", name);
    let mut top = TOP + row;
    for kinds in families() {
        let family = kinds.first().map_or("", |kind| kind.family);
        canvas.text([MARGIN, top + 18.0], family, TEXT.bold());
        for (index, kind) in kinds.iter().enumerate() {
            let left = MARGIN + (index % COLUMNS) as f32 * (width + GAP);
            let top = top + FAMILY + (index / COLUMNS) as f32 * row;
            let first = Area { left, top, width: side, height: side };
            draw_image(&mut canvas, &kind.images[0], first);
            let second = Area { left: left + side + APART, ..first };
            draw_image(&mut canvas, &kind.images[1], second);
            let place = [left + width / 2.0, first.bottom() + 15.0];
            canvas.fitted_text(place, width, kind.name, name.aligned(Align::Middle));
        }
        top += family_height(kinds);
    }
    Ok(canvas.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::picture::tests::assert_drawn;

    #[test]
    fn kinds_of_several_families_are_drawn() {
        let pixels = vec![90; 3 * 20 * 28];
        let image = ImageView::new(3, 20, 28, &pixels).unwrap();
        let kind = |family| CorruptedImages { name: "<kind>", family, images: [image; 2] };
        let kinds: Vec<_> = [["noise"; 6], ["blur"; 6]].concat().into_iter().map(kind).collect();
        assert_drawn(&corruption_grid(&image, &kinds).unwrap(), WIDTH);
        assert!(matches!(corruption_grid(&image, &[]), Err(PictureError::Empty { .. })));
    }
}
