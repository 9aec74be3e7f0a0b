//! Classification: one of several classes for every image.

mod calibrate;
mod corruptions;
mod evaluation;
mod features;
mod loss;
mod report_files;
mod results;
mod step;

use std::path::Path;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use data::{Partners, Targets};
use model::{Classifier, ModelCard, Network, Plan, save_card};
use runs::EpochFigures;

use self::calibrate::calibrate;
use self::loss::{Loss, class_weights};
use self::step::{ClassifierBatch, ClassifierStep};
use crate::config::{Config, ConfigFile, LossConfig};
use crate::images::Images;
use crate::task::card::new_card;
use crate::task::classify_images::{classify_images, score_images};
use crate::task::warnings::epoch_warning;
use crate::task::{Task, ToDevice};

pub use self::corruptions::CorruptionTest;
pub use self::evaluation::Evaluation;
pub use self::features::network_features;
pub use self::report_files::Extract;
pub use self::results::ClassificationResults;

/// Learning the classes of a data set's images.
pub struct Classification {
    images: Images,
    plan: Plan,
    loss: LossConfig,
    class_weights: Option<Vec<f32>>,
    card: ModelCard,
}

impl Classification {
    /// The task that `config` describes, on `images`.
    ///
    /// # Errors
    /// When the network or the loss does not fit the images.
    pub fn new(config: &Config, file: &ConfigFile, images: Images) -> anyhow::Result<Self> {
        let shape = images.source.train.shape();
        let plan = config.plan(file, shape, images.source.class_names.len())?;
        let class_weights = class_weights(&config.loss, &images.train_images_per_class())
            .map_err(|invalid| file.locate(&invalid))?;
        let card = new_card(config, file, &images, &plan, None)?;
        Ok(Self { images, plan, loss: config.loss.clone(), class_weights, card })
    }
}

impl Task for Classification {
    type Batch = ClassifierBatch;
    type Model = ClassifierStep;

    fn images(&self) -> &Images {
        &self.images
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn to_device(&self) -> ToDevice<ClassifierBatch> {
        Arc::new(to_device)
    }

    fn init(&self, device: &Device) -> ClassifierStep {
        let network = self.plan.init(device);
        let loss = Loss::new(&self.loss, self.class_weights.clone(), device);
        ClassifierStep { network, loss }.train()
    }

    fn network(model: ClassifierStep) -> Network {
        model.network
    }

    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn epoch_warning(
        &self,
        history: &[EpochFigures],
        predicted: Option<[usize; 2]>,
    ) -> Option<String> {
        let names = &self.card.class_names;
        epoch_warning(history, predicted, names, (names.len() as f64).ln())
    }

    /// Chooses temperature and score threshold on the validation images, as they are without augmentation.
    fn complete_model(&self, folder: &Path, device: &Device) -> anyhow::Result<Option<String>> {
        let classifier = Classifier::open(folder, device)?.with_calibration(None);
        let card = classifier.card().clone();
        let (set, validation) = (&self.images.source.train, &self.images.split.validation);
        let predictions = classify_images(&classifier, set, validation)?;
        let labels: Vec<usize> = validation.iter().map(|&at| set.labels()[at].into()).collect();
        let (calibration, message) = calibrate(&predictions, &labels, |draft| {
            score_images(&classifier.with_calibration(Some(draft)), set, validation)
        })?;
        save_card(folder, &ModelCard { calibration, ..card })?;
        Ok(message)
    }
}

fn to_device(batch: data::Batch, device: &Device) -> ClassifierBatch {
    let data::ImageShape { channels, height, width } = batch.shape;
    let count = batch.images.len() / batch.shape.pixels();
    let images = TensorData::new(batch.images, [count, channels, height, width]);
    let partners = batch.partners.map(|Partners { targets, shares }| {
        let count = shares.len();
        let shares = Tensor::from_data(TensorData::new(shares, [count]), device);
        (classes(&targets, device), shares)
    });
    ClassifierBatch {
        images: Tensor::from_data(images, device),
        targets: classes(&batch.targets, device),
        partners,
        views: batch.views,
    }
}

/// The class of each image: `[images]`.
fn classes(targets: &Targets, device: &Device) -> Tensor<1, Int> {
    // Images of several classes are refused when they are loaded for this task.
    let classes: Vec<i32> =
        targets.single().unwrap_or_default().into_iter().map(i32::from).collect();
    let count = classes.len();
    Tensor::from_data(TensorData::new(classes, [count]), device)
}
