//! The source `mnist` (`LeCun` et al. 1998), compiled in, so that the first training needs no
//! network. `mnist/README.md` has its authors and licence.

use super::definition::{Request, Source};
use super::idx_files::{IdxFile, IdxFiles, NAMES, join};
use super::loaded::LoadedDataset;
use crate::error::DataError;

const FILES: [&[u8]; 4] = [
    include_bytes!("../../mnist/train-images-idx3-ubyte.gz"),
    include_bytes!("../../mnist/train-labels-idx1-ubyte.gz"),
    include_bytes!("../../mnist/t10k-images-idx3-ubyte.gz"),
    include_bytes!("../../mnist/t10k-labels-idx1-ubyte.gz"),
];

/// Handwritten digits: 60,000 training and 10,000 test images of 1×28×28.
pub(crate) const SOURCE: Source = Source {
    name: "mnist",
    load,
    mnist_form: true,
    reads_pictures: false,
    label_errors: &LABEL_ERRORS,
    keys: &[],
};

/// Indices of test images that people read differently from their labels.
const LABEL_ERRORS: [usize; 10] = [947, 1621, 1901, 2462, 2597, 3558, 5937, 6651, 6783, 9729];

fn load(request: &mut Request) -> Result<LoadedDataset, DataError> {
    request.refuse_path()?;
    let files: IdxFiles = std::array::from_fn(|index| IdxFile {
        path: format!("embedded MNIST, {}", NAMES[index]).into(),
        bytes: FILES[index].into(),
    });
    join(&files, Some(10), request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::sha256;
    use crate::idx::decompress;
    use crate::normalization::Normalization;
    use crate::shape::ImageShape;

    #[test]
    fn embedded_files_are_the_original_ones() {
        let expected = [
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ];
        for (file, expected) in FILES.iter().zip(expected) {
            let mut raw = Vec::new();
            decompress(file).read_to_end(&mut raw).unwrap();
            assert_eq!(sha256(&raw), expected);
        }
    }

    #[test]
    fn figures_are_the_published_ones() {
        let LoadedDataset { train, test, class_names, .. } =
            load(&mut Request::in_test(SOURCE.name, None)).unwrap();
        assert_eq!((train.len(), test.len(), class_names.len()), (60_000, 10_000, 10));
        assert_eq!(train.shape(), ImageShape { channels: 1, height: 28, width: 28 });
        assert_eq!(
            (&train.labels()[..5], &test.labels()[..3]),
            (&[5, 0, 4, 1, 9][..], &[7, 2, 1][..])
        );
        let everything: Vec<usize> = (0..train.len()).collect();
        let Normalization { mean, standard_deviation } = Normalization::of(&train, &everything);
        assert!((mean[0] - 0.1307).abs() < 1e-4 && (standard_deviation[0] - 0.3081).abs() < 1e-4);
    }
}
