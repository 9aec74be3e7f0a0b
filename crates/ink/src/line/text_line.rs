//! Selection of the lines of digits among all ink on a page, and of the marks between the digits.

use std::rc::Rc;

use super::marks::{Digits, MarkKind, classify, is_slash};
use crate::bounding_box::BoundingBox;
use crate::components::{Component, Components, MIN_AREA};
use crate::page::Page;

/// Smallest ratio of height to width of digits, for eight digits that touch; ruling lines are
/// flatter.
const MIN_ASPECT: f32 = 0.1;
/// Heights of digits, relative to the component with the most ink. Lower components are parts of
/// digits or marks.
const HEIGHTS: std::ops::Range<f32> = 0.35..2.5;
/// Heights of the main components of further lines, relative to that of the first one.
const LINE_HEIGHTS: std::ops::Range<f32> = 0.5..2.5;
/// Largest number of lines that are searched for; textures have more.
pub const MAX_LINES: usize = 20;
/// Neighbours on one line overlap vertically by at least this share of the lower one's height.
const MIN_OVERLAP: f32 = 0.5;
/// Lower ink that begins near the baseline is no digit, relative to the height of the digit beside it.
const MAX_TAIL: f32 = 0.55;
/// Where such ink begins, from the top of the digit beside it, relative to that digit's height.
const TAIL_PLACE: f32 = 0.6;
/// Largest height of a digit with its parts, relative to the digits' height; higher parts belong to
/// another line.
const MAX_HEIGHT: f32 = 1.5;
/// Largest width of a part, relative to the digits' height; wider parts are dashes or underlines.
const MAX_WIDTH: f32 = 0.8;
/// Smallest area of a part, relative to the square of the digits' height; smaller ones are specks.
const MIN_PART: f32 = 0.006;
/// Smallest area of a dot on the baseline, relative to the square of the digits' height.
const MIN_DOT: f32 = 0.0025;
/// Smallest level of a dot that is as small as a speck, relative to that of the digits: noise is
/// paler than ink.
const MIN_DOT_LEVEL: f32 = 0.6;
/// Largest area of a dot that may be a speck of noise, relative to the square of the digits' height.
const MAX_SPECK: f32 = 0.02;
/// Number of similar specks on a page with noise; a number has fewer points.
const MIN_SPECKS: usize = 4;
/// Largest gap between a part and its digit, relative to the digits' height.
const MAX_GAP: f32 = 0.25;
/// Largest gap in a broken stroke, relative to the digits' height.
const MAX_BREAK: f32 = 0.06;
/// Share of a part's columns that a digit above or below it has; a mark stands beside its digits.
const MIN_SHARED: f32 = 0.35;
/// Largest distance of a mark from a line's digits to the left or right, above and below, relative
/// to the digits' height.
const MAX_DISTANCE: [f32; 3] = [1.2, 0.3, 0.5];
/// Gaps at least this wide, relative to the digits' height, are spaces.
const MIN_SPACE: f32 = 1.0;

/// A line of digits on a page.
#[derive(Clone, Debug)]
pub struct TextLine {
    /// The blobs from left to right: each is a digit, or several that touch, with the parts beside
    /// them.
    pub blobs: Vec<BoundingBox>,
    /// For each blob, whether it may be a mark or have one beside it.
    pub doubtful: Vec<bool>,
    /// The marks from left to right.
    pub marks: Vec<TextMark>,
    /// For each pixel of the page, its component plus 1; 0 for paper.
    labels: Rc<Vec<u32>>,
    /// For each component, its blob.
    owners: Vec<Option<usize>>,
    /// Width of the page in pixels.
    width: usize,
    /// The smallest rectangle that contains all blobs and marks.
    pub bounds: BoundingBox,
    /// The digits' height in pixels.
    pub height: f32,
}

/// A mark of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextMark {
    /// What it is.
    pub kind: MarkKind,
    /// The smallest rectangle that contains it.
    pub bounds: BoundingBox,
    /// Number of blobs to the left of it.
    pub blob: usize,
}

/// All lines of a page.
#[derive(Clone, Debug)]
pub struct TextLines {
    /// From top to bottom.
    pub lines: Vec<TextLine>,
    /// The lines' share of the page's ink without frames and ruling lines; 0 to 1.
    pub share: f32,
    /// Ink that belongs to no line and is no speck.
    pub ignored: Vec<BoundingBox>,
}

impl TextLine {
    /// Index of the blob that contains a pixel of the page; none for paper and other ink.
    pub fn blob_at(&self, x: u32, y: u32) -> Option<usize> {
        let label = self.labels[y as usize * self.width + x as usize] as usize;
        self.owners[label.checked_sub(1)?]
    }
}

/// Finds the lines of digits: the component with the most ink, then, to the left and to the right,
/// each component that overlaps the previous one vertically; the same again for what is left. No
/// lines if there are only specks.
#[must_use]
pub fn find_text_lines(page: &Page) -> TextLines {
    let found = Components::find(&page.mask, &page.ink);
    let mut finder = Finder::new(&found.all);
    while finder.drafts.len() < MAX_LINES && finder.add_line() {}
    finder.add_marks();
    let labels = Rc::new(found.labels);
    let lines = finder
        .drafts
        .iter()
        .enumerate()
        .map(|(index, draft)| finder.finish(index, draft, &labels, page.mask.width() as usize));
    let mut lines: Vec<TextLine> = lines.collect();
    lines.sort_by_key(|line| {
        let middle = |bounds: &BoundingBox| u64::from(bounds.top + bounds.bottom) / 2;
        line.blobs.iter().map(middle).sum::<u64>() / line.blobs.len().max(1) as u64
    });
    TextLines { lines, share: finder.share(), ignored: finder.ignored() }
}

/// A component's use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// None so far.
    Free,
    /// Part of a blob of a line.
    Blob { line: usize, blob: usize },
    /// A mark of a line.
    Mark { line: usize, kind: MarkKind },
}

/// A line while its blobs and marks are collected.
#[derive(Clone, Debug)]
struct Draft {
    /// The main component of each blob, from left to right.
    blobs: Vec<usize>,
    doubtful: Vec<bool>,
    height: f32,
}

/// Distributes the components of a page among lines.
struct Finder<'a> {
    components: &'a [Component],
    uses: Vec<Use>,
    drafts: Vec<Draft>,
}

impl<'a> Finder<'a> {
    fn new(components: &'a [Component]) -> Self {
        Self { components, uses: vec![Use::Free; components.len()], drafts: Vec::new() }
    }

    fn is_free(&self, index: usize) -> bool {
        self.uses[index] == Use::Free
    }

    /// Adds the line around the component with the most ink. Returns false if no component can be the
    /// main one of a line.
    fn add_line(&mut self) -> bool {
        let components = self.components;
        let Some(main) = self.main_component() else { return false };
        let first = components[main].bounds;
        let mut blobs: Vec<usize> = (0..components.len())
            .filter(|&index| self.is_free(index) && is_ink(&components[index]))
            .filter(|&index| {
                HEIGHTS.contains(&height_share(&components[index], first.height() as f32))
            })
            .collect();
        if !blobs.contains(&main) {
            blobs.push(main);
        }
        blobs.sort_by_key(|&index| (components[index].bounds.middle(), index));
        let start = blobs.iter().position(|&index| index == main).unwrap_or(0);
        let (left, right) = blobs.split_at(start);
        let mut blobs = follow(components, left.iter().rev().copied(), first);
        blobs.reverse();
        blobs.extend(follow(components, right.iter().copied(), first));
        let line = self.drafts.len();
        let reference = height_without_strokes(components, &blobs);
        let is_slash = |index: usize| is_slash(&components[index], reference);
        let slashes: Vec<usize> = blobs
            .iter()
            .enumerate()
            .filter(|&(at, &index)| is_slash(index) == Some(true) && 0 < at && at + 1 < blobs.len())
            .map(|(_, &index)| index)
            .collect();
        blobs.retain(|index| !slashes.contains(index));
        for index in slashes {
            self.uses[index] = Use::Mark { line, kind: MarkKind::Slash };
        }
        let height = median_height(components, &blobs);
        blobs.retain(|&index| HEIGHTS.contains(&height_share(&components[index], height)));
        for (blob, &index) in blobs.iter().enumerate() {
            self.uses[index] = Use::Blob { line, blob };
        }
        let doubtful = blobs.iter().map(|&index| is_slash(index) != Some(false)).collect();
        self.drafts.push(Draft { blobs, doubtful, height });
        // Before further lines: the high parts of broken digits are no lines.
        for (index, component) in components.iter().enumerate() {
            if self.is_free(index)
                && height_share(component, height) >= LINE_HEIGHTS.start
                && let Some(blob) = self.blob_of_part(index, line)
            {
                self.uses[index] = Use::Blob { line, blob };
            }
        }
        true
    }

    /// The free component with the most ink that a line may be found from.
    fn main_component(&self) -> Option<usize> {
        let components = self.components;
        let free = || (0..components.len()).filter(|&index| self.is_free(index));
        let heaviest = |index: &usize| components[*index].mass;
        if let Some(first) = self.drafts.first() {
            return free()
                .filter(|&index| is_ink(&components[index]))
                .filter(|&index| {
                    LINE_HEIGHTS.contains(&height_share(&components[index], first.height))
                })
                .filter(|&index| components[index].area >= MIN_AREA)
                .max_by_key(heaviest);
        }
        free()
            .filter(|&index| is_ink(&components[index]))
            .max_by_key(heaviest)
            .or_else(|| free().max_by_key(heaviest))
            .filter(|&index| components[index].area >= MIN_AREA)
    }

    /// Adds the parts and marks that are lower than digits.
    fn add_marks(&mut self) {
        for index in 0..self.components.len() {
            if !self.is_free(index) || self.components[index].is_ruling {
                continue;
            }
            // The nearest line only: a dot over a line may also be close below another one.
            let lines = 0..self.drafts.len();
            let nearest = lines
                .filter_map(|line| Some((self.distance(index, line)?, line)))
                .min_by(|(one, _), (other, _)| one.total_cmp(other));
            if let Some((_, line)) = nearest {
                self.add_to_line(index, line);
            }
        }
    }

    /// How far from the middle of a line's digits a component is, relative to their height. None if it
    /// is too far away to belong to the line.
    fn distance(&self, index: usize, line: usize) -> Option<f32> {
        let bounds = &self.components[index].bounds;
        let digits = self.digits_beside(bounds, line)?;
        let middle = f32::midpoint(bounds.top as f32, bounds.bottom as f32);
        let [beside, above, below] = MAX_DISTANCE.map(|distance| distance * digits.height);
        let blobs = &self.drafts[line].blobs;
        let gap =
            blobs.iter().map(|&blob| column_gap(&self.components[blob].bounds, bounds)).min()?;
        let is_near =
            gap as f32 <= beside && middle >= digits.top - above && middle <= digits.bottom + below;
        is_near.then(|| (middle - f32::midpoint(digits.top, digits.bottom)).abs() / digits.height)
    }

    /// The place of a line's digits at a component: the mean of the digits to its left and right.
    fn digits_beside(&self, bounds: &BoundingBox, line: usize) -> Option<Digits> {
        let Draft { blobs, height, .. } = &self.drafts[line];
        let boxes = || blobs.iter().map(|&blob| self.components[blob].bounds);
        let left = boxes().rfind(|other| other.middle() <= bounds.middle());
        let right = boxes().find(|other| other.middle() > bounds.middle());
        let (one, other) = (left.or(right)?, right.or(left)?);
        let mean = |one: u32, other: u32| (one + other) as f32 / 2.0;
        let (top, bottom) = (mean(one.top, other.top), mean(one.bottom, other.bottom));
        // Some digits are lower than others.
        let top = top.min(bottom - 0.85 * height);
        let gap = left.map_or(f32::INFINITY, |left| bounds.left.saturating_sub(left.right) as f32);
        Some(Digits { top, bottom, height: *height, gap })
    }

    /// Makes a component a part of a digit, or a mark, unless it is a speck.
    fn add_to_line(&mut self, index: usize, line: usize) {
        let component = &self.components[index];
        let Some(digits) = self.digits_beside(&component.bounds, line) else { return };
        let square = digits.height * digits.height;
        let is_speck = (component.area as f32) < MIN_PART * square;
        let kind = classify(component, &digits);
        let shared = self.shared_columns(index, line);
        let has_full_level =
            self.level(index) >= MIN_DOT_LEVEL * self.level(self.drafts[line].blobs[0]);
        let is_small_dot = kind == MarkKind::Point
            && component.area as f32 >= (MIN_DOT * square).max(MIN_AREA as f32)
            && has_full_level;
        if is_speck && !is_small_dot {
            return;
        }
        // Where there are specks all over the page, a dot is as likely to be one of them.
        let is_noise = kind == MarkKind::Point
            && (component.area as f32) < MAX_SPECK * square
            && self.similar_specks(index) >= MIN_SPECKS;
        let kind = if is_noise { MarkKind::Unknown } else { kind };
        if let Some(blob) = self.blob_of_part(index, line) {
            let digit = &self.components[self.drafts[line].blobs[blob]].bounds;
            let gap = digit.gap(&component.bounds) as f32;
            let is_broken_off = matches!(kind, MarkKind::Unknown | MarkKind::Minus)
                && gap <= MAX_BREAK * digits.height;
            if shared >= MIN_SHARED || is_broken_off {
                self.uses[index] = Use::Blob { line, blob };
                let is_behind = component.bounds.middle() > digit.middle();
                let is_mark = match kind {
                    MarkKind::Point | MarkKind::Comma => is_behind,
                    kind => kind == MarkKind::Minus && shared < MIN_SHARED,
                };
                self.drafts[line].doubtful[blob] |= is_mark;
                return;
            }
        }
        self.uses[index] = Use::Mark { line, kind };
    }

    /// Number of other components that are about as small as a dot, or smaller.
    fn similar_specks(&self, index: usize) -> usize {
        let area = self.components[index].area;
        let is_similar = |other: &&Component| {
            other.area <= 2 * area && 4 * other.area >= area && !other.is_ruling
        };
        self.components.iter().filter(is_similar).count() - 1
    }

    /// The mean level of a component.
    fn level(&self, index: usize) -> f32 {
        let component = &self.components[index];
        component.mass as f32 / component.area.max(1) as f32
    }

    /// The largest share of a component's columns that one digit of a line has.
    fn shared_columns(&self, index: usize, line: usize) -> f32 {
        let bounds = &self.components[index].bounds;
        let shared = |&blob: &usize| {
            let other = &self.components[blob].bounds;
            bounds.right.min(other.right).saturating_sub(bounds.left.max(other.left))
        };
        let most = self.drafts[line].blobs.iter().map(shared).max().unwrap_or(0);
        most as f32 / bounds.width() as f32
    }

    /// Of the blobs of a line near a component, the one that shares the most columns with it. None if
    /// the component is not part of a digit.
    fn blob_of_part(&self, index: usize, line: usize) -> Option<usize> {
        let component = &self.components[index];
        let Draft { blobs, height, .. } = &self.drafts[line];
        let is_part = !component.is_ruling
            && component.bounds.width() as f32 <= MAX_WIDTH * height
            && component.area as f32 >= MIN_PART * height * height;
        if !is_part {
            return None;
        }
        let shared = |bounds: &BoundingBox| {
            let end = bounds.right.min(component.bounds.right);
            i64::from(end) - i64::from(bounds.left.max(component.bounds.left))
        };
        (0..blobs.len())
            .filter(|&blob| {
                let bounds = self.components[blobs[blob]].bounds;
                bounds.gap(&component.bounds) as f32 <= MAX_GAP * height
                    && bounds.union(&component.bounds).height() as f32 <= MAX_HEIGHT * height
            })
            .max_by_key(|&blob| shared(&self.components[blobs[blob]].bounds))
    }

    /// The share of all ink that is used.
    fn share(&self) -> f32 {
        let mass = |is_counted: &dyn Fn(usize) -> bool| {
            let counted = (0..self.components.len()).filter(|&index| is_counted(index));
            counted.map(|index| self.components[index].mass).sum::<u64>()
        };
        let all = mass(&|index| is_ink(&self.components[index]));
        (mass(&|index| !self.is_free(index)) as f32 / all.max(1) as f32).min(1.0)
    }

    /// The ink that no line uses, without rulings and specks.
    fn ignored(&self) -> Vec<BoundingBox> {
        let Some(height) = self.drafts.first().map(|draft| draft.height) else { return Vec::new() };
        let is_ignored = |index: &usize| {
            let component = &self.components[*index];
            self.is_free(*index)
                && !component.is_ruling
                && component.area as f32 >= MIN_PART * height * height
        };
        (0..self.components.len())
            .filter(is_ignored)
            .map(|index| self.components[index].bounds)
            .collect()
    }

    /// The line with the boxes of its blobs, its marks and spaces.
    fn finish(&self, line: usize, draft: &Draft, labels: &Rc<Vec<u32>>, width: usize) -> TextLine {
        let mut boxes: Vec<BoundingBox> =
            draft.blobs.iter().map(|&index| self.components[index].bounds).collect();
        let mut owners = vec![None; self.components.len()];
        let mut marks = Vec::new();
        for (index, (component, used)) in self.components.iter().zip(&self.uses).enumerate() {
            match *used {
                Use::Blob { line: own, blob } if own == line => {
                    boxes[blob] = boxes[blob].union(&component.bounds);
                    owners[index] = Some(blob);
                }
                Use::Mark { line: own, kind } if own == line => {
                    let place = component.bounds.middle();
                    let is_left = |&blob: &usize| self.components[blob].bounds.middle() <= place;
                    let blob = draft.blobs.iter().copied().filter(is_left).count();
                    marks.push(TextMark { kind, bounds: component.bounds, blob });
                }
                _ => {}
            }
        }
        marks.sort_by_key(|mark| (mark.blob, mark.bounds.left));
        let marks = with_spaces(&boxes, &marks, draft.height);
        let inked = boxes.iter().copied().chain(marks.iter().map(|mark| mark.bounds));
        let bounds = inked.reduce(|all, one| all.union(&one));
        TextLine {
            bounds: bounds.unwrap_or(BoundingBox { left: 0, top: 0, right: 1, bottom: 1 }),
            blobs: boxes,
            doubtful: draft.doubtful.clone(),
            marks,
            labels: Rc::clone(labels),
            owners,
            width,
            height: draft.height,
        }
    }
}

/// The marks with a space in every wide gap; both are sorted from left to right.
fn with_spaces(blobs: &[BoundingBox], marks: &[TextMark], height: f32) -> Vec<TextMark> {
    let mut spaced = Vec::new();
    let mut before: Option<BoundingBox> = None;
    let mut step = |bounds: BoundingBox, blob: usize| -> Option<TextMark> {
        let last = before.replace(before.map_or(bounds, |last| BoundingBox {
            right: last.right.max(bounds.right),
            ..bounds
        }))?;
        let is_space = bounds.left.saturating_sub(last.right) as f32 >= MIN_SPACE * height;
        let gap = BoundingBox { left: last.right, right: bounds.left, ..bounds };
        is_space.then_some(TextMark { kind: MarkKind::Space, bounds: gap, blob })
    };
    for blob in 0..=blobs.len() {
        for mark in marks.iter().filter(|mark| mark.blob == blob) {
            spaced.extend(step(mark.bounds, blob));
            spaced.push(*mark);
        }
        if let Some(bounds) = blobs.get(blob) {
            spaced.extend(step(*bounds, blob));
        }
    }
    spaced
}

/// Whether a component may be a digit: no ruling line, and no other flat stroke.
fn is_ink(component: &Component) -> bool {
    let (width, height) = (component.bounds.width() as f32, component.bounds.height() as f32);
    !component.is_ruling && height >= MIN_ASPECT * width
}

fn height_share(component: &Component, height: f32) -> f32 {
    component.bounds.height() as f32 / height
}

/// Columns between two rectangles; 0 if they share some.
fn column_gap(one: &BoundingBox, other: &BoundingBox) -> u32 {
    one.left.saturating_sub(other.right).max(other.left.saturating_sub(one.right))
}

/// The median height of the components that are no straight strokes: slashes are higher than digits,
/// and wide. If there are only such strokes, the median of all.
fn height_without_strokes(components: &[Component], blobs: &[usize]) -> f32 {
    let is_thin = |index: usize| {
        let stroke = components[index].stroke();
        stroke.thickness <= 0.25 * stroke.length
    };
    let others: Vec<usize> = blobs.iter().copied().filter(|&index| !is_thin(index)).collect();
    if !others.is_empty() {
        return median_height(components, &others);
    }
    let mut heights: Vec<u32> =
        blobs.iter().map(|&index| components[index].bounds.height()).collect();
    heights.sort_unstable();
    heights.get(heights.len().saturating_sub(1) / 2).map_or(1.0, |height| *height as f32)
}

/// Each component that overlaps the previous one vertically.
fn follow(
    components: &[Component],
    indices: impl Iterator<Item = usize>,
    first: BoundingBox,
) -> Vec<usize> {
    let mut before = first;
    let mut line = Vec::new();
    for index in indices {
        let bounds = components[index].bounds;
        // A comma: the next digit is compared with the digit before it.
        let is_low = (bounds.height() as f32) < MAX_TAIL * before.height() as f32
            && bounds.top as f32 >= before.top as f32 + TAIL_PLACE * before.height() as f32;
        if is_low {
            continue;
        }
        let shared = bounds.bottom.min(before.bottom).saturating_sub(bounds.top.max(before.top));
        let lower = bounds.height().min(before.height());
        if shared as f32 >= MIN_OVERLAP * lower as f32 {
            line.push(index);
            before = bounds;
        }
    }
    line
}

/// The median height of the components, weighted by their widths.
fn median_height(components: &[Component], blobs: &[usize]) -> f32 {
    let mut heights: Vec<(u32, u32)> = blobs
        .iter()
        .map(|&index| (components[index].bounds.height(), components[index].bounds.width()))
        .collect();
    heights.sort_unstable();
    let half = heights.iter().map(|(_, width)| width).sum::<u32>() / 2;
    let mut seen = 0;
    let median = heights.iter().find(|(_, width)| {
        seen += width;
        seen > half
    });
    median.map_or(1.0, |(height, _)| *height as f32)
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    /// The lines on a page of 300×120 pixels with filled rectangles (left, top, right, bottom).
    fn lines(rectangles: &[[u32; 4]]) -> TextLines {
        let ink = GrayImage::from_fn(300, 120, |x, y| {
            let inside = |&[left, top, right, bottom]: &[u32; 4]| {
                (left..right).contains(&x) && (top..bottom).contains(&y)
            };
            Luma([if rectangles.iter().any(inside) { 200 } else { 0 }])
        });
        find_text_lines(&Page { mask: ink.clone(), ink, noise_floor: 10, contrast: 10.0 })
    }

    /// The first of them.
    fn line(rectangles: &[[u32; 4]]) -> Option<TextLine> {
        lines(rectangles).lines.into_iter().next()
    }

    fn kinds(rectangles: &[[u32; 4]]) -> Vec<(MarkKind, usize)> {
        line(rectangles).unwrap().marks.iter().map(|mark| (mark.kind, mark.blob)).collect()
    }

    fn lefts(rectangles: &[[u32; 4]]) -> Vec<u32> {
        line(rectangles).unwrap().blobs.iter().map(|blob| blob.left).collect()
    }

    const DIGITS: [[u32; 4]; 3] = [[150, 32, 180, 82], [60, 30, 80, 80], [100, 35, 130, 85]];

    #[test]
    fn digits_are_ordered_from_left_to_right() {
        let found = line(&DIGITS).unwrap();
        assert_eq!(found.blobs.iter().map(|blob| blob.left).collect::<Vec<_>>(), [60, 100, 150]);
        assert!((found.height - 50.0).abs() < 0.1 && lines(&DIGITS).share > 0.99);
        assert_eq!((found.blob_at(110, 50), found.blob_at(90, 50)), (Some(1), None));
    }

    #[test]
    fn specks_rulings_dashes_and_low_ink_are_no_digits() {
        for other in [
            [20, 50, 22, 52],   // a speck
            [0, 100, 300, 103], // a ruling line
            [50, 90, 190, 94],  // an underline
            [200, 55, 245, 62], // a dash
            [60, 100, 70, 120], // a component below
        ] {
            assert_eq!(lefts(&[&DIGITS[..], &[other]].concat()), [60, 100, 150], "{other:?}");
        }
    }

    #[test]
    fn parts_join_the_digit_below_them() {
        let found = line(&[&DIGITS[..], &[[104, 22, 128, 28]]].concat()).unwrap();
        assert_eq!((found.blobs.len(), found.blobs[1].top), (3, 22));
        assert_eq!(found.blob_at(110, 25), Some(1));
    }

    #[test]
    fn halves_of_a_broken_digit_are_one_blob() {
        // The lower half of a 6 under its stroke: the two do not overlap vertically enough.
        let halves = [[200, 30, 215, 57], [205, 59, 235, 80]];
        let found = line(&[&DIGITS[..], &halves].concat()).unwrap();
        assert_eq!(found.blobs.len(), 4);
        assert_eq!((found.blob_at(205, 40), found.blob_at(230, 70)), (Some(3), Some(3)));
    }

    #[test]
    fn slanting_lines_are_followed() {
        let slanting: Vec<[u32; 4]> =
            (0..6).map(|at| [20 + 45 * at, 10 + 10 * at, 50 + 45 * at, 50 + 10 * at]).collect();
        assert_eq!(lefts(&slanting).len(), 6);
    }

    #[test]
    fn texture_has_a_small_share_and_specks_no_line() {
        let dots: Vec<[u32; 4]> = (0..60)
            .map(|at| [at % 10 * 30, at / 10 * 20, at % 10 * 30 + 9, at / 10 * 20 + 9])
            .collect();
        assert!(lines(&dots).lines.iter().all(|line| line.blobs.len() <= 10));
        assert!(line(&[[5, 5, 7, 9]]).is_none() && line(&[]).is_none());
    }

    #[test]
    fn marks_are_recognized_by_their_shape_and_place() {
        for (mark, expected) in [
            ([88, 74, 95, 81], (MarkKind::Point, 1)),
            ([89, 72, 94, 92], (MarkKind::Comma, 1)),
            ([30, 52, 52, 58], (MarkKind::Minus, 0)),
            ([200, 55, 245, 62], (MarkKind::Minus, 3)),
            ([88, 32, 94, 38], (MarkKind::Unknown, 1)),
        ] {
            assert_eq!(kinds(&[&DIGITS[..], &[mark]].concat()), [expected], "{mark:?}");
        }
        assert_eq!(kinds(&DIGITS), []);
    }

    #[test]
    fn a_gap_as_wide_as_the_digits_are_high_is_a_space() {
        let apart = [250, 32, 280, 82];
        assert_eq!(kinds(&[&DIGITS[..], &[apart]].concat()), [(MarkKind::Space, 3)]);
    }

    #[test]
    fn lines_are_found_from_top_to_bottom() {
        let rows: Vec<[u32; 4]> = [70, 10, 40]
            .iter()
            .flat_map(|top| [[20, *top, 35, top + 20], [60, *top, 80, top + 21]])
            .collect();
        let tops: Vec<u32> = lines(&rows).lines.iter().map(|line| line.bounds.top).collect();
        assert_eq!(tops, [10, 40, 70]);
    }
}
