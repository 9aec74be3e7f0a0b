//! Digits as strokes through points of a box from (0, 0) to (1, 1), 0.6 times as wide as high.

/// The pointer's path while it is down.
pub type Stroke = [(f64, f64)];

const WIDTH: f64 = 0.6;

const ZERO: &Stroke = &[
    (0.5, 0.0),
    (0.15, 0.12),
    (0.0, 0.45),
    (0.1, 0.8),
    (0.45, 1.0),
    (0.85, 0.85),
    (1.0, 0.5),
    (0.85, 0.12),
    (0.5, 0.0),
];
const ONE: &Stroke = &[(0.6, 0.0), (0.55, 0.35), (0.48, 0.7), (0.42, 1.0)];
const TWO: &Stroke = &[
    (0.05, 0.25),
    (0.2, 0.05),
    (0.6, 0.0),
    (0.9, 0.18),
    (0.85, 0.42),
    (0.5, 0.7),
    (0.05, 1.0),
    (0.05, 1.0),
    (0.5, 0.97),
    (1.0, 1.0),
];
const THREE: &Stroke = &[
    (0.1, 0.1),
    (0.4, 0.0),
    (0.85, 0.08),
    (0.85, 0.33),
    (0.4, 0.46),
    (0.4, 0.46),
    (0.95, 0.58),
    (0.95, 0.88),
    (0.45, 1.0),
    (0.05, 0.88),
];
const ANGLE_OF_FOUR: &Stroke =
    &[(0.3, 0.0), (0.15, 0.3), (0.0, 0.6), (0.0, 0.6), (0.5, 0.6), (1.0, 0.57)];
const STEM_OF_FOUR: &Stroke = &[(0.8, 0.1), (0.74, 0.4), (0.7, 0.7), (0.66, 1.0)];
const FIVE: &Stroke = &[
    (0.15, 0.0),
    (0.1, 0.42),
    (0.1, 0.42),
    (0.55, 0.36),
    (0.95, 0.55),
    (0.9, 0.85),
    (0.5, 1.0),
    (0.05, 0.9),
];
const ROOF_OF_FIVE: &Stroke = &[(0.15, 0.0), (0.5, 0.0), (0.95, -0.02)];
const SIX: &Stroke = &[
    (0.7, 0.0),
    (0.3, 0.25),
    (0.05, 0.65),
    (0.15, 0.92),
    (0.55, 1.0),
    (0.92, 0.85),
    (0.85, 0.6),
    (0.45, 0.55),
    (0.1, 0.75),
];
const SEVEN: &Stroke = &[(0.0, 0.03), (0.5, 0.02), (1.0, 0.0), (1.0, 0.0), (0.65, 0.5), (0.4, 1.0)];
const EIGHT: &Stroke = &[
    (0.85, 0.12),
    (0.45, 0.0),
    (0.12, 0.18),
    (0.35, 0.42),
    (0.8, 0.65),
    (0.85, 0.9),
    (0.45, 1.0),
    (0.1, 0.85),
    (0.3, 0.58),
    (0.75, 0.35),
    (0.85, 0.12),
];
const NINE: &Stroke = &[
    (0.9, 0.2),
    (0.55, 0.0),
    (0.12, 0.12),
    (0.1, 0.4),
    (0.5, 0.5),
    (0.88, 0.25),
    (0.88, 0.25),
    (0.82, 0.6),
    (0.65, 1.0),
];

/// The strokes of a digit, in writing order.
pub fn strokes(digit: char) -> &'static [&'static Stroke] {
    match digit {
        '0' => &[ZERO],
        '1' => &[ONE],
        '2' => &[TWO],
        '3' => &[THREE],
        '4' => &[STEM_OF_FOUR, ANGLE_OF_FOUR],
        '5' => &[FIVE, ROOF_OF_FIVE],
        '6' => &[SIX],
        '7' => &[SEVEN],
        '8' => &[EIGHT],
        '9' => &[NINE],
        other => panic!("{other} is not a digit"),
    }
}

/// Pointer events between two points of a stroke.
const STEPS: u32 = 4;

/// The points of all pointer events: a curve through the stroke's points, with a corner where a point is repeated.
///
/// These are cubic Hermite curves whose slopes come from the neighbouring points (Catmull and Rom, "A class of local
/// interpolating splines", 1974).
pub fn curve(stroke: &Stroke) -> Vec<(f64, f64)> {
    let at = |index: usize| stroke[index.min(stroke.len() - 1)];
    let mut points = vec![stroke[0]];
    for index in 1..stroke.len() {
        let controls = [at(index.saturating_sub(2)), at(index - 1), at(index), at(index + 1)];
        points.extend((1..=STEPS).map(|step| {
            let share = f64::from(step) / f64::from(STEPS);
            let blend = |of: fn((f64, f64)) -> f64| catmull_rom(controls.map(of), share);
            (blend(|(x, _)| x), blend(|(_, y)| y))
        }));
    }
    points.dedup();
    points
}

/// Interpolates between the second and the third value.
fn catmull_rom([before, from, to, after]: [f64; 4], share: f64) -> f64 {
    let (start, end) = ((to - before) / 2.0, (after - from) / 2.0);
    let step = to - from;
    let square = 3.0 * step - 2.0 * start - end;
    let cube = start + end - 2.0 * step;
    from + share * (start + share * (square + share * cube))
}

/// Part of a page to write on, in CSS pixels.
#[derive(Clone, Copy)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    /// The areas of digits written side by side, centred.
    pub fn divide(self, count: usize) -> Vec<Self> {
        let (height, gap) = (0.64 * self.height, 0.24 * self.height);
        let width = WIDTH * height;
        let total = count as f64 * width + (count as f64 - 1.0) * gap;
        let (left, top) =
            (self.left + (self.width - total) / 2.0, self.top + (self.height - height) / 2.0);
        let place = |index| Self { left: left + index as f64 * (width + gap), top, width, height };
        (0..count).map(place).collect()
    }

    /// The position of a stroke's point.
    pub fn place(self, (x, y): (f64, f64)) -> (f64, f64) {
        (self.left + x * self.width, self.top + y * self.height)
    }
}
