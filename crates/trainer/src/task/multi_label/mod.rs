//! Multi-label: any number of classes for every image, each predicted by itself.

mod evaluation;
mod loss;
mod results;
mod step;

use std::path::Path;
use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use metrics::{UNDECIDED, best_f1_thresholds};
use model::{Classifier, ModelCard, MultiLabel, Network, Plan, save_card};
use runs::EpochFigures;

use self::evaluation::LabelEvaluation;
use self::loss::{BinaryCrossEntropy, positive_weights};
use self::step::{LabelBatch, LabelStep};
use crate::config::{Config, ConfigFile, LossConfig};
use crate::images::Images;
use crate::task::card::new_card;
use crate::task::warnings::epoch_warning;
use crate::task::{Task, ToDevice};

pub use self::results::MultiLabelResults;

/// Learning which classes images show.
pub struct MultiLabelTask {
    images: Images,
    plan: Plan,
    loss: LossConfig,
    positive_weights: Option<Vec<f32>>,
    card: ModelCard,
}

impl MultiLabelTask {
    /// The task that `config` describes, on `images`.
    ///
    /// # Errors
    /// When the network or the loss does not fit the images.
    pub fn new(config: &Config, file: &ConfigFile, images: Images) -> anyhow::Result<Self> {
        let classes = images.source.class_names.len();
        let plan = config.plan(file, images.source.train.shape(), classes)?;
        let (counts, trained) = (images.train_images_per_class(), images.split.train.len());
        let positive_weights = positive_weights(&config.loss, &counts, trained)
            .map_err(|invalid| file.locate(&invalid))?;
        // The thresholds are chosen when all epochs are trained.
        let multi_label = MultiLabel { thresholds: vec![UNDECIDED; classes] };
        let card = new_card(config, file, &images, &plan, Some(multi_label))?;
        Ok(Self { images, plan, loss: config.loss.clone(), positive_weights, card })
    }
}

impl Task for MultiLabelTask {
    type Batch = LabelBatch;
    type Model = LabelStep;

    fn images(&self) -> &Images {
        &self.images
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn to_device(&self) -> ToDevice<LabelBatch> {
        let classes = self.images.source.class_names.len();
        Arc::new(move |batch, device| to_device(batch, classes, device))
    }

    fn init(&self, device: &Device) -> LabelStep {
        let network = self.plan.init(device);
        let loss = BinaryCrossEntropy::new(&self.loss, self.positive_weights.as_deref(), device);
        LabelStep { network, loss }.train()
    }

    fn network(model: LabelStep) -> Network {
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
        let guessing = std::f64::consts::LN_2;
        epoch_warning(history, predicted, &self.card.class_names, guessing)
    }

    /// Chooses the threshold of each class that maximizes F1 on the validation images.
    fn complete_model(&self, folder: &Path, device: &Device) -> anyhow::Result<Option<String>> {
        let classifier = Classifier::open(folder, device)?;
        let validation = self.images.split.validation.clone();
        let evaluation = LabelEvaluation::new(&classifier, &self.images.source.train, validation)?;
        let thresholds = best_f1_thresholds(&evaluation.predictions()?);
        let multi_label = Some(MultiLabel { thresholds });
        save_card(folder, &ModelCard { multi_label, ..classifier.card().clone() })?;
        Ok(None)
    }
}

fn to_device(batch: data::Batch, classes: usize, device: &Device) -> LabelBatch {
    let images = batch.labelled();
    let data::ImageShape { channels, height, width } = batch.shape;
    let mut targets = vec![0.0_f32; images * classes];
    for (index, row) in targets.chunks_exact_mut(classes).enumerate() {
        for &class in batch.targets.classes(index) {
            row[usize::from(class)] = 1.0;
        }
    }
    let pixels = TensorData::new(batch.images, [images, channels, height, width]);
    LabelBatch {
        images: Tensor::from_data(pixels, device),
        targets: Tensor::from_data(TensorData::new(targets, [images, classes]), device),
    }
}
