//! Connected ink.

use image::{GrayImage, Luma};
use imageproc::region_labelling::{Connectivity, connected_components};

use crate::bounding_box::InkBox;

/// A piece of connected ink.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    pub bounds: InkBox,
    /// Pixels it covers.
    pub area: u64,
    /// Sum of its pixels' distance from the paper.
    pub mass: u64,
    /// Its pixels within the picture's margin.
    marginal: u64,
    /// Whether it is a frame, or a line along or across the whole picture.
    pub is_ruled: bool,
}

/// A mask's pieces, and which one each pixel belongs to.
#[derive(Clone, Debug)]
pub struct Pieces {
    /// 0 for paper; for ink 1 more than the index of its piece.
    pub labels: Vec<u32>,
    /// In the order of their first pixels, row by row.
    pub pieces: Vec<Piece>,
}

/// Share of the picture's sides that is its margin, where frames and tables' edges are.
const MARGIN: f32 = 0.03;
/// Share of a piece's pixels within the margin that makes it a frame.
const FRAME: f32 = 0.6;
/// A line is at least this share of the picture's side long.
const LINE_LENGTH: f32 = 0.9;
/// A line is at most this share of its length thick; a tightly cropped 1 is more than that.
const LINE_THICKNESS: f32 = 0.05;
/// Pixels of the smallest digit: a 1 of 9 pixels' height, one pixel wide.
pub const LEAST_AREA: u64 = 9;

impl Pieces {
    /// Connects the white pixels of a mask; `ink` is what it was made of.
    pub fn find(mask: &GrayImage, ink: &GrayImage) -> Self {
        // A single pixel would make imageproc 0.27 panic; it is no piece worth a look.
        if mask.len() < 2 {
            return Self { labels: vec![0; mask.len()], pieces: Vec::new() };
        }
        let labels = connected_components(mask, Connectivity::Eight, Luma([0])).into_raw();
        let pieces = measure(&labels, ink);
        Self { labels, pieces }
    }

    /// The mass of all pieces.
    pub fn mass(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.mass).sum()
    }

    /// The heaviest piece: no frame and no line, unless there is nothing else. None if it is a
    /// speck.
    pub fn main(&self) -> Option<Piece> {
        let heaviest = |is_wanted: fn(&&Piece) -> bool| {
            let wanted = self.pieces.iter().filter(is_wanted);
            wanted.max_by_key(|piece| piece.mass).filter(|piece| piece.area >= LEAST_AREA)
        };
        heaviest(|piece| !piece.is_ruled).or_else(|| heaviest(|_| true)).copied()
    }
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
            let none = Piece { bounds: pixel, area: 0, mass: 0, marginal: 0, is_ruled: false };
            pieces.resize(index + 1, none);
        }
        let piece = &mut pieces[index];
        piece.bounds = if piece.area == 0 { pixel } else { piece.bounds.union(&pixel) };
        piece.area += 1;
        piece.mass += u64::from(level.0[0]);
        let inside = (margin..width.saturating_sub(margin)).contains(&x)
            && (margin..height.saturating_sub(margin)).contains(&y);
        piece.marginal += u64::from(!inside);
    }
    for piece in &mut pieces {
        piece.is_ruled = is_frame(piece) || is_line(piece, ink.dimensions());
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
