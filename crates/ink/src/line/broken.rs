//! Digits that are broken into pieces of which none is as high as a digit.

use crate::bounding_box::BoundingBox;

/// Largest number of pieces that are grouped; textures have more.
const MAX_PIECES: usize = 40;
/// Largest gap between neighbouring pieces, relative to the digits' height.
const MAX_GAP: f32 = 0.15;
/// Share of the narrower piece's columns that pieces above one another have in common.
const MIN_STACKED: f32 = 0.5;
/// Heights of a digit that is joined from pieces, relative to the digits' height.
const HEIGHTS: std::ops::RangeInclusive<f32> = 0.6..=1.3;
/// Widths of such a digit, relative to the digits' height. Narrower ones are marks, such as a colon.
const WIDTHS: std::ops::RangeInclusive<f32> = 0.3..=1.2;

/// The groups of pieces that together are as high as a digit, by the pieces' indices, with their
/// bounding boxes. `height` is that of the line's digits.
pub fn group_pieces(pieces: &[BoundingBox], height: f32) -> Vec<(BoundingBox, Vec<usize>)> {
    if pieces.len() > MAX_PIECES {
        return Vec::new();
    }
    let mut groups: Vec<(BoundingBox, Vec<usize>)> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let mut joined = (*piece, vec![index]);
        // The larger the group, the more pieces it reaches.
        while let Some(at) = groups.iter().position(|(group, _)| are_near(group, &joined.0, height))
        {
            let (group, members) = groups.swap_remove(at);
            joined.0 = joined.0.union(&group);
            joined.1.extend(members);
        }
        groups.push(joined);
    }
    groups.retain(|(group, members)| {
        let (own_width, own_height) =
            (group.width() as f32 / height, group.height() as f32 / height);
        members.len() > 1 && HEIGHTS.contains(&own_height) && WIDTHS.contains(&own_width)
    });
    groups
}

/// The share of the narrower rectangle's columns that two rectangles have in common.
pub fn stacked(one: &BoundingBox, other: &BoundingBox) -> f32 {
    let shared = one.right.min(other.right).saturating_sub(one.left.max(other.left));
    shared as f32 / one.width().min(other.width()).max(1) as f32
}

fn are_near(one: &BoundingBox, other: &BoundingBox, height: f32) -> bool {
    one.union(other).height() as f32 <= HEIGHTS.end() * height
        && (one.gap(other) as f32 <= MAX_GAP * height || stacked(one, other) >= MIN_STACKED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece([left, top, right, bottom]: [u32; 4]) -> BoundingBox {
        BoundingBox { left, top, right, bottom }
    }

    #[test]
    fn pieces_above_one_another_are_a_digit() {
        // A 3 of which only the ends of the strokes are left, and a piece far away.
        let pieces = [[10, 0, 40, 10], [100, 0, 110, 10], [15, 40, 50, 50], [10, 85, 30, 95]];
        let groups = group_pieces(&pieces.map(piece), 100.0);
        assert_eq!(groups.len(), 1);
        let (bounds, mut members) = groups[0].clone();
        members.sort_unstable();
        assert_eq!((bounds, members), (piece([10, 0, 50, 95]), vec![0, 2, 3]));
    }

    #[test]
    fn a_colon_and_low_pieces_are_none() {
        let colon = [[10, 30, 20, 40], [10, 90, 20, 100]];
        assert!(group_pieces(&colon.map(piece), 100.0).is_empty());
        let low = [[10, 80, 40, 90], [45, 85, 80, 100]];
        assert!(group_pieces(&low.map(piece), 100.0).is_empty());
    }
}
