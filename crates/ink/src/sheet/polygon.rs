//! Convex polygons in a picture's coordinates.

/// A corner: column and row, in pixels.
pub type Corner = (f64, f64);

/// Twice the signed area of a triangle.
pub fn turn(a: Corner, b: Corner, c: Corner) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Area of a convex polygon.
pub fn area_of(hull: &[Corner]) -> f64 {
    let triangles = hull.windows(2).map(|pair| turn(hull[0], pair[0], pair[1]).abs());
    triangles.sum::<f64>() / 2.0
}

/// Area of the largest quadrilateral whose corners are corners of the hull.
pub fn largest_quadrilateral(hull: &[Corner]) -> f64 {
    let count = hull.len();
    let mut largest: f64 = 0.0;
    for first in 0..count {
        for third in first + 2..count {
            let farthest = |corners: &[Corner]| {
                let areas =
                    corners.iter().map(|&corner| turn(hull[first], hull[third], corner).abs());
                areas.fold(0.0, f64::max)
            };
            let outer = farthest(&hull[third + 1..]).max(farthest(&hull[..first]));
            largest = largest.max(farthest(&hull[first + 1..third]) + outer);
        }
    }
    largest / 2.0
}

/// The sides: pairs of adjacent corners.
pub fn sides(hull: &[Corner]) -> impl Iterator<Item = (Corner, Corner)> {
    hull.iter().copied().zip(hull.iter().copied().cycle().skip(1))
}

/// The mean of the corners.
pub fn centre_of(hull: &[Corner]) -> Corner {
    let count = hull.len() as f64;
    let sum = hull.iter().fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0, sum.1 + corner.1));
    (sum.0 / count, sum.1 / count)
}

/// The first and the last column that a convex polygon covers in a row. None if it does not cross
/// the row.
pub fn row_within(outline: &[Corner], y: f64) -> Option<(f64, f64)> {
    let crossings = sides(outline).filter_map(|(start, end)| {
        let share = (y - start.1) / (end.1 - start.1);
        (0.0..=1.0).contains(&share).then_some(start.0 + share * (end.0 - start.0))
    });
    let (left, right) = crossings
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(left, right), x| (left.min(x), right.max(x)));
    (left <= right).then_some((left, right))
}
