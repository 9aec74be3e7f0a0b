//! Reading picture files, on all threads of the pool.

use std::collections::BTreeSet;
use std::path::Path;

use ink::{InkError, PictureHeader, PixelLimit, read_header};
use rayon::prelude::*;

use super::listing::PictureFile;
use crate::error::{DataError, UnreadableFile};
use crate::files::read_file;
use crate::preparation::{InputConfig, InputSize, Preparation};
use crate::shape::ImageShape;

/// The side that is proposed for pictures of several sizes, at most.
const MOST_PROPOSED: usize = 64;
/// Number of files that a note lists.
const MOST_LISTED: usize = 20;

/// The pixels of all pictures that can be read.
pub(super) struct Decoded {
    /// `[kept pictures, channels, height, width]`.
    pub(super) pixels: Vec<u8>,
    /// Whether each file could be read: `[files]`.
    pub(super) kept: Vec<bool>,
    pub(super) unreadable: Vec<UnreadableFile>,
}

impl Decoded {
    /// A note about the files that are left out.
    pub(super) fn skipped_note(&self) -> String {
        let count = self.unreadable.len();
        let file = |file: &UnreadableFile| format!("{}: {}", file.path.display(), file.problem);
        let listed: Vec<String> = self.unreadable.iter().take(MOST_LISTED).map(file).collect();
        let rest = if count > MOST_LISTED { "; …" } else { "" };
        let noun = if count == 1 { "picture" } else { "pictures" };
        format!("left out: {count} unreadable {noun} ({}{rest})", listed.join("; "))
    }
}

/// The headers of the files that have one; the others are found again when they are decoded.
pub(super) fn read_headers(files: &[PictureFile]) -> Vec<PictureHeader> {
    let header = |file: &PictureFile| {
        let bytes = read_picture(file).ok()?;
        read_header(&bytes, PixelLimit::default()).ok()
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
    let mut sides: Vec<usize> =
        headers.iter().map(|header| header.height.max(header.width) as usize).collect();
    sides.sort_unstable();
    let text = |(height, width): (usize, usize)| format!("{height}×{width}");
    Err(DataError::SeveralSizes {
        folder: folder.to_path_buf(),
        count: sizes.len(),
        smallest: text(smallest),
        largest: text(largest),
        proposed: sides[sides.len() / 2].min(MOST_PROPOSED).to_string(),
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
    let problems: Vec<Option<String>> = pixels
        .par_chunks_exact_mut(size)
        .zip(files)
        .map(|(out, file)| decode(file, preparation, shape, out).err())
        .collect();
    let kept: Vec<bool> = problems.iter().map(Option::is_none).collect();
    let unreadable = files.iter().zip(problems).filter_map(|(file, problem)| {
        Some(UnreadableFile { path: file.path.clone(), problem: problem? })
    });
    let unreadable: Vec<UnreadableFile> = unreadable.collect();
    if !unreadable.is_empty() {
        keep(&mut pixels, size, &kept);
    }
    Decoded { pixels, kept, unreadable }
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

fn decode(
    file: &PictureFile,
    preparation: Preparation,
    shape: ImageShape,
    out: &mut [u8],
) -> Result<(), String> {
    let bytes = read_picture(file).map_err(|error| match error {
        DataError::Read { source, .. } => source.to_string(),
        other => other.to_string(),
    })?;
    let prepared = preparation
        .prepare(&bytes, PixelLimit::default(), shape, |_, _| ())
        .map_err(|error: InkError| error.to_string())?;
    let image = prepared.image().ok_or("there is no ink on the picture")?;
    out.copy_from_slice(image.pixels());
    Ok(())
}
