//! Letters that are divided like two digits that touch.

use ink::Candidate;

/// Digits that are nothing but strokes, as the halves of H, N, U, h and n are.
const STROKES: [&str; 2] = ["1", "7"];

/// Whether two neighbours are more likely the halves of one letter than digits: both are plain strokes,
/// and the ink between them was cut.
pub fn are_halves_of_letter(
    (one, one_name): (&Candidate, &str),
    (other, other_name): (&Candidate, &str),
) -> bool {
    one.segments.end == other.segments.start
        && one.cut_ink > 0.0
        && other.cut_ink > 0.0
        && STROKES.contains(&one_name)
        && STROKES.contains(&other_name)
}

#[cfg(test)]
mod tests {
    use image::GrayImage;
    use ink::BoundingBox;

    use super::*;

    fn stroke(start: usize, cut_ink: f32) -> Candidate {
        Candidate {
            segments: start..start + 1,
            image: GrayImage::new(28, 28),
            bounds: BoundingBox { left: 0, top: 0, right: 5, bottom: 20 },
            width: 0.25,
            height: 1.0,
            cut_ink,
            is_doubtful: false,
        }
    }

    #[test]
    fn strokes_that_touch_are_halves_of_a_letter() {
        let (one, other) = (stroke(0, 0.1), stroke(1, 0.1));
        assert!(are_halves_of_letter((&one, "1"), (&other, "7")));
        assert!(!are_halves_of_letter((&one, "1"), (&other, "4")));
        assert!(!are_halves_of_letter((&stroke(0, 0.0), "1"), (&other, "1")));
        assert!(!are_halves_of_letter((&one, "1"), (&stroke(2, 0.1), "1")));
    }
}
