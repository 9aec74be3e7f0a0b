//! `trainer train`: from a config to a stored, tested model.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use burn::module::Module;
use burn::tensor::Device;
use burn::train::{Interrupter, Learner, SupervisedTraining, TrainingStrategy};
use data::{ImageShape, Loader, LoaderOptions, Normalizer};
use model::{
    BURN_VERSION, Classifier, FORMAT_VERSION, ModelCard, NamedDevice, Origin, Plan, open_device,
};
use report::Metrics;

use crate::changes::Changes;
use crate::checkpoint::{self, Always, PartSender, RunState};
use crate::command_line::TrainOptions;
use crate::config::{Config, layer_key};
use crate::config_file::ConfigFile;
use crate::console::{self, Console, Verbosity, duration};
use crate::dataset::data_warnings;
use crate::doubts::{about_result, about_settings};
use crate::epoch_loop::{EpochLoop, Session, Stop};
use crate::evaluate::{describe, mislabelled};
use crate::evaluation::Evaluation;
use crate::event_file::EventFiles;
use crate::feed::Feed;
use crate::images::{Images, data_error};
use crate::interrupt;
use crate::layer_table::{grouped, layer_table};
use crate::metrics::{csv, curves};
use crate::report_files::{self, Subject};
use crate::run_directory::RunDirectory;
use crate::run_log;
use crate::run_report::{PROGRAM, RunReport, Status};
use crate::schedule::Schedule;
use crate::silent::Silent;
use crate::stored_run::folder_name;
use crate::trainee::Trainee;

/// Validation images that go through the network at once.
const VALIDATION_BATCH: usize = 250;

/// How a training ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Complete,
    Interrupted,
}

/// Trains as `options` say, keeps the best epoch's weights and evaluates them on the test split.
pub fn train(options: &TrainOptions) -> anyhow::Result<Ending> {
    kernels::keep_freed_memory();
    let mut console = Console::new(verbosity(options));
    let (file, mut config) = read_config(options)?;
    let asked = options.compute.device.as_deref().or(config.device.as_deref());
    let kernels = options.compute.kernels.unwrap_or(config.kernels);
    let device = open_device(asked, kernels)?;
    config.device = Some(device.name.clone());
    config.kernels = kernels;

    let images = Images::load(&config, &file, &mut console)?;
    let source = &images.source;
    let plan = plan(&config, &file, source.train.shape(), source.class_names.len())?;
    let card = new_card(&config, &images, &plan);
    let autodiff = device.device.clone().autodiff();
    let normalizer = Normalizer::new(&card.normalization, card.input)
        .map_err(|error| data_error(&file, error))?;
    let (train_feed, validation_feed) =
        feeds(&config, &file, &images, normalizer, &device.device, &autodiff)?;
    let mut learner = learner(&config, &file, &images, &plan, &train_feed, &autodiff)?;

    // Every mistake in the config has been found by now: a refused run leaves no folder behind.
    let directory = open_directory(options, &resolved(&config)?)?;
    run_log::open(directory.log()?);
    introduce(&console, &config, &device, &images, &plan, directory.path());
    let config_sha256 = directory.config_sha256()?;
    let state = checkpoint::load(&directory.checkpoints(), &config_sha256, &mut learner)?
        .unwrap_or_else(|| RunState { config_sha256, ..RunState::default() });
    if options.resume.is_some() {
        console.say(&format!("resuming in epoch {} after {} steps", state.epoch(), state.step));
    }

    let (parts, checkpoints) = checkpoint::channel(&directory.checkpoints());
    let report = new_report(&config, &device, &images, &plan, &state);
    directory.write_metrics(&csv(&state.history))?;
    report.write(&directory)?;
    // A run that goes on keeps what it has begun.
    let event_files = (options.tensorboard || directory.tensorboard().is_dir())
        .then(|| EventFiles::open(directory.tensorboard(), &state.history))
        .transpose()?;
    let epoch_loop = Arc::new(EpochLoop::new(Session {
        epochs: config.train.epochs,
        early_stopping: config.train.early_stopping,
        checkpoint_after: Duration::from_secs_f64(60.0 * options.checkpoint_minutes),
        seed: config.seed,
        device: autodiff,
        feed: train_feed,
        state,
        checkpoints,
        directory,
        event_files,
        console,
        card,
        report,
    }));
    let stop = launch(&epoch_loop, learner, validation_feed, parts);
    let session = &mut epoch_loop.session();
    let ending = stop.and_then(|stop| finish(session, stop, &config, &images, &device));
    if let Err(error) = &ending {
        session.report.status = Status::Failed;
        session.report.error = Some(console::with_causes(error));
        // On a full disk this fails as well; the first error is the one to tell.
        let _ = session.report.write(&session.directory);
    }
    ending
}

/// Lets Burn's Learner run the loop to its end, or to the first Ctrl-C.
fn launch(
    epoch_loop: &Arc<EpochLoop>,
    learner: Learner<Trainee>,
    validation: Feed,
    [network, optimizer, schedule]: [PartSender; 3],
) -> anyhow::Result<Stop> {
    let interrupter = Interrupter::new();
    interrupt::listen(&interrupter)?;
    // The loop locks the session while it runs, so what Burn is told must be copied before.
    let (folder, train, epochs) = {
        let session = epoch_loop.session();
        (session.directory.path().to_owned(), session.feed.clone(), session.epochs)
    };
    let result = SupervisedTraining::<Trainee>::new(folder, Arc::new(train), Arc::new(validation))
        .num_epochs(epochs)
        .with_training_strategy(TrainingStrategy::Custom(epoch_loop.clone()))
        .with_custom_checkpointers(network, optimizer, schedule)
        .with_checkpointing_strategy(Always)
        .with_interrupter(interrupter)
        .with_application_logger(None)
        .with_metric_logger(Silent)
        .renderer(Box::new(Silent))
        .launch(learner);
    let outcome = epoch_loop.take_outcome().context("the training loop did not run")?;
    match result.error {
        // Burn keeps its own errors to itself unless asked.
        Some(error) => outcome.and(Err(anyhow!("{error}"))),
        None => outcome,
    }
}

fn verbosity(options: &TrainOptions) -> Verbosity {
    if options.quiet {
        Verbosity::Quiet
    } else if options.json {
        Verbosity::Json
    } else {
        Verbosity::Text
    }
}

/// The config to train, or that of the run to resume.
fn read_config(options: &TrainOptions) -> anyhow::Result<(ConfigFile, Config)> {
    let resumed = options.resume.as_deref().map(RunDirectory::config_of).transpose()?;
    let path = resumed.or(options.config.clone()).context("neither --config nor --resume")?;
    Ok(ConfigFile::read(&path, &options.set)?)
}

/// The network for images of `shape` in `classes` classes.
pub fn plan(
    config: &Config,
    file: &ConfigFile,
    shape: ImageShape,
    classes: usize,
) -> anyhow::Result<Plan> {
    Plan::new(&config.model.layers, shape, classes)
        .map_err(|error| file.locate_key(&layer_key(&error), error.to_string()).into())
}

/// The config as a run keeps it.
pub fn resolved(config: &Config) -> anyhow::Result<String> {
    toml::to_string(config).context("cannot write the resolved config")
}

fn open_directory(options: &TrainOptions, config: &str) -> anyhow::Result<RunDirectory> {
    if let Some(run) = &options.resume {
        return Ok(RunDirectory::resume(run)?);
    }
    let stem = options.config.as_deref().and_then(Path::file_stem);
    let name = stem.map_or_else(|| "run".into(), |stem| stem.to_string_lossy());
    let directory = RunDirectory::create(&name, options.output.as_deref(), options.overwrite)?;
    directory.write_config(config)?;
    Ok(directory)
}

/// Says what will be trained, on what, where.
fn introduce(
    console: &Console,
    config: &Config,
    device: &NamedDevice,
    images: &Images,
    plan: &Plan,
    run: &Path,
) {
    let count = |images: usize| grouped(images as u64);
    console.say(&format!(
        "{}: {} training, {} validation and {} test images of {}, {} classes\n{}device {} ({})\n\
         writing {}",
        config.dataset.source,
        count(images.split.train.len()),
        count(images.split.validation.len()),
        count(images.source.test.len()),
        images.source.train.shape(),
        images.source.class_names.len(),
        layer_table(plan),
        device.name,
        device.description,
        run.display(),
    ));
    for doubt in about_settings(config, images).iter().chain(&data_warnings(config, images)) {
        console.warn(doubt);
    }
}

/// The training and validation batches, on the devices that use them.
fn feeds(
    config: &Config,
    file: &ConfigFile,
    images: &Images,
    normalizer: Normalizer,
    device: &Device,
    autodiff: &Device,
) -> anyhow::Result<(Feed, Feed)> {
    let failed = |error| data_error(file, error);
    let shape = images.source.train.shape();
    let Changes { augmentation, line_negatives } = Changes::new(config, file, shape)?;
    let set = Arc::new(images.source.train.clone());
    let train = LoaderOptions {
        batch_size: config.train.batch_size,
        workers: config.train.loader_workers,
        seed: config.seed,
        shuffle: true,
        augmentation,
        line_negatives,
    };
    let validation = LoaderOptions {
        batch_size: VALIDATION_BATCH,
        shuffle: false,
        augmentation: None,
        line_negatives: None,
        ..train.clone()
    };
    let (train_indices, held_out) = (images.split.train.clone(), images.split.validation.clone());
    let train = Loader::new(set.clone(), train_indices, normalizer.clone(), train);
    let validation = Loader::new(set, held_out, normalizer, validation);
    Ok((
        Feed::new(train.map_err(failed)?, autodiff),
        Feed::new(validation.map_err(failed)?, device),
    ))
}

/// Network, loss, optimizer and schedule at the start of a run.
fn learner(
    config: &Config,
    file: &ConfigFile,
    images: &Images,
    plan: &Plan,
    train: &Feed,
    device: &Device,
) -> anyhow::Result<Learner<Trainee>> {
    device.seed(config.seed);
    let network = plan.init(device);
    let loss = config
        .loss
        .init(&images.train_images_per_class(), device)
        .map_err(|invalid| file.locate(&invalid))?;
    let optimizer = config.optimizer.init(config.clip);
    let peak = config.optimizer.learning_rate();
    let schedule = Schedule::new(config.schedule, peak, config.train.epochs, train.num_batches());
    Ok(Learner::new(Trainee { network, loss }.train(), optimizer, schedule))
}

fn new_card(config: &Config, images: &Images, plan: &Plan) -> ModelCard {
    ModelCard {
        format_version: FORMAT_VERSION,
        program: PROGRAM.to_owned(),
        burn: BURN_VERSION.to_owned(),
        input: plan.input(),
        normalization: images.normalization(config),
        class_names: images.source.class_names.clone(),
        layers: config.model.layers.clone(),
        origin: Origin {
            seed: config.seed,
            epoch: 0,
            validation_loss: 0.0,
            validation_accuracy: 0.0,
        },
        weights_sha256: String::new(),
    }
}

fn new_report(
    config: &Config,
    device: &NamedDevice,
    images: &Images,
    plan: &Plan,
    state: &RunState,
) -> RunReport {
    let dataset = config.dataset.source.to_string();
    let mut report =
        RunReport::new(device.name.clone(), device.description.clone(), config.seed, dataset);
    report.train_images = images.split.train.len();
    report.validation_images = images.split.validation.len();
    report.parameters = plan.parameters();
    report.multiply_adds = plan.multiply_adds();
    report.update(state);
    report
}

/// Reloads the best weights, evaluates them on the test split once, and writes the results.
fn finish(
    session: &mut Session,
    stop: Stop,
    config: &Config,
    images: &Images,
    device: &NamedDevice,
) -> anyhow::Result<Ending> {
    let Session { directory, console, report, state, .. } = session;
    let run = directory.path().display();
    report.update(state);
    if stop == Stop::Interrupted {
        report.status = Status::Interrupted;
        report.write(directory)?;
        let text = format!(
            "interrupted after {} steps, all progress saved; go on with: trainer --resume {run}",
            state.step
        );
        console.interrupted(&text, report);
        return Ok(Ending::Interrupted);
    }
    if stop == Stop::NoImprovement {
        let since = state.epochs_since_best();
        console.say(&format!("stopping early: {since} epochs without a lower validation loss"));
    }
    let best = state.best().ok_or_else(|| anyhow!("no epoch was trained"))?;
    if let Some(doubt) = about_result(best.validation.accuracy, images.commonest_class()) {
        console.warn(&doubt);
    }
    // It takes some seconds.
    console.say("testing, and drawing the report");
    let classifier = Classifier::load(directory.path(), &device.device)?;
    let test = &images.source.test;
    let evaluation = Evaluation::new(&classifier, test, (0..test.len()).collect())?;
    let score = evaluation.score();
    let predictions = evaluation.predictions()?;
    let metrics = Metrics::of(&predictions);
    report_files::write_predictions(directory.path(), &evaluation)?;
    let subject = Subject {
        title: format!("{} on {} test images", folder_name(directory.path())?, config.dataset.source),
        subtitle: format!("{PROGRAM} on {}", device.description),
        features: &|images| Ok(classifier.features(images)?),
        set: test,
        mislabelled: mislabelled(config),
        epochs: &curves(&state.history),
    };
    report_files::write_report(directory.path(), &evaluation, &predictions, &metrics, &subject)?;
    report.status = Status::Complete;
    report.test = Some(score);
    report.metrics = Some(metrics);
    report.write(directory)?;
    let summary = format!(
        "best epoch {} of {}, trained in {} ({} images/s)\ntest: {}\nmodel: {run}\n\
         report: {run}/{}",
        best.epoch,
        state.history.len(),
        duration(std::time::Duration::from_secs_f64(report.seconds)),
        grouped(report.train_images_per_second as u64),
        describe(&score),
        report_files::PAGE,
    );
    console.result(&summary, report);
    Ok(Ending::Complete)
}
