//! From pictures to probabilities.

use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, TensorReadError};
use data::{Image, ImageShape, Normalizer, rotate_and_scale};
use kernels::Pipeline;

use crate::card::{Calibration, ModelCard, MultiLabel};
use crate::inference_batch::images_that_fit;
use crate::model_files::ModelFiles;
use crate::network::Network;
use crate::prediction::Prediction;
use crate::stored_model::{ArtifactError, StoredModel, load_model};

/// The views of a doubtful image besides the image itself: an angle in radians, and a scale.
const VIEWS: [[f32; 2]; 4] = [[0.15, 1.0], [-0.15, 1.0], [0.0, 0.85], [0.0, 1.12]];

/// A network with everything that is needed to use it.
///
/// ```
/// use burn::tensor::Device;
/// use data::Image;
/// use model::Classifier;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let classifier = Classifier::open("../../artifacts/cnn".as_ref(), &Device::default())?;
/// // A light stroke on black, two pixels wide and twenty high.
/// let is_ink = |at: usize| (4..24).contains(&(at / 28)) && (13..15).contains(&(at % 28));
/// let pixels = (0..28 * 28).map(|at| if is_ink(at) { 255 } else { 0 }).collect();
/// let image = Image::new(classifier.input(), pixels)?;
/// for prediction in classifier.classify(&[image])? {
///     assert_eq!(classifier.class_names()[prediction.class], "1");
///     assert!(prediction.confidence() > 0.9);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Classifier {
    network: Network,
    device: Device,
    /// The same network as kernels without tensors, which is faster on a CPU.
    pipeline: Option<Pipeline>,
    /// Why there is no pipeline on a CPU.
    card: ModelCard,
    normalizer: Normalizer,
    /// Images that go through the modules at once.
    inference_batch: usize,
}

/// Why images cannot be classified.
#[derive(Debug, thiserror::Error)]
pub enum ClassifyError {
    /// An image is not of the model's shape.
    #[error("image {index} is {found} (channels×height×width), but the model takes {expected}")]
    Shape {
        /// Index of the image among those given.
        index: usize,
        /// The model's shape.
        expected: ImageShape,
        /// The image's shape.
        found: ImageShape,
    },
    /// The device failed.
    #[error("the device could not compute the answers: {0:?}")]
    Device(TensorReadError),
}

impl Classifier {
    /// Loads the model in `folder` (`model.json` and `model.bpk`) onto `device`.
    ///
    /// # Errors
    /// Those of [`Self::load`].
    pub fn open(folder: &Path, device: &Device) -> Result<Self, ArtifactError> {
        Self::load(&ModelFiles::in_folder(folder), device)
    }

    /// Loads the model in `files` onto `device`.
    ///
    /// # Errors
    /// When a file is missing, damaged, of a newer format, or does not fit the other.
    pub fn load(files: &ModelFiles, device: &Device) -> Result<Self, ArtifactError> {
        let StoredModel { card, plan, network, normalizer } = load_model(files, device)?;
        let network = network.valid();
        let pipeline = kernels::work_on(device).then(|| network.pipeline(card.input));
        let (device, inference_batch) = (device.clone(), plan.inference_batch());
        Ok(Self { network, device, pipeline, card, normalizer, inference_batch })
    }

    /// Shape of the images it takes.
    #[must_use]
    pub fn input(&self) -> ImageShape {
        self.card.input
    }

    /// Names of the classes, in the order of [`Prediction::log_probabilities`].
    #[must_use]
    pub fn class_names(&self) -> &[String] {
        &self.card.class_names
    }

    /// How several classes of an image are predicted; `None` if each image is of one class.
    #[must_use]
    pub fn multi_label(&self) -> Option<&MultiLabel> {
        self.card.multi_label.as_ref()
    }

    /// How probabilities and scores are calibrated; `None` if they are not.
    #[must_use]
    pub fn calibration(&self) -> Option<&Calibration> {
        self.card.calibration.as_ref()
    }

    /// The same model with another calibration, or without one, to calibrate it anew.
    #[must_use]
    pub fn with_calibration(mut self, calibration: Option<Calibration>) -> Self {
        self.card.calibration = calibration;
        self
    }

    /// The model's card.
    #[must_use]
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// Images that [`Self::classify`] computes at once, 1 to 1000, few of a large shape: who reads
    /// more of them at a time needs more memory and gains nothing.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        // A pipeline divides a batch among threads by itself, and needs only the input at once.
        if self.pipeline.is_some() {
            images_that_fit(self.input().pixels())
        } else {
            self.inference_batch
        }
    }

    /// Classifies `images`, in order.
    ///
    /// # Errors
    /// When an image has another shape than [`Self::input`], or the device fails.
    pub fn classify(&self, images: &[Image]) -> Result<Vec<Prediction>, ClassifyError> {
        self.check(images)?;
        let mut predictions = Vec::with_capacity(images.len());
        for batch in images.chunks(self.batch_size()) {
            predictions.extend(self.predict(self.normalized(batch))?);
        }
        Ok(predictions)
    }

    /// Classifies `images` as [`Self::classify`] does. The score of a doubtful image, by the model's
    /// [`Calibration`], is then the mean over several views of it: rotated both ways, smaller and larger.
    /// Those of images like the training images agree more than those of others, so that scores
    /// tell them apart better (test-time augmentation).
    ///
    /// # Errors
    /// As [`Self::classify`].
    pub fn classify_and_score(&self, images: &[Image]) -> Result<Vec<Prediction>, ClassifyError> {
        let mut predictions = self.classify(images)?;
        let Some(calibration) = self.calibration() else { return Ok(predictions) };
        let is_doubtful =
            |at: &usize| predictions[*at].score() < calibration.test_time_augmentation_below;
        let doubtful: Vec<usize> = (0..images.len()).filter(is_doubtful).collect();
        for batch in doubtful.chunks((self.batch_size() / VIEWS.len()).max(1)) {
            let views = batch.iter().flat_map(|&at| self.views(&images[at])).collect();
            let views = self.predict(views)?;
            for (&at, views) in batch.iter().zip(views.chunks_exact(VIEWS.len())) {
                predictions[at].add_views(views);
            }
        }
        Ok(predictions)
    }

    /// The predictions for normalized images, `[batch, channels, height, width]`.
    fn predict(&self, images: Vec<f32>) -> Result<Vec<Prediction>, ClassifyError> {
        let logits = match &self.pipeline {
            Some(pipeline) => pipeline.run(&images),
            None => read(self.network.forward(self.tensor(images)))?,
        };
        let rows = logits.chunks(self.class_names().len());
        let temperature = self.calibration().map_or(1.0, |calibration| calibration.temperature);
        Ok(if self.multi_label().is_some() {
            rows.map(Prediction::sigmoid).collect()
        } else {
            rows.map(|row| Prediction::softmax(row, temperature)).collect()
        })
    }

    /// The views of an image, normalized: `[views, channels, height, width]`.
    fn views(&self, image: &Image) -> Vec<f32> {
        let normalized = self.normalized(std::slice::from_ref(image));
        let view = |[angle, scale]: [f32; 2]| {
            let mut view = normalized.clone();
            rotate_and_scale(self.input(), angle, scale, &mut view);
            view
        };
        VIEWS.into_iter().flat_map(view).collect()
    }

    /// Gives `take` the input of the network's last linear layer for each of `images`, in order; not
    /// all at once, because they can be larger than the images.
    ///
    /// # Errors
    /// As [`Self::classify`].
    pub fn features(
        &self,
        images: &[Image],
        mut take: impl FnMut(&[f32]),
    ) -> Result<(), ClassifyError> {
        self.check(images)?;
        for batch in images.chunks(self.inference_batch) {
            let rows = self.network.features(self.tensor(self.normalized(batch))); // [batch, features]
            let [_, width] = rows.dims();
            read(rows)?.chunks(width.max(1)).for_each(&mut take);
        }
        Ok(())
    }

    /// Refuses images of another shape than the network's input.
    fn check(&self, images: &[Image]) -> Result<(), ClassifyError> {
        let expected = self.input();
        match images.iter().position(|image| image.shape() != expected) {
            Some(index) => {
                Err(ClassifyError::Shape { index, expected, found: images[index].shape() })
            }
            None => Ok(()),
        }
    }

    /// Normalized images, `[batch, channels, height, width]`, on the network's device.
    fn tensor(&self, images: Vec<f32>) -> Tensor<4> {
        let ImageShape { channels, height, width } = self.input();
        let shape = [images.len() / self.input().pixels(), channels, height, width];
        Tensor::from_data(TensorData::new(images, shape), &self.device)
    }

    /// The network's input: `[batch, channels, height, width]`, normalized.
    fn normalized(&self, images: &[Image]) -> Vec<f32> {
        let size = self.input().pixels();
        let mut values = vec![0.0; images.len() * size];
        for (image, out) in images.iter().zip(values.chunks_mut(size)) {
            self.normalizer.apply(image.pixels(), out);
        }
        values
    }
}

/// The numbers of a tensor, row after row.
fn read(rows: Tensor<2>) -> Result<Vec<f32>, ClassifyError> {
    rows.try_into_vec_as::<f32>().map_err(ClassifyError::Device)
}
