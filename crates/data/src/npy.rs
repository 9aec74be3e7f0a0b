//! NumPy's array files (NEP 1): a magic number, a Python dictionary as the header, then the numbers.
//!
//! The sizes in a header are not trusted: nothing is allocated for them, and the content must have
//! exactly that length.

use std::io::{self, Read};

use thiserror::Error;

/// Why a NumPy archive is refused.
#[derive(Debug, Error)]
pub enum NpzError {
    /// The file is not a zip archive, or damaged.
    #[error("is not a readable .npz archive: {0}")]
    Archive(String),
    /// There are no arrays of images and labels.
    #[error(
        "holds the arrays {found}: expected x_train and y_train, or train_images and train_labels, or \
         images and labels"
    )]
    Names {
        /// The names of the arrays.
        found: String,
    },
    /// An array is not in NumPy's format.
    #[error("{array}: {problem}")]
    Array {
        /// The array's name.
        array: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// The largest header that is read; NumPy writes less than 200 bytes.
const MAX_HEADER: usize = 1 << 16;
/// The most bytes of an array, 4 GiB.
const MAX_BYTES: usize = 1 << 32;

/// An array of numbers.
#[derive(Debug, PartialEq)]
pub(crate) struct Array {
    /// NumPy's type string, such as `|u1`.
    pub(crate) element_type: String,
    pub(crate) shape: Vec<usize>,
    /// The numbers in C order.
    pub(crate) bytes: Vec<u8>,
}

impl Array {
    /// Reads an array.
    ///
    /// # Errors
    ///
    /// A phrase that says what is wrong.
    pub(crate) fn read(mut reader: impl Read) -> Result<Self, String> {
        let header = read_header(&mut reader)?;
        let element_type = header.text("descr").ok_or("its header has no element type")?;
        if header.word("fortran_order") != Some("False") {
            return Err(String::from("it is in Fortran order: save it in C order"));
        }
        let shape = header.shape().ok_or("its header has no shape")?;
        let size: usize = element_type
            .get(2..)
            .and_then(|size| size.parse().ok())
            .filter(|size| (1..=16).contains(size))
            .ok_or_else(|| format!("its elements are {element_type}: expected numbers"))?;
        let bytes = shape.iter().try_fold(size, |product, &side| product.checked_mul(side));
        let expected = bytes.filter(|&bytes| bytes <= MAX_BYTES).ok_or_else(|| {
            format!("its shape is {shape:?}: arrays of more than 4 GiB are not read")
        })?;
        let content = read_at_most(&mut reader, expected + 1)?;
        if content.len() != expected {
            let found = if content.len() > expected { "more" } else { "fewer" };
            return Err(format!("it has {found} than the {expected} bytes of its shape {shape:?}"));
        }
        Ok(Self { element_type, shape, bytes: content })
    }

    /// The numbers, if they are whole and not below zero.
    ///
    /// # Errors
    ///
    /// A phrase that says what is wrong.
    pub(crate) fn counts(&self) -> Result<Vec<u64>, String> {
        let (order, kind) = self.element_type.split_at(1);
        let (is_big, is_signed) = (order == ">", kind.starts_with('i'));
        let size: usize = kind.get(1..).and_then(|size| size.parse().ok()).unwrap_or(0);
        if !(kind.starts_with('u') || is_signed) || ![1, 2, 4, 8].contains(&size) {
            return Err(format!("its elements are {}: expected integers", self.element_type));
        }
        let numbers = self.bytes.chunks_exact(size).map(|bytes| {
            let digits = bytes.iter().map(|&byte| u64::from(byte));
            if is_big {
                digits.fold(0, |number, digit| number << 8 | digit)
            } else {
                digits.rev().fold(0, |number, digit| number << 8 | digit)
            }
        });
        let numbers: Vec<u64> = numbers.collect();
        match numbers.iter().find(|&&number| is_signed && number >> (8 * size - 1) == 1) {
            Some(_) => Err(String::from("it has numbers below zero")),
            None => Ok(numbers),
        }
    }
}

/// A header's dictionary, as text.
struct Header(String);

impl Header {
    /// What follows `'key':`.
    fn value(&self, key: &str) -> Option<&str> {
        let (_, rest) = self.0.split_once(&format!("'{key}':"))?;
        Some(rest.trim_start())
    }

    fn text(&self, key: &str) -> Option<String> {
        let quoted = self.value(key)?.strip_prefix('\'')?;
        let (text, _) = quoted.split_once('\'')?;
        text.is_ascii().then(|| String::from(text)).filter(|text| text.len() > 2)
    }

    fn word(&self, key: &str) -> Option<&str> {
        self.value(key)?.split(|letter: char| !letter.is_ascii_alphabetic()).next()
    }

    fn shape(&self) -> Option<Vec<usize>> {
        let (inner, _) = self.value("shape")?.strip_prefix('(')?.split_once(')')?;
        let sides = inner.split(',').map(str::trim).filter(|side| !side.is_empty());
        sides.map(|side| side.parse().ok()).collect()
    }
}

fn read_header(reader: &mut impl Read) -> Result<Header, String> {
    let start = read_at_most(reader, 8)?;
    let &[0x93, b'N', b'U', b'M', b'P', b'Y', major, _] = start.as_slice() else {
        return Err(String::from("it is not in NumPy's format"));
    };
    let length = read_at_most(reader, if major == 1 { 2 } else { 4 })?;
    let length = length.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte));
    if length > MAX_HEADER {
        return Err(format!("its header has {length} bytes: expected at most {MAX_HEADER}"));
    }
    let text = read_at_most(reader, length)?;
    String::from_utf8(text).map(Header).map_err(|_| String::from("its header is not text"))
}

/// Reads up to `limit` bytes; the buffer grows with what is read.
fn read_at_most(reader: &mut impl Read, limit: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = reader.take(limit as u64).read_to_end(&mut bytes);
    read.map(|_| bytes).map_err(|error| format!("it is damaged: {error}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file as NumPy writes it.
    pub(crate) fn file(element_type: &str, shape: &str, content: &[u8]) -> Vec<u8> {
        let header =
            format!("{{'descr': '{element_type}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), content].concat()
    }

    fn read(bytes: &[u8]) -> Result<Array, String> {
        Array::read(bytes)
    }

    #[test]
    fn arrays_have_a_type_a_shape_and_numbers() {
        let array = read(&file("|u1", "(2, 3)", &[1, 2, 3, 4, 5, 6])).unwrap();
        assert_eq!((array.shape, array.bytes[5]), (vec![2, 3], 6));
        assert_eq!(read(&file("|u1", "(1,)", &[9])).unwrap().shape, [1]);
    }

    #[test]
    fn integers_of_every_size_and_order_are_counts() {
        let counts = |kind: &str, bytes: &[u8]| read(&file(kind, "(2,)", bytes)).unwrap().counts();
        assert_eq!(counts("|u1", &[3, 255]).unwrap(), [3, 255]);
        assert_eq!(counts("<u2", &[1, 2, 0, 1]).unwrap(), [513, 256]);
        assert_eq!(counts(">i4", &[0, 0, 1, 2, 0, 0, 0, 7]).unwrap(), [258, 7]);
        assert_eq!(
            counts("<i8", &[[5, 0, 0, 0, 0, 0, 0, 0], [6, 0, 0, 0, 0, 0, 0, 0]].concat()).unwrap(),
            [5, 6]
        );
        assert!(counts("|i1", &[3, 255]).unwrap_err().contains("below zero"));
        assert!(counts("<f4", &[0; 8]).unwrap_err().contains("expected integers"));
    }

    #[test]
    fn damaged_files_are_refused_with_a_reason() {
        let whole = file("|u1", "(2, 3)", &[0; 6]);
        for (bytes, part) in [
            (&whole[..5], "not in NumPy's format"),
            (&whole[..whole.len() - 1], "fewer than the 6 bytes"),
            (&[&whole[..], &[0]].concat(), "more than the 6 bytes"),
            (&file("|u1", "(99999999999, 99999999999)", &[]), "more than 4 GiB"),
            (&file("|O", "(2,)", &[]), "no element type"),
            (&file("|S5x", "(2,)", &[]), "expected numbers"),
            (&String::from_utf8_lossy(&[]).into_owned().into_bytes(), "not in NumPy's format"),
        ] {
            let problem = read(bytes).unwrap_err();
            assert!(problem.contains(part), "{part}: {problem}");
        }
        let fortran = String::from_utf8(file("|u1", "(1,)", b"a")[10..].to_vec()).unwrap();
        let fortran = fortran.replace("False", "True ");
        let bytes = [&whole[..8], &((fortran.len() - 1) as u16).to_le_bytes(), fortran.as_bytes()];
        assert!(read(&bytes.concat()).unwrap_err().contains("Fortran order"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            header in prop::collection::vec(any::<char>(), 0..80),
            bytes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let header: String = header.into_iter().collect();
            let length = (header.len() as u16).to_le_bytes();
            let file = [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), &bytes].concat();
            if let Ok(array) = read(&file) {
                let _ = array.counts();
            }
            let _ = read(&bytes);
        }
    }
}
