//! The source `fashion-mnist` (H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST", 2017),
//! downloaded once.

use super::definition::Source;
use super::idx_files::NAMES;
use super::published::{PublishedDataset, PublishedFile};

/// Pictures of clothes: 60,000 training and 10,000 test images of 1×28×28.
pub(crate) const SOURCE: Source = Source {
    name: "fashion-mnist",
    load: |request| DATASET.load(request),
    mnist_form: false,
    reads_pictures: false,
    label_errors: &[],
    keys: &[],
};

const DATASET: PublishedDataset = PublishedDataset {
    mirror: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
    files: [
        PublishedFile {
            name: NAMES[0],
            size: 47_040_016,
            sha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        },
        PublishedFile {
            name: NAMES[1],
            size: 60_008,
            sha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        },
        PublishedFile {
            name: NAMES[2],
            size: 7_840_016,
            sha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        },
        PublishedFile {
            name: NAMES[3],
            size: 10_008,
            sha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        },
    ],
    class_names: &CLASS_NAMES,
};

/// The classes, in the order of their labels.
const CLASS_NAMES: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

#[cfg(test)]
mod tests {
    use std::env;
    use std::path::PathBuf;

    use super::super::definition::Request;
    use super::super::idx;
    use super::*;

    /// Where Debian's package `dataset-fashion-mnist` puts the real files.
    const DEBIAN: &str = "/usr/share/datasets/fashion-mnist";

    #[test]
    #[allow(clippy::print_stderr, reason = "a skipped test says so")]
    fn real_files_load_with_their_published_figures() {
        let folder =
            env::var_os("GLYPH_TEST_FASHION").map_or_else(|| PathBuf::from(DEBIAN), PathBuf::from);
        if !folder.is_dir() {
            eprintln!(
                "SKIPPED: {} is no folder; install dataset-fashion-mnist or set GLYPH_TEST_FASHION",
                folder.display()
            );
            return;
        }
        let load = |source: &Source| {
            (source.load)(&mut Request::in_test(source.name, Some(&folder))).unwrap()
        };
        let (fashion, idx) = (load(&SOURCE), load(&idx::SOURCE));
        assert_eq!((fashion.train.len(), fashion.test.len()), (60_000, 10_000));
        assert_eq!(fashion.class_names[9], "Ankle boot");
        assert_eq!(fashion.train.labels()[..4], [9, 0, 0, 3]);
        assert_eq!(
            (idx.train.class_count(), idx.test.image(9_999).unwrap().pixels()),
            (10, fashion.test.image(9_999).unwrap().pixels())
        );
    }
}
