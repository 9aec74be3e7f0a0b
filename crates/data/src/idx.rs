//! The IDX format of MNIST's files: a magic number, the size of each dimension, then bytes.
//!
//! As on the MNIST page of `LeCun`, Cortes and Burges: `00 00 type dimensions`, then one big-endian
//! `u32` for each dimension; type 08 is unsigned bytes. Files may be gzipped. The sizes in a header
//! are not trusted: nothing is allocated for them, the content must have exactly that length, and what
//! gzip makes of a small file is read no further.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use thiserror::Error;

use crate::files::LARGEST_FILE;
use crate::shape::ImageShape;

/// Why an IDX file is refused. Offsets are in bytes of the decompressed file.
#[derive(Debug, Error)]
pub enum IdxError {
    /// The file ends within its header.
    #[error("ends after {found} bytes: expected a header of {expected} bytes")]
    Header {
        /// Length of the header.
        expected: usize,
        /// Number of bytes in the file.
        found: usize,
    },
    /// The first two bytes are not zero.
    #[error("starts with {:02x} {:02x}: expected 00 00, is it an IDX file?", found[0], found[1])]
    Magic {
        /// The bytes at offset 0.
        found: [u8; 2],
    },
    /// The elements have another type.
    #[error("has the element type {found:02x} at offset 2: expected 08, unsigned bytes")]
    ElementType {
        /// The byte at offset 2.
        found: u8,
    },
    /// The number of dimensions differs: labels instead of images, or the reverse.
    #[error(
        "has {found} dimensions at offset 3: expected {expected}, 3 for images and 1 for labels"
    )]
    Dimensions {
        /// Dimensions of the expected content.
        expected: usize,
        /// The byte at offset 3.
        found: u8,
    },
    /// A dimension is zero.
    #[error("declares the sizes {sizes:?}: expected none to be zero")]
    Empty {
        /// The sizes in the header.
        sizes: Vec<usize>,
    },
    /// The product of the sizes exceeds [`LARGEST_FILE`].
    #[error("declares the sizes {sizes:?}: expected {LARGEST_FILE} bytes or less")]
    TooLarge {
        /// The sizes in the header.
        sizes: Vec<usize>,
    },
    /// The file ends early.
    #[error("ends after {found} of the {expected} bytes that its header declares")]
    Truncated {
        /// Length of the content by the header.
        expected: usize,
        /// Number of bytes of content.
        found: usize,
    },
    /// The file is longer than its header declares.
    #[error("continues after the {expected} bytes that its header declares")]
    TrailingBytes {
        /// Length of the content by the header.
        expected: usize,
    },
    /// The compressed data is damaged or ends early.
    #[error("is damaged gzip data: {0}")]
    Gzip(io::Error),
    /// A label is outside the classes.
    #[error("has the label {label} at index {index}: expected 0 to {}", class_count - 1)]
    Label {
        /// The label's index.
        index: usize,
        /// The label.
        label: u16,
        /// Number of classes.
        class_count: usize,
    },
}

/// The content of a file of images.
#[derive(Debug)]
pub(crate) struct IdxImages {
    pub(crate) count: usize,
    pub(crate) shape: ImageShape,
    pub(crate) pixels: Vec<u8>, // [count, 1, height, width]
}

/// Reads a file of grey images, plain or gzipped.
pub(crate) fn read_images(bytes: &[u8]) -> Result<IdxImages, IdxError> {
    let ([count, height, width], pixels) = read(bytes)?;
    Ok(IdxImages { count, shape: ImageShape { channels: 1, height, width }, pixels })
}

/// Reads a file of labels, plain or gzipped.
pub(crate) fn read_labels(bytes: &[u8]) -> Result<Vec<u8>, IdxError> {
    read::<1>(bytes).map(|(_, labels)| labels)
}

/// A reader of the plain content of a file that may be gzipped.
pub(crate) fn decompress(bytes: &[u8]) -> Box<dyn Read + '_> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        Box::new(MultiGzDecoder::new(bytes))
    } else {
        Box::new(bytes)
    }
}

fn read<const DIMENSIONS: usize>(bytes: &[u8]) -> Result<([usize; DIMENSIONS], Vec<u8>), IdxError> {
    let mut reader = decompress(bytes);
    let length = 4 + 4 * DIMENSIONS;
    let header = read_at_most(&mut reader, length)?;
    let &[first, second, element_type, dimensions, ref sizes @ ..] = header.as_slice() else {
        return Err(IdxError::Header { expected: length, found: header.len() });
    };
    if [first, second] != [0, 0] {
        return Err(IdxError::Magic { found: [first, second] });
    }
    if element_type != 8 {
        return Err(IdxError::ElementType { found: element_type });
    }
    if usize::from(dimensions) != DIMENSIONS {
        return Err(IdxError::Dimensions { expected: DIMENSIONS, found: dimensions });
    }
    if header.len() < length {
        return Err(IdxError::Header { expected: length, found: header.len() });
    }
    let (sizes, _) = sizes.as_chunks();
    let sizes: [usize; DIMENSIONS] =
        std::array::from_fn(|dimension| u32::from_be_bytes(sizes[dimension]) as usize);
    if sizes.contains(&0) {
        return Err(IdxError::Empty { sizes: sizes.to_vec() });
    }
    let expected = sizes.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let is_allowed = |&expected: &usize| expected as u64 <= LARGEST_FILE;
    let Some(expected) = expected.filter(is_allowed) else {
        return Err(IdxError::TooLarge { sizes: sizes.to_vec() });
    };
    let content = read_at_most(&mut reader, expected + 1)?;
    if content.len() < expected {
        return Err(IdxError::Truncated { expected, found: content.len() });
    }
    if content.len() > expected {
        return Err(IdxError::TrailingBytes { expected });
    }
    Ok((sizes, content))
}

/// Reads up to `limit` bytes. The buffer grows with the bytes read, and is not allocated at
/// `limit`.
fn read_at_most(reader: &mut dyn Read, limit: usize) -> Result<Vec<u8>, IdxError> {
    let mut bytes = Vec::new();
    // Reading uncompressed bytes from memory cannot fail.
    reader.take(limit as u64).read_to_end(&mut bytes).map_err(IdxError::Gzip)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
