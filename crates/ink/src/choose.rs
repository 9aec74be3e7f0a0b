//! Which of the ink is the digit.

use image::{GrayImage, Luma};
use imageproc::region_labelling::{Connectivity, connected_components};

use crate::InkBox;

/// A piece of connected ink.
#[derive(Clone, Copy, Debug)]
struct Piece {
    bounds: InkBox,
    /// Pixels it covers.
    area: u64,
    /// Sum of its pixels' distance from the paper.
    mass: u64,
    /// Its pixels within the picture's margin.
    marginal: u64,
}

/// Share of the picture's sides that is its margin, where frames and tables' edges are.
const MARGIN: f32 = 0.03;
/// Share of a piece's pixels within the margin that makes it a frame.
const FRAME: f32 = 0.6;
/// A line is at least this share of the picture's side long.
const LINE_LENGTH: f32 = 0.9;
/// A line is at most this share of its length thick; a tightly cropped 1 is more than that.
const LINE_THICKNESS: f32 = 0.05;
/// Area of a part of the digit over the area of its largest piece.
const LEAST_PART: f32 = 0.03;
/// Gap between the parts of a digit over the longer side of its largest piece.
const WIDEST_GAP: f32 = 0.25;
/// Pixels of the smallest digit: a 1 of 9 pixels' height, one pixel wide.
const LEAST_AREA: u64 = 9;

/// The ink that was chosen.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// White where the chosen ink is.
    pub mask: GrayImage,
    /// Its bounds.
    pub bounds: InkBox,
    /// Share of all ink found that was chosen, by its distance from the paper; 0 to 1. Of noise,
    /// of a text or of a texture it is little.
    pub share: f32,
}

/// Chooses the ink of one digit in a mask: the heaviest piece and what belongs to it.
///
/// Specks, frames and lines along or across the whole picture are left out, unless there is
/// nothing else. `ink` is what the mask was made of. None if the heaviest piece is a speck.
#[must_use]
pub fn choose_ink(mask: &GrayImage, ink: &GrayImage) -> Option<Chosen> {
    let labels = connected_components(mask, Connectivity::Eight, Luma([0]));
    let pieces = measure(labels.as_raw(), ink);
    let total: u64 = pieces.iter().map(|piece| piece.mass).sum();
    let main = *pieces
        .iter()
        .filter(|piece| !is_frame(piece) && !is_line(piece, ink.dimensions()))
        .max_by_key(|piece| piece.mass)
        .filter(|piece| piece.area >= LEAST_AREA)
        .or_else(|| pieces.iter().max_by_key(|piece| piece.mass))
        .filter(|piece| piece.area >= LEAST_AREA)?;
    let chosen: Vec<bool> = pieces
        .iter()
        .map(|piece| {
            piece.area as f32 >= LEAST_PART * main.area as f32
                && main.bounds.gap(&piece.bounds) as f32
                    <= WIDEST_GAP * main.bounds.longer_side() as f32
                && (piece.bounds == main.bounds
                    || !is_frame(piece) && !is_line(piece, ink.dimensions()))
        })
        .collect();
    let parts =
        || pieces.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(piece, _)| piece);
    let bounds = parts().fold(main.bounds, |bounds, piece| bounds.union(&piece.bounds));
    let weight: u64 = parts().map(|piece| piece.mass).sum();
    let mut mask = mask.clone();
    for (pixel, &label) in mask.iter_mut().zip(labels.as_raw()) {
        if label == 0 || !chosen[label as usize - 1] {
            *pixel = 0;
        }
    }
    Some(Chosen { mask, bounds, share: weight as f32 / total.max(1) as f32 })
}

/// The pieces of labels 1, 2, and so on.
fn measure(labels: &[u32], ink: &GrayImage) -> Vec<Piece> {
    let (width, height) = ink.dimensions();
    let margin = (MARGIN * width.min(height) as f32).ceil() as u32;
    let mut pieces: Vec<Piece> = Vec::new();
    for ((x, y, level), &label) in ink.enumerate_pixels().zip(labels) {
        if label == 0 {
            continue;
        }
        let pixel = InkBox { left: x, top: y, right: x + 1, bottom: y + 1 };
        let index = label as usize - 1;
        if index >= pieces.len() {
            pieces.resize(index + 1, Piece { bounds: pixel, area: 0, mass: 0, marginal: 0 });
        }
        let piece = &mut pieces[index];
        piece.bounds = if piece.area == 0 { pixel } else { piece.bounds.union(&pixel) };
        piece.area += 1;
        piece.mass += u64::from(level.0[0]);
        let inside = (margin..width.saturating_sub(margin)).contains(&x)
            && (margin..height.saturating_sub(margin)).contains(&y);
        piece.marginal += u64::from(!inside);
    }
    pieces
}

fn is_frame(piece: &Piece) -> bool {
    piece.marginal as f32 >= FRAME * piece.area as f32
}

fn is_line(piece: &Piece, (width, height): (u32, u32)) -> bool {
    let is_thin = |length: u32, thickness: u32, side: u32| {
        length as f32 >= LINE_LENGTH * side as f32
            && thickness as f32 <= LINE_THICKNESS * length as f32
    };
    let (across, down) = (piece.bounds.width(), piece.bounds.height());
    is_thin(across, down, width) || is_thin(down, across, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image of ink with filled rectangles (left, top, right, bottom).
    fn ink(rectangles: &[[u32; 4]]) -> GrayImage {
        GrayImage::from_fn(100, 80, |x, y| {
            let inside = |[left, top, right, bottom]: [u32; 4]| {
                (left..right).contains(&x) && (top..bottom).contains(&y)
            };
            Luma([if rectangles.iter().any(|&rectangle| inside(rectangle)) { 255 } else { 0 }])
        })
    }

    fn bounds(rectangles: &[[u32; 4]]) -> Option<[u32; 4]> {
        let ink = ink(rectangles);
        choose_ink(&ink, &ink)
            .map(|Chosen { bounds, .. }| [bounds.left, bounds.top, bounds.right, bounds.bottom])
    }

    const DIGIT: [u32; 4] = [40, 20, 50, 60];

    #[test]
    fn specks_are_left_out_and_parts_are_kept() {
        let bar = [52, 20, 62, 24];
        assert_eq!(bounds(&[DIGIT, [37, 30, 38, 31], [90, 70, 98, 78]]), Some(DIGIT));
        assert_eq!(bounds(&[DIGIT, bar]), Some([40, 20, 62, 60]));
    }

    #[test]
    fn frames_and_lines_are_left_out() {
        let frame = [[0, 0, 100, 2], [0, 78, 100, 80], [0, 0, 2, 80], [98, 0, 100, 80]];
        assert_eq!(bounds(&[&frame[..], &[DIGIT]].concat()), Some(DIGIT));
        assert_eq!(bounds(&[[0, 64, 100, 68], DIGIT]), Some(DIGIT));
    }

    #[test]
    fn ink_up_to_the_edges_is_taken_if_there_is_nothing_else() {
        let all = [0, 0, 100, 80];
        assert_eq!(bounds(&[all]), Some(all));
    }

    #[test]
    fn share_tells_a_digit_from_a_texture() {
        let dots: Vec<[u32; 4]> = (0..60)
            .map(|at| [at % 10 * 10, at / 10 * 12, at % 10 * 10 + 4, at / 10 * 12 + 4])
            .collect();
        let (digit, dots) = (ink(&[DIGIT]), ink(&dots));
        assert!(choose_ink(&digit, &digit).unwrap().share > 0.99);
        assert!(choose_ink(&dots, &dots).unwrap().share < 0.1);
    }

    #[test]
    fn nothing_and_specks_are_no_ink() {
        assert_eq!(bounds(&[]), None);
        assert_eq!(bounds(&[[5, 5, 7, 9]]), None);
        assert!(choose_ink(&GrayImage::new(0, 0), &GrayImage::new(0, 0)).is_none());
    }
}
