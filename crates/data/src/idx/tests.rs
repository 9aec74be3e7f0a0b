use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;

fn images() -> Vec<u8> {
    let header = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3];
    [&header[..], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]].concat()
}

fn labels() -> Vec<u8> {
    vec![0, 0, 8, 1, 0, 0, 0, 2, 1, 0]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn images_problem(bytes: &[u8]) -> String {
    read_images(bytes).unwrap_err().to_string()
}

#[test]
fn plain_and_gzipped_files_read_the_same() {
    for bytes in [images(), gzip(&images())] {
        let images = read_images(&bytes).unwrap();
        assert_eq!(
            (images.count, images.shape),
            (2, ImageShape { channels: 1, height: 2, width: 3 })
        );
        assert_eq!(images.pixels, (1..=12).collect::<Vec<u8>>());
    }
    assert_eq!(read_labels(&labels()).unwrap(), [1, 0]);
    assert_eq!(read_labels(&gzip(&labels())).unwrap(), [1, 0]);
}

#[test]
fn wrong_header_is_named() {
    let changed = |offset: usize, byte: u8| {
        let mut bytes = images();
        bytes[offset] = byte;
        images_problem(&bytes)
    };
    assert_eq!(changed(0, 0x89), "starts with 89 00: expected 00 00, is it an IDX file?");
    assert_eq!(
        changed(2, 0x0d),
        "has the element type 0d at offset 2: expected 08, unsigned bytes"
    );
    assert_eq!(
        images_problem(&labels()),
        "has 1 dimensions at offset 3: expected 3, 3 for images and 1 for labels"
    );
    assert_eq!(changed(7, 0), "declares the sizes [0, 2, 3]: expected none to be zero");
    assert_eq!(changed(15, 0), "declares the sizes [2, 2, 0]: expected none to be zero");
    assert_eq!(images_problem(&[]), "ends after 0 bytes: expected a header of 16 bytes");
    assert_eq!(images_problem(&images()[..9]), "ends after 9 bytes: expected a header of 16 bytes");
}

#[test]
fn content_of_another_length_is_refused() {
    for pack in [<[u8]>::to_vec, gzip] as [fn(&[u8]) -> Vec<u8>; 2] {
        let short = pack(&images()[..20]);
        assert_eq!(images_problem(&short), "ends after 4 of the 12 bytes that its header declares");
        let long = pack(&[images(), vec![0]].concat());
        assert_eq!(images_problem(&long), "continues after the 12 bytes that its header declares");
    }
}

#[test]
fn damaged_gzip_is_refused() {
    let packed = gzip(&images());
    for length in 2..packed.len() {
        assert!(
            matches!(read_images(&packed[..length]), Err(IdxError::Gzip(_))),
            "cut to {length} bytes"
        );
    }
    let mut wrong_sum = packed.clone();
    wrong_sum[packed.len() - 8] ^= 1;
    assert!(matches!(read_images(&wrong_sum), Err(IdxError::Gzip(_))));
    assert!(matches!(read_images(&[packed, vec![1]].concat()), Err(IdxError::Gzip(_))));
}

#[test]
fn declared_sizes_allocate_nothing() {
    let mut bytes = images();
    bytes[4..16].fill(0xff);
    assert!(matches!(read_images(&bytes), Err(IdxError::TooLarge { .. })));
    // One image of 65,535 × 65,535 is just below the limit.
    for (at, byte) in [(4, 0), (5, 0), (6, 0), (7, 1), (8, 0), (9, 0), (12, 0), (13, 0)] {
        bytes[at] = byte;
    }
    assert!(matches!(read_images(&bytes), Err(IdxError::Truncated { found: 12, .. })));
}

#[test]
fn decompression_stops_after_the_declared_size() {
    let bomb = gzip(&[images(), vec![0; 100_000_000]].concat());
    assert!(matches!(read_images(&bomb), Err(IdxError::TrailingBytes { expected: 12 })));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (read_images(&bytes), read_labels(&bytes));
        let headed = [&[0, 0, 8, 3], bytes.as_slice()].concat();
        let _ = (read_images(&headed), read_images(&gzip(&headed)));
        let gzip_magic = [&[0x1f, 0x8b, 8], bytes.as_slice()].concat();
        let _ = read_labels(&gzip_magic);
    }

    #[test]
    fn mutated_files_never_panic_and_stay_consistent(
        offset in 0..28_usize, byte: u8, length in 0..=28_usize, packed: bool,
    ) {
        let mut bytes = images();
        bytes[offset] = byte;
        bytes.truncate(length);
        let bytes = if packed { gzip(&bytes) } else { bytes };
        if let Ok(images) = read_images(&bytes) {
            prop_assert_eq!(images.pixels.len(), images.count * images.shape.pixels());
        }
    }

    #[test]
    fn mutated_gzip_never_panics(offset in 0..40_usize, byte: u8) {
        let mut bytes = gzip(&images());
        let offset = offset % bytes.len();
        bytes[offset] = byte;
        let _ = read_images(&bytes);
    }
}
