//! Selection of the lines of digits among all ink on a page, and of the marks between the digits.

use std::rc::Rc;

use super::broken::{group_pieces, stacked};
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
/// Largest width of a part, relative to the digits' height; wider parts are dashes or underlines,
/// unless they are at least as high as `MIN_HIGH_PART`.
const MAX_WIDTH: f32 = 0.8;
/// Height of a part that may be as wide as `MAX_HIGH_PART`, both relative to the digits' height.
const MIN_HIGH_PART: f32 = 0.2;
const MAX_HIGH_PART: f32 = 1.3;
/// Smallest area of a part, relative to the square of the digits' height; smaller ones are specks.
const MIN_PART: f32 = 0.006;
/// Smallest area of a dot on the baseline, relative to the square of the digits' height.
const MIN_DOT: f32 = 0.0025;
/// Smallest level of a dot that is as small as a speck, relative to that of the digits: noise is
/// paler than ink.
const MIN_DOT_LEVEL: f32 = 0.6;
/// Largest area of a dot that may be a speck of noise, relative to the square of the digits' height.
const MAX_SPECK: f32 = 0.02;
/// Number of similar specks that are not on a baseline, on a page with noise.
const MIN_SPECKS: usize = 2;
/// Largest gap between a part and its digit, relative to the digits' height.
const MAX_GAP: f32 = 0.25;
/// Largest gap in a broken stroke, relative to the digits' height.
const MAX_BREAK: f32 = 0.06;
/// Share of a part's columns that a digit above or below it has; a mark stands beside its digits.
const MIN_SHARED: f32 = 0.35;
/// Share of the narrower one's columns that two pieces of one broken digit have in common.
const MIN_STACKED: f32 = 0.5;
/// Largest height of a digit that is joined from pieces, relative to the highest component of its line.
const MAX_JOINED: f32 = 1.25;
/// Largest gap between such pieces, relative to that height.
const MAX_PIECE_GAP: f32 = 0.15;
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

/// A digit, or several that touch.
#[derive(Clone, Copy, Debug)]
struct Blob {
    /// Its highest component, or one of its pieces.
    main: usize,
    /// The bounding box of that component and the high pieces joined to it.
    bounds: BoundingBox,
}

/// A line while its blobs and marks are collected.
#[derive(Clone, Debug)]
struct Draft {
    /// From left to right.
    blobs: Vec<Blob>,
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
        let mut blobs: Vec<Blob> =
            blobs.into_iter().map(|main| Blob { main, bounds: components[main].bounds }).collect();
        let pieces = self.join_pieces(&mut blobs);
        let reference = height_without_strokes(components, &blobs);
        let is_slash = |blob: &Blob| {
            let is_whole = blob.bounds == components[blob.main].bounds;
            if is_whole { is_slash(&components[blob.main], reference) } else { Some(false) }
        };
        let last = blobs.len().saturating_sub(1);
        let (slashes, digits): (Vec<_>, Vec<_>) = blobs
            .iter()
            .copied()
            .enumerate()
            .partition(|(at, blob)| is_slash(blob) == Some(true) && 0 < *at && *at < last);
        for (_, slash) in slashes {
            self.uses[slash.main] = Use::Mark { line, kind: MarkKind::Slash };
        }
        let mut blobs: Vec<Blob> = digits.into_iter().map(|(_, blob)| blob).collect();
        let height = median_height(&blobs);
        blobs.retain(|blob| HEIGHTS.contains(&(blob.bounds.height() as f32 / height)));
        for (at, blob) in blobs.iter().enumerate() {
            self.uses[blob.main] = Use::Blob { line, blob: at };
            for (piece, _) in pieces.iter().filter(|(_, main)| *main == blob.main) {
                self.uses[*piece] = Use::Blob { line, blob: at };
            }
        }
        let doubtful = blobs.iter().map(|blob| is_slash(blob) != Some(false)).collect();
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

    /// Enlarges the blobs by the high free components right above or below them: the pieces of digits
    /// whose strokes are broken. Returns each piece with the main component of its blob.
    fn join_pieces(&self, blobs: &mut [Blob]) -> Vec<(usize, usize)> {
        let heights = blobs.iter().map(|blob| blob.bounds.height());
        let highest = heights.max().unwrap_or(1) as f32;
        let mut pieces = Vec::new();
        for (index, piece) in self.components.iter().enumerate() {
            let is_piece = self.is_free(index)
                && is_ink(piece)
                && height_share(piece, highest) >= HEIGHTS.start
                && blobs.iter().all(|blob| blob.main != index);
            if !is_piece {
                continue;
            }
            let is_of = |blob: &&mut Blob| {
                stacked(&blob.bounds, &piece.bounds) >= MIN_STACKED
                    && blob.bounds.gap(&piece.bounds) as f32 <= MAX_PIECE_GAP * highest
                    && blob.bounds.union(&piece.bounds).height() as f32 <= MAX_JOINED * highest
            };
            if let Some(blob) = blobs.iter_mut().find(is_of) {
                blob.bounds = blob.bounds.union(&piece.bounds);
                pieces.push((index, blob.main));
            }
        }
        pieces
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

    /// Adds the digits that are broken into low pieces, and the parts and marks that are lower than
    /// digits.
    fn add_marks(&mut self) {
        for line in 0..self.drafts.len() {
            self.add_broken_digits(line);
        }
        for index in 0..self.components.len() {
            if !self.is_free(index) || self.components[index].is_ruling {
                continue;
            }
            if let Some(line) = self.nearest_line(index) {
                self.add_to_line(index, line);
            }
        }
    }

    /// The nearest line of those that a component may belong to: a dot over a line may also be close
    /// below another one.
    fn nearest_line(&self, index: usize) -> Option<usize> {
        (0..self.drafts.len())
            .filter_map(|line| Some((self.distance(index, line)?, line)))
            .min_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, line)| line)
    }

    /// Makes a blob of the free pieces that are together as high as a digit, where the line has none.
    /// It may be a sign as well, so that it is doubtful.
    fn add_broken_digits(&mut self, line: usize) {
        let height = self.drafts[line].height;
        let is_piece = |&index: &usize| {
            let component = &self.components[index];
            self.is_free(index)
                && !component.is_ruling
                && component.area as f32 >= MIN_PART * height * height
                && self.nearest_line(index) == Some(line)
                && self.shared_columns(index, line) < MIN_SHARED
        };
        let pieces: Vec<usize> = (0..self.components.len()).filter(is_piece).collect();
        let boxes: Vec<BoundingBox> =
            pieces.iter().map(|&index| self.components[index].bounds).collect();
        for (bounds, members) in group_pieces(&boxes, height) {
            let draft = &mut self.drafts[line];
            if draft.blobs.iter().any(|blob| stacked(&blob.bounds, &bounds) >= MIN_SHARED) {
                continue;
            }
            let is_left = |blob: &&Blob| blob.bounds.middle() <= bounds.middle();
            let at = draft.blobs.iter().filter(is_left).count();
            draft.blobs.insert(at, Blob { main: pieces[members[0]], bounds });
            draft.doubtful.insert(at, true);
            for used in &mut self.uses {
                if let Use::Blob { line: own, blob } = used
                    && *own == line
                    && *blob >= at
                {
                    *blob += 1;
                }
            }
            for member in members {
                self.uses[pieces[member]] = Use::Blob { line, blob: at };
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
        let gap = blobs.iter().map(|blob| column_gap(&blob.bounds, bounds)).min()?;
        let is_near =
            gap as f32 <= beside && middle >= digits.top - above && middle <= digits.bottom + below;
        is_near.then(|| (middle - f32::midpoint(digits.top, digits.bottom)).abs() / digits.height)
    }

    /// The place of a line's digits at a component: the mean of the digits to its left and right.
    fn digits_beside(&self, bounds: &BoundingBox, line: usize) -> Option<Digits> {
        let Draft { blobs, height, .. } = &self.drafts[line];
        let boxes = || blobs.iter().map(|blob| blob.bounds);
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
            self.level(index) >= MIN_DOT_LEVEL * self.level(self.drafts[line].blobs[0].main);
        let is_small_dot = kind == MarkKind::Point
            && component.area as f32 >= (MIN_DOT * square).max(MIN_AREA as f32)
            && has_full_level;
        if is_speck && !is_small_dot {
            return;
        }
        let is_small = (component.area as f32) < MAX_SPECK * square;
        // Where there are specks all over the page, a dot is as likely to be one of them.
        let is_noise = kind == MarkKind::Point
            && is_small
            && (!self.is_between_blobs(index, line) || self.has_noise_like(index));
        let kind = if is_noise { MarkKind::Unknown } else { kind };
        if let Some(blob) = self.blob_of_part(index, line) {
            let digit = &self.drafts[line].blobs[blob].bounds;
            let is_near = digit.gap(&component.bounds) as f32 <= MAX_BREAK * digits.height;
            let is_stacked = shared >= MIN_SHARED;
            let is_behind = component.bounds.middle() > digit.middle();
            let is_broken_off = match kind {
                // Doubtful, but a piece of the digit rather than one more character.
                MarkKind::Unknown => true,
                MarkKind::Minus => is_near,
                _ => false,
            };
            if is_stacked || is_broken_off {
                self.uses[index] = Use::Blob { line, blob };
                self.drafts[line].doubtful[blob] |= match kind {
                    MarkKind::Point | MarkKind::Comma => is_behind,
                    MarkKind::Minus => !is_stacked,
                    _ => !is_stacked && !is_near,
                };
                return;
            }
        }
        // Too small for a character, and in no place of a point: what it is remains open.
        if is_small && (kind == MarkKind::Unknown || is_speck && shared >= MIN_SHARED) {
            let draft = &mut self.drafts[line];
            let gap = |&at: &usize| draft.blobs[at].bounds.gap(&component.bounds);
            if let Some(blob) = (0..draft.blobs.len()).min_by_key(gap) {
                draft.doubtful[blob] = true;
            }
            return;
        }
        self.uses[index] = Use::Mark { line, kind };
    }

    /// Whether a line has digits both to the left and to the right of a component.
    fn is_between_blobs(&self, index: usize, line: usize) -> bool {
        let middle = self.components[index].bounds.middle();
        let blobs = &self.drafts[line].blobs;
        blobs.first().is_some_and(|blob| blob.bounds.middle() <= middle)
            && blobs.last().is_some_and(|blob| blob.bounds.middle() > middle)
    }

    /// Whether there are specks about as large as a component in places where no point stands.
    fn has_noise_like(&self, index: usize) -> bool {
        let area = self.components[index].area;
        let is_speck = |other: &usize| {
            let component = &self.components[*other];
            component.area <= 2 * area
                && 4 * component.area >= area
                && !component.is_ruling
                && self.nearest_line(*other).is_none_or(|line| {
                    let digits = self.digits_beside(&component.bounds, line);
                    digits.is_none_or(|digits| classify(component, &digits) != MarkKind::Point)
                })
        };
        (0..self.components.len()).filter(is_speck).nth(MIN_SPECKS - 1).is_some()
    }

    /// The mean level of a component.
    fn level(&self, index: usize) -> f32 {
        let component = &self.components[index];
        component.mass as f32 / component.area.max(1) as f32
    }

    /// The largest share of a component's columns that one digit of a line has.
    fn shared_columns(&self, index: usize, line: usize) -> f32 {
        let bounds = &self.components[index].bounds;
        let shared = |blob: &Blob| {
            let other = &blob.bounds;
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
        let is_high = height_share(component, *height) >= MIN_HIGH_PART;
        let widest = if is_high { MAX_HIGH_PART } else { MAX_WIDTH };
        let is_part = !component.is_ruling
            && component.bounds.width() as f32 <= widest * height
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
                let bounds = blobs[blob].bounds;
                bounds.gap(&component.bounds) as f32 <= MAX_GAP * height
                    && bounds.union(&component.bounds).height() as f32 <= MAX_HEIGHT * height
            })
            .max_by_key(|&blob| shared(&blobs[blob].bounds))
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
        let mut boxes: Vec<BoundingBox> = draft.blobs.iter().map(|blob| blob.bounds).collect();
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
                    let is_left = |blob: &&Blob| blob.bounds.middle() <= place;
                    let blob = draft.blobs.iter().filter(is_left).count();
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
fn height_without_strokes(components: &[Component], blobs: &[Blob]) -> f32 {
    let is_thin = |blob: &Blob| {
        let stroke = components[blob.main].stroke();
        blob.bounds == components[blob.main].bounds && stroke.thickness <= 0.25 * stroke.length
    };
    let others: Vec<Blob> = blobs.iter().copied().filter(|blob| !is_thin(blob)).collect();
    if !others.is_empty() {
        return median_height(&others);
    }
    let mut heights: Vec<u32> = blobs.iter().map(|blob| blob.bounds.height()).collect();
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

/// The median height of the blobs, weighted by their widths.
fn median_height(blobs: &[Blob]) -> f32 {
    let mut heights: Vec<(u32, u32)> =
        blobs.iter().map(|blob| (blob.bounds.height(), blob.bounds.width())).collect();
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
            ([220, 40, 236, 56], (MarkKind::Unknown, 3)),
        ] {
            assert_eq!(kinds(&[&DIGITS[..], &[mark]].concat()), [expected], "{mark:?}");
        }
        assert_eq!(kinds(&DIGITS), []);
    }

    #[test]
    fn pieces_beside_a_digit_make_it_doubtful_and_are_no_marks() {
        for piece in [
            [88, 32, 94, 38],   // a piece of a digit's stroke
            [200, 55, 205, 60], // a piece too far from the digit to belong to it
            [50, 74, 56, 80],   // a dot before the first digit
        ] {
            let found = line(&[&DIGITS[..], &[piece]].concat()).unwrap();
            assert_eq!((found.marks.len(), found.blobs.len()), (0, 3), "{piece:?}");
            assert_eq!(found.doubtful.iter().filter(|is_doubtful| **is_doubtful).count(), 1);
        }
        // A small piece above a digit belongs to it without doubt.
        let found = line(&[&DIGITS[..], &[[64, 20, 74, 28]]].concat()).unwrap();
        assert_eq!((found.marks.len(), found.doubtful), (0, vec![false; 3]));
    }

    #[test]
    fn a_digit_broken_into_low_pieces_is_a_doubtful_digit() {
        let pieces = [[200, 32, 230, 38], [205, 52, 240, 60], [202, 72, 230, 80]];
        let found = line(&[&DIGITS[..], &pieces].concat()).unwrap();
        assert_eq!((found.blobs.len(), found.marks.len()), (4, 0));
        assert_eq!(found.doubtful, [false, false, false, true]);
        assert_eq!((found.blob_at(210, 35), found.blob_at(210, 75)), (Some(3), Some(3)));
    }

    #[test]
    fn the_halves_of_a_broken_digit_are_no_second_line() {
        // The high half is as wide as all other digits together, and so has the median height.
        let halves = [[10, 30, 55, 50], [12, 53, 40, 83]];
        let found = lines(&[&DIGITS[..1], &halves].concat());
        assert_eq!((found.lines.len(), found.lines[0].blobs.len()), (1, 2));
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
