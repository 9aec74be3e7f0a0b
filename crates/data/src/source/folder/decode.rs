//! Reading picture files, on all threads of the pool.

use std::collections::BTreeSet;
use std::path::Path;

use ink::{PictureHeader, PixelLimit, read_header};
use rayon::prelude::*;

use super::listing::PictureFile;
use crate::error::{DataError, UnreadableFile};
use crate::files::read_file;
use crate::picture_facts::PictureFacts;
use crate::picture_store::decode;
use crate::preparation::{InputConfig, InputSize, Preparation};
use crate::printable::printable_path;
use crate::shape::ImageShape;

/// The side that is proposed for pictures of several sizes, at most.
const MOST_PROPOSED: usize = 64;
/// Number of files that a note lists.
const MOST_LISTED: usize = 20;

/// All pictures that can be read.
pub(super) struct Decoded {
    pub(super) pixels: Pixels,
    /// Whether each file could be read: `[files]`.
    pub(super) kept: Vec<bool>,
    pub(super) unreadable: Vec<UnreadableFile>,
}

/// What is kept of the pictures that can be read.
pub(super) enum Pixels {
    /// `[kept pictures, channels, height, width]`.
    Memory(Vec<u8>),
    /// `[kept pictures]`.
    Facts(Vec<PictureFacts>),
}

impl Decoded {
    /// A note about the files that are left out.
    pub(super) fn skipped_note(&self) -> String {
        let count = self.unreadable.len();
        let file =
            |file: &UnreadableFile| format!("{}: {}", printable_path(&file.path), file.problem);
        let listed: Vec<String> = self.unreadable.iter().take(MOST_LISTED).map(file).collect();
        let rest = if count > MOST_LISTED { "; …" } else { "" };
        let noun = if count == 1 { "picture" } else { "pictures" };
        format!("left out: {count} unreadable {noun} ({}{rest})", listed.join("; "))
    }
}

/// The headers of the files that have one; the others are found again when they are decoded.
pub(super) fn read_headers(files: &[PictureFile]) -> Vec<PictureHeader> {
    let header = |file: &PictureFile| {
        let limit = PixelLimit::default();
        let bytes = read_file(&file.path, limit.file_bytes()).ok()?;
        read_header(&bytes, limit).ok()
    };
    files.par_iter().filter_map(header).collect()
}

/// The shape of the images: what `input` says, or else that of all pictures.
///
/// # Errors
///
/// [`DataError::SeveralSizes`] if they have several and `input` says none.
pub(super) fn resolve_shape(
    folder: &Path,
    input: &InputConfig,
    headers: &[PictureHeader],
) -> Result<ImageShape, DataError> {
    let is_colour = headers.iter().any(|header| header.is_colour);
    let channels = input.channels.unwrap_or(if is_colour { 3 } else { 1 });
    let size = match input.size {
        Some(size) => size,
        None => common_size(folder, headers)?,
    };
    Ok(ImageShape { channels, height: size.height, width: size.width })
}

fn common_size(folder: &Path, headers: &[PictureHeader]) -> Result<InputSize, DataError> {
    let sizes: BTreeSet<(usize, usize)> =
        headers.iter().map(|header| (header.height as usize, header.width as usize)).collect();
    let by_area = |&(height, width): &(usize, usize)| height * width;
    let (Some(&smallest), Some(&largest)) = (
        sizes.iter().min_by_key(|&size| by_area(size)),
        sizes.iter().max_by_key(|&size| by_area(size)),
    ) else {
        // No file has a header: decoding says why.
        return Ok(InputSize { height: 1, width: 1 });
    };
    if sizes.len() == 1 {
        return Ok(InputSize { height: smallest.0, width: smallest.1 });
    }
    let mut longest: Vec<usize> =
        headers.iter().map(|header| header.height.max(header.width) as usize).collect();
    longest.sort_unstable();
    let text = |(height, width): (usize, usize)| format!("{height}×{width}");
    Err(DataError::SeveralSizes {
        folder: folder.to_path_buf(),
        sizes: format!("{} sizes, {} to {}", sizes.len(), text(smallest), text(largest)),
        proposed: longest[longest.len() / 2].min(MOST_PROPOSED),
    })
}

/// Reads all files, and prepares the pictures as images of `shape`.
pub(super) fn decode_all(
    files: &[PictureFile],
    preparation: Preparation,
    shape: ImageShape,
) -> Decoded {
    let size = shape.pixels();
    let mut pixels = vec![0; files.len() * size];
    let problems: Vec<Option<UnreadableFile>> = pixels
        .par_chunks_exact_mut(size)
        .zip(files)
        .map(|(out, file)| match decode(&file.path, preparation, shape) {
            Ok(pixels) => {
                out.copy_from_slice(&pixels);
                None
            }
            Err(problem) => Some(problem),
        })
        .collect();
    let kept: Vec<bool> = problems.iter().map(Option::is_none).collect();
    if kept.contains(&false) {
        keep(&mut pixels, size, &kept);
    }
    let unreadable = problems.into_iter().flatten().collect();
    Decoded { pixels: Pixels::Memory(pixels), kept, unreadable }
}

/// Reads all files, and keeps only figures of each.
pub(super) fn decode_facts(
    files: &[PictureFile],
    preparation: Preparation,
    shape: ImageShape,
) -> Decoded {
    let facts = |file: &PictureFile| {
        let pixels = decode(&file.path, preparation, shape)?;
        Ok(PictureFacts::of(&pixels, shape))
    };
    let found: Vec<Result<PictureFacts, UnreadableFile>> = files.par_iter().map(facts).collect();
    let kept = found.iter().map(Result::is_ok).collect();
    let (mut facts, mut unreadable) = (Vec::new(), Vec::new());
    for found in found {
        match found {
            Ok(of_file) => facts.push(of_file),
            Err(problem) => unreadable.push(problem),
        }
    }
    Decoded { pixels: Pixels::Facts(facts), kept, unreadable }
}

/// Keeps the chunks of `size` pixels that are `kept`, in their order.
fn keep(pixels: &mut Vec<u8>, size: usize, kept: &[bool]) {
    let mut end = 0;
    for (index, _) in kept.iter().enumerate().filter(|(_, kept)| **kept) {
        pixels.copy_within(index * size..(index + 1) * size, end);
        end += size;
    }
    pixels.truncate(end);
}

pub(super) fn read_picture(file: &PictureFile) -> Result<Vec<u8>, DataError> {
    read_file(&file.path, PixelLimit::default().file_bytes())
}
