//! Classification: one of several classes for every image.

mod evaluation;
mod features;
mod loss;
mod report_files;
mod step;
mod warnings;

use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use data::SourceName;
use metrics::{Metrics, Predictions};
use model::{
    BURN_VERSION, Classifier, FORMAT_VERSION, ModelCard, Network, Origin, Plan, SlowLayer,
};
use runs::{EpochFigures, PROGRAM, Score};

use self::loss::{Loss, class_weights};
use self::step::{ClassifierBatch, ClassifierStep};
use self::warnings::{epoch_warning, result_warning, settings_warnings};
use crate::config::{Config, ConfigFile, DataConfig, Invalid, LossConfig};
use crate::images::Images;
use crate::inspection::data_warnings;
use crate::task::{Task, TestResults};

pub use self::evaluation::Evaluation;
pub use self::features::network_features;
pub use self::report_files::{Subject, learning_curves, write_predictions, write_report};

/// Learning the classes of a data set's images.
pub struct Classification {
    images: Images,
    source: SourceName,
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
        let preparation = images.source.preparation;
        if !preparation.makes(shape) {
            let kind = preparation.kind;
            let problem =
                format!("\"{kind}\" makes images of 1×28×28, but those to train on are {shape}");
            return Err(file.locate(&Invalid::new("input.kind", problem)).into());
        }
        let card = ModelCard {
            format_version: FORMAT_VERSION,
            program: PROGRAM.to_owned(),
            burn: BURN_VERSION.to_owned(),
            input: plan.input(),
            preparation,
            normalization: images.normalization(&config.dataset),
            class_names: images.source.class_names.clone(),
            layers: config.model.layers.clone(),
            origin: Origin {
                seed: config.seed,
                epoch: 0,
                validation_loss: 0.0,
                validation_accuracy: 0.0,
            },
            weights_sha256: String::new(),
        };
        let (source, loss) = (config.dataset.source, config.loss.clone());
        Ok(Self { images, source, plan, loss, class_weights, card })
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

    fn to_device(batch: data::Batch, device: &Device) -> ClassifierBatch {
        let (labelled, images) = (batch.labelled(), batch.labelled() + batch.negatives());
        let data::ImageShape { channels, height, width } = batch.shape;
        let images = TensorData::new(batch.images, [images, channels, height, width]);
        let labels: Vec<i32> = batch.labels.into_iter().map(i32::from).collect();
        let targets = Tensor::<1, Int>::from_data(TensorData::new(labels, [labelled]), device);
        ClassifierBatch { images: Tensor::from_data(images, device), targets }
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

    fn warnings(&self, config: &Config) -> Vec<String> {
        let mut warnings = settings_warnings(config, &self.images);
        warnings.extend(data_warnings(&DataConfig::from(config), &self.images));
        warnings
    }

    fn epoch_warning(
        &self,
        history: &[EpochFigures],
        predicted: Option<[usize; 2]>,
    ) -> Option<String> {
        epoch_warning(history, predicted, &self.card.class_names)
    }

    fn result_warning(&self, best: &EpochFigures) -> Option<String> {
        result_warning(best.validation.accuracy, self.images.most_common_class())
    }

    fn test<'a>(
        &'a self,
        folder: &Path,
        device: &Device,
    ) -> anyhow::Result<Box<dyn TestResults + 'a>> {
        let classifier = Classifier::open(folder, device)?;
        let test = &self.images.source.test;
        let evaluation = Evaluation::new(&classifier, test, (0..test.len()).collect())?;
        let predictions = evaluation.predictions()?;
        let metrics = Metrics::of(&predictions);
        Ok(Box::new(TestedClassifier { task: self, classifier, evaluation, predictions, metrics }))
    }
}

/// A classifier's predictions for the test split.
struct TestedClassifier<'a> {
    task: &'a Classification,
    classifier: Classifier,
    evaluation: Evaluation,
    predictions: Predictions,
    metrics: Metrics,
}

impl TestResults for TestedClassifier<'_> {
    fn score(&self) -> Score {
        self.evaluation.score()
    }

    fn speed_note(&self) -> Option<String> {
        self.classifier.slow_layer().map(SlowLayer::message)
    }

    fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    fn write_predictions(&self, folder: &Path) -> anyhow::Result<()> {
        write_predictions(folder, &self.evaluation)
    }

    fn write_report(
        &self,
        folder: &Path,
        title: &str,
        subtitle: &str,
        history: &[EpochFigures],
    ) -> anyhow::Result<()> {
        let set = &self.task.images.source.test;
        let subject = Subject {
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            features: &|indices, take| network_features(&self.classifier, set, indices, take),
            set,
            mislabelled: self.task.source.label_errors(),
            history,
        };
        write_report(folder, &self.evaluation, &self.predictions, &self.metrics, &subject)
    }
}
