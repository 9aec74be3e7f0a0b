//! Which of the ink is the digit.

use image::GrayImage;

use crate::bounding_box::InkBox;
use crate::components::Pieces;

/// Area of a part of the digit over the area of its largest piece.
const LEAST_PART: f32 = 0.03;
/// Gap between the parts of a digit over the longer side of its largest piece.
const WIDEST_GAP: f32 = 0.25;

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
    let found = Pieces::find(mask, ink);
    let main = found.main()?;
    let pieces = &found.pieces;
    let chosen: Vec<bool> = pieces
        .iter()
        .map(|piece| {
            piece.area as f32 >= LEAST_PART * main.area as f32
                && main.bounds.gap(&piece.bounds) as f32
                    <= WIDEST_GAP * main.bounds.longer_side() as f32
                && (piece.bounds == main.bounds || !piece.is_ruled)
        })
        .collect();
    let parts =
        || pieces.iter().zip(&chosen).filter(|(_, chosen)| **chosen).map(|(piece, _)| piece);
    let bounds = parts().fold(main.bounds, |bounds, piece| bounds.union(&piece.bounds));
    let weight: u64 = parts().map(|piece| piece.mass).sum();
    let mut mask = mask.clone();
    for (pixel, &label) in mask.iter_mut().zip(&found.labels) {
        if label == 0 || !chosen[label as usize - 1] {
            *pixel = 0;
        }
    }
    Some(Chosen { mask, bounds, share: weight as f32 / found.mass().max(1) as f32 })
}

#[cfg(test)]
mod tests {
    use image::Luma;

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
