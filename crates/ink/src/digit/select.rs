//! Selection of a digit's components among all ink on a page.

use image::GrayImage;

use crate::bounding_box::BoundingBox;
use crate::components::Components;

/// Smallest area of a part of the digit, as a share of the area of its main component.
const MIN_PART: f32 = 0.03;
/// Largest gap between the parts of a digit, as a share of the longer side of its main component.
const MAX_GAP: f32 = 0.25;

/// The pixels of one digit.
#[derive(Clone, Debug)]
pub struct DigitMask {
    /// White where the digit is, black elsewhere.
    pub mask: GrayImage,
    /// The smallest rectangle that contains the digit.
    pub bounds: BoundingBox,
    /// The digit's share of all ink, weighted by the difference from the background; 0 to 1. It is
    /// small for noise, text and textures.
    pub share: f32,
}

/// Selects one digit in a mask: the component with the most ink, and the components near it.
///
/// Specks, frames and ruling lines are left out, unless there is nothing else. `ink` holds the
/// differences from the background that the mask was made of. None if there are only specks.
#[must_use]
pub fn select_digit(mask: &GrayImage, ink: &GrayImage) -> Option<DigitMask> {
    let found = Components::find(mask, ink);
    let main = found.main()?;
    let components = &found.all;
    let selected: Vec<bool> = components
        .iter()
        .map(|component| {
            component.area as f32 >= MIN_PART * main.area as f32
                && main.bounds.gap(&component.bounds) as f32
                    <= MAX_GAP * main.bounds.longer_side() as f32
                && (component.bounds == main.bounds || !component.is_ruling)
        })
        .collect();
    let parts = || {
        components.iter().zip(&selected).filter(|(_, selected)| **selected).map(|(part, _)| part)
    };
    let bounds = parts().fold(main.bounds, |bounds, part| bounds.union(&part.bounds));
    let sum: u64 = parts().map(|part| part.mass).sum();
    let mut digit = mask.clone();
    for (pixel, &label) in digit.iter_mut().zip(&found.labels) {
        if label == 0 || !selected[label as usize - 1] {
            *pixel = 0;
        }
    }
    Some(DigitMask { mask: digit, bounds, share: sum as f32 / found.mass().max(1) as f32 })
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
        select_digit(&ink, &ink)
            .map(|DigitMask { bounds, .. }| [bounds.left, bounds.top, bounds.right, bounds.bottom])
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
    fn share_separates_a_digit_from_a_texture() {
        let dots: Vec<[u32; 4]> = (0..60)
            .map(|at| [at % 10 * 10, at / 10 * 12, at % 10 * 10 + 4, at / 10 * 12 + 4])
            .collect();
        let (digit, dots) = (ink(&[DIGIT]), ink(&dots));
        assert!(select_digit(&digit, &digit).unwrap().share > 0.99);
        assert!(select_digit(&dots, &dots).unwrap().share < 0.1);
    }

    #[test]
    fn nothing_and_specks_are_no_ink() {
        assert_eq!(bounds(&[]), None);
        assert_eq!(bounds(&[[5, 5, 7, 9]]), None);
        assert!(select_digit(&GrayImage::new(0, 0), &GrayImage::new(0, 0)).is_none());
    }
}
