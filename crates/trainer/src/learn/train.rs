//! `train`: from a config to a stored, tested model.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use burn::tensor::Device;
use burn::train::{Interrupter, Learner, SupervisedTraining, TrainingStrategy};
use data::{
    FOLDER_CONFIG, ImageShape, InputConfig, Loader, LoaderOptions, Normalizer, printable,
    printable_path,
};
use model::{Classifier, Compute, ModelCard, machine_memory};
use runs::{
    Event, EventFiles, MetricsFile, Observers, PROGRAM, RunDirectory, RunLength, RunReport,
    RunState, Started, Status, folder_name, run_status, stored_backend,
};
use terminal::{ComputeArguments, error_text};

use super::burn_loader::BurnLoader;
use super::checkpointing::{self, Always, RecordSender};
use super::epoch_loop::{EpochLoop, Session, Stop};
use super::null_renderer::NullRenderer;
use super::run_log;
use super::signals::{self, Signal};
use crate::augmentation::TrainingAugmentation;
use crate::config::{Config, ConfigFile, DataConfig, TaskKind};
use crate::images::{Images, data_error};
use crate::optim::{Schedule, init_optimizer};
use crate::options::TrainOptions;
use crate::proposal::{self, Proposal, ReadConfig, needs_proposal};
use crate::task::classification::Classification;
use crate::task::multi_label::MultiLabelTask;
use crate::task::{Task, test_model};

/// Validation images that go through the network at once; fewer of a large shape.
const VALIDATION_BATCH: usize = 250;

/// What to train.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunSource {
    /// A new run of this config, or of this folder of pictures.
    Config(PathBuf),
    /// The run in this folder, from its last checkpoint.
    Resume(PathBuf),
}

impl RunSource {
    /// The run to resume if there is one, else the config to train; `None` without either.
    #[must_use]
    pub fn new(config: Option<PathBuf>, resume: Option<PathBuf>) -> Option<Self> {
        resume.map(Self::Resume).or(config.map(Self::Config))
    }

    /// The folder of the run to resume, if this is one.
    fn resumed(&self) -> Option<&Path> {
        match self {
            Self::Resume(folder) => Some(folder),
            Self::Config(_) => None,
        }
    }
}

/// How a training ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All epochs are trained, and the model is tested.
    Complete,
    /// A signal stopped the run; its progress is saved.
    Interrupted(Signal),
}

/// Trains a run, keeps the best epoch's weights and evaluates them on the test split.
///
/// # Errors
/// When the config, the data or the run's folder is wrong, the loss is no longer finite, or the
/// device or the disk fails.
pub fn train(
    source: &RunSource,
    options: &TrainOptions,
    arguments: &ComputeArguments,
    observers: Observers,
) -> anyhow::Result<Ending> {
    kernels::keep_freed_memory();
    let (file, mut config, proposal) = read_config(source, options, arguments)?;
    // A run keeps the device and the kernels that the user asked for, and none that was found.
    config.device = arguments.device.clone().or(config.device);
    config.kernels = arguments.kernels.unwrap_or(config.kernels);
    let found_before = source.resumed().and_then(stored_backend);
    let device = config.device.clone().or(found_before);
    let compute = Compute::open(&arguments.options(device.as_deref(), config.kernels))?;
    let run = RunInputs {
        source,
        options,
        config: &config,
        file: &file,
        proposal: proposal.as_ref(),
        compute: &compute,
        draws_report: true,
    };
    let ending = compute.install(|| run.load_and_train(observers));
    if let Err(error) = &ending {
        log::error!("{}", printable(&error_text(error)));
    }
    run_log::close();
    ending
}

/// What a run is made from.
struct RunInputs<'a> {
    source: &'a RunSource,
    options: &'a TrainOptions,
    config: &'a Config,
    file: &'a ConfigFile,
    /// What the config is from, if nobody wrote one.
    proposal: Option<&'a Proposal>,
    compute: &'a Compute,
    /// Whether the results have a page with pictures.
    draws_report: bool,
}

/// A fold of a cross-validation, trained as a run.
pub struct FoldRun<'a> {
    /// The config of all folds.
    pub config: &'a Config,
    /// Its file.
    pub file: &'a ConfigFile,
    /// Where it is trained.
    pub compute: &'a Compute,
    /// The folder of the fold.
    pub folder: &'a Path,
}

/// Trains a fold on `images`, of which the test split is the fold, without a report. A fold that is
/// in its folder already is kept, and one that was interrupted is resumed.
///
/// # Errors
/// As [`train`], and when the folder has a run of another config.
pub fn train_fold(
    fold: &FoldRun,
    images: Images,
    mut observers: Observers,
) -> anyhow::Result<Ending> {
    let &FoldRun { config, file, compute, folder } = fold;
    let task = Classification::new(config, file, images)?;
    let before = folder.join(runs::files::CONFIG);
    let source = if before.is_file() {
        let text = fs::read_to_string(&before).with_context(|| printable_path(&before))?;
        if text != resolved(config, task.card())? {
            bail!(
                "{}: the fold was trained with another config: choose another folder with --output",
                printable_path(folder)
            );
        }
        if run_status(folder) == Some(Status::Complete) {
            observers.observe(&Event::Message("trained already"))?;
            return Ok(Ending::Complete);
        }
        RunDirectory::resumable_config(folder)?;
        RunSource::Resume(folder.to_owned())
    } else {
        RunSource::Config(before)
    };
    // A fold that was killed before it had a config is begun anew.
    let output = Some(folder.to_owned());
    let options = TrainOptions { output, overwrite: true, ..TrainOptions::default() };
    let run = RunInputs {
        source: &source,
        options: &options,
        config,
        file,
        proposal: None,
        compute,
        draws_report: false,
    };
    let ending = train_task(task, &run, observers);
    run_log::close();
    ending
}

impl RunInputs<'_> {
    fn load_and_train(&self, mut observers: Observers) -> anyhow::Result<Ending> {
        if let Some(proposal) = self.proposal {
            for message in proposal.messages() {
                observers.observe(&Event::Message(&message))?;
            }
            for warning in &proposal.warnings {
                observers.observe(&Event::Warning(warning))?;
            }
        }
        let images = load_images(self.config, self.file, &mut observers)?;
        // Everything below takes any task.
        match self.config.task.kind {
            TaskKind::Classify => {
                train_task(Classification::new(self.config, self.file, images)?, self, observers)
            }
            TaskKind::MultiLabel => {
                train_task(MultiLabelTask::new(self.config, self.file, images)?, self, observers)
            }
        }
    }
}

fn train_task<T: Task>(
    task: T,
    run: &RunInputs,
    mut observers: Observers,
) -> anyhow::Result<Ending> {
    let &RunInputs { source, options, config, file, compute, draws_report, .. } = run;
    let device = &compute.device;
    let autodiff = device.clone().autodiff();
    if compute.uses_host_memory() {
        config.check_memory(file, task.plan(), machine_memory())?;
    }
    let (train_loader, validation_loader) = loaders(config, file, &task, device, &autodiff)?;
    let batches = train_loader.num_batches();
    let mut learner = learner(config, &task, batches, &autodiff);

    // Every mistake in the config has been found by now: a refused run leaves no folder behind.
    let directory = open_directory(source, options, &resolved(config, task.card())?)?;
    run_log::open(directory.log()?);
    let config_sha256 = directory.config_sha256()?;
    let checkpoints = directory.checkpoints();
    let optimizer = init_optimizer(&config.optimizer, config.clip);
    let length =
        RunLength { config_sha256: config_sha256.clone(), epochs: config.train.epochs, batches };
    let state = checkpointing::resume(&checkpoints, &length, &optimizer, &mut learner)?
        .unwrap_or_else(|| RunState { config_sha256, ..RunState::default() });
    let (senders, checkpoints) = checkpointing::channel(&checkpoints);
    let report = new_report(config, compute, &task, &state);
    directory.write_report(&report.to_json()?)?;
    observers.add(MetricsFile::new(&directory));
    // A resumed run continues the event files that it has.
    let is_resumed = matches!(source, RunSource::Resume(_));
    if options.tensorboard || (is_resumed && directory.tensorboard().is_dir()) {
        observers.add(EventFiles::open(directory.tensorboard(), &state.history)?);
    }
    introduce(&mut observers, config, &task, &report, directory.path(), &state)?;
    if is_resumed && state.history.len() >= config.train.epochs {
        observers.observe(&Event::Message("all epochs are trained already"))?;
    } else if is_resumed {
        observers.observe(&Event::Resumed { epoch: state.epoch(), step: state.step })?;
    }
    let epoch_loop = Arc::new(EpochLoop::new(Session {
        task,
        epochs: config.train.epochs,
        early_stopping: config.train.early_stopping,
        checkpoint_after: Duration::from_secs_f64(60.0 * options.checkpoint_minutes),
        clip_norm: config.clip.norm.map(|norm| norm as f32),
        seed: config.seed,
        device: autodiff,
        loader: train_loader,
        state,
        checkpoints,
        directory,
        observers,
        report,
        draws_report,
    }));
    let mislabelled = config.dataset.source.label_errors();
    let stop = launch(&epoch_loop, learner, validation_loader, senders);
    let session = &mut epoch_loop.session();
    // In a folder that was moved, whatever fails does so because of that.
    let finished = stop.and_then(|stop| finish(session, stop, device, mislabelled));
    let ending = finished.or_else(|error| {
        session.directory.check_in_place()?;
        Err(error)
    });
    if let Err(error) = &ending {
        session.report.status = Status::Failed;
        session.report.error = Some(error_text(error));
        // On a full disk this fails as well; the first error is the one to report.
        let _ = session.report.to_json().map(|text| session.directory.write_report(&text));
    }
    ending
}

/// The config that a run would keep, resolved: made of `text`, as a file would hold it, and
/// `overrides`, as `--set` takes them, for images of `shape` in `classes` classes.
///
/// # Errors
/// The message with which a training would refuse the config alone, without the device and the
/// images.
pub fn check_config(
    text: &str,
    overrides: &[String],
    shape: ImageShape,
    classes: usize,
) -> anyhow::Result<String> {
    let (file, config) = ConfigFile::new(Path::new("config.toml"), text.to_owned(), overrides)?;
    config.plan(&file, shape, classes)?;
    TrainingAugmentation::new(&DataConfig::from(&config), &file, shape)?;
    write_config(&config)
}

/// Lets Burn's Learner run the loop to its end, or to the first signal.
fn launch<T: Task>(
    epoch_loop: &Arc<EpochLoop<T>>,
    learner: Learner<T::Model>,
    validation: BurnLoader<T::Batch>,
    [network, optimizer, schedule]: [RecordSender; 3],
) -> anyhow::Result<Stop> {
    signals::listen()?;
    // The loop locks the session while it runs, so what Burn needs is copied before.
    let (folder, train, epochs) = {
        let session = epoch_loop.session();
        (session.directory.path().to_owned(), session.loader.clone(), session.epochs)
    };
    let result = SupervisedTraining::<T::Model>::new(folder, Arc::new(train), Arc::new(validation))
        .num_epochs(epochs)
        .with_training_strategy(TrainingStrategy::Custom(epoch_loop.clone()))
        .with_custom_checkpointers(network, optimizer, schedule)
        .with_checkpointing_strategy(Always)
        .with_interrupter(Interrupter::new())
        .with_application_logger(None)
        .with_metric_logger(NullRenderer)
        .renderer(Box::new(NullRenderer))
        .launch(learner);
    let outcome = epoch_loop.take_outcome().context("the training loop did not run")?;
    match result.error {
        // Burn does not return its own errors unless asked.
        Some(error) => outcome.and(Err(anyhow!("{error}"))),
        None => outcome,
    }
}

/// The config to train, written or proposed, or that of the run to resume.
fn read_config(
    source: &RunSource,
    options: &TrainOptions,
    arguments: &ComputeArguments,
) -> anyhow::Result<ReadConfig<Config>> {
    match source {
        // A survey of the pictures takes as many threads as the training.
        RunSource::Config(path) if needs_proposal(path) => {
            arguments.open()?.install(|| proposal::read_config(path, &options.set))
        }
        RunSource::Config(path) => proposal::read_config(path, &options.set),
        RunSource::Resume(run) => {
            let path = RunDirectory::resumable_config(run)?;
            let (file, config) = ConfigFile::read(&path, &options.set)?;
            Ok((file, config, None))
        }
    }
}

fn load_images(
    config: &Config,
    file: &ConfigFile,
    observers: &mut Observers,
) -> anyhow::Result<Images> {
    let mut failure = Ok(());
    let images = Images::load(&DataConfig::from(config), file, &mut |download| {
        let data::Download { file, received, total } = download;
        let event = Event::Download { file: &file, received, total };
        failure = std::mem::replace(&mut failure, Ok(())).and_then(|()| observers.observe(&event));
    });
    failure?;
    let images = images?;
    for note in &images.source.notes {
        observers.observe(&Event::Message(note))?;
    }
    Ok(images)
}

/// The config as a run keeps it: with all that was found in the pictures.
fn resolved(config: &Config, card: &ModelCard) -> anyhow::Result<String> {
    let input = InputConfig::resolved(card.preparation, card.input);
    write_config(&Config { input, ..config.clone() })
}

fn write_config(config: &Config) -> anyhow::Result<String> {
    toml::to_string(config).context("cannot write the resolved config")
}

fn open_directory(
    source: &RunSource,
    options: &TrainOptions,
    config: &str,
) -> anyhow::Result<RunDirectory> {
    let path = match source {
        RunSource::Resume(run) => return Ok(RunDirectory::resume(run)?),
        RunSource::Config(path) => path,
    };
    let name = run_name(path);
    let directory = RunDirectory::create(&name, options.output.as_deref(), options.overwrite)?;
    directory.write_config(config)?;
    Ok(directory)
}

/// The name of a run of the config at `path`: that of the config, or of the folder of pictures that it
/// is for.
fn run_name(path: &Path) -> String {
    let is_in_folder = path.file_name().is_some_and(|name| name == FOLDER_CONFIG);
    let folder = if path.is_dir() { Some(path) } else { path.parent().filter(|_| is_in_folder) };
    let name = match folder {
        None => path.file_stem().map(OsStr::to_owned),
        Some(folder) => folder.file_name().map(OsStr::to_owned).or_else(|| {
            // Such as `..`, and the parent of a bare file name.
            folder.join(".").canonicalize().ok()?.file_name().map(OsStr::to_owned)
        }),
    };
    name.map_or_else(|| "run".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Reports what will be trained, on what, where, and what is probably wrong with it.
fn introduce<T: Task>(
    observers: &mut Observers,
    config: &Config,
    task: &T,
    report: &RunReport,
    folder: &Path,
    state: &RunState,
) -> anyhow::Result<()> {
    let images = task.images();
    observers.observe(&Event::Started(Started {
        dataset: &report.dataset,
        shape: images.source.train.shape(),
        preparation: task.card().preparation,
        classes: images.source.class_names.len(),
        train_images: report.train_images,
        validation_images: report.validation_images,
        test_images: images.source.test.len(),
        plan: task.plan(),
        memory: config.training_memory(task.plan()),
        image_memory: images.source.memory(),
        device: &report.backend,
        device_description: &report.device,
        folder,
        history: &state.history,
    }))?;
    for warning in task.warnings(config) {
        observers.observe(&Event::Warning(&warning))?;
    }
    Ok(())
}

/// The loaders of the training and the validation batches.
type Loaders<B> = (BurnLoader<B>, BurnLoader<B>);

/// The training and validation batches, on the devices that use them.
fn loaders<T: Task>(
    config: &Config,
    file: &ConfigFile,
    task: &T,
    device: &Device,
    autodiff: &Device,
) -> anyhow::Result<Loaders<T::Batch>> {
    let failed = |error| data_error(file, error);
    let (images, card) = (task.images(), task.card());
    let normalizer = Normalizer::new(&card.normalization, card.input).map_err(failed)?;
    let TrainingAugmentation { augmentation, line_negatives, outliers } =
        TrainingAugmentation::new(&DataConfig::from(config), file, card.input)?;
    let outliers = outliers.map(|outliers| outliers.prepared(card.preparation));
    let set = Arc::new(images.source.train.clone());
    let train = LoaderOptions {
        batch_size: config.train.batch_size,
        workers: config.train.loader_workers,
        seed: config.seed,
        shuffle: true,
        augmentation,
        line_negatives,
        outliers,
    };
    let validation = LoaderOptions {
        batch_size: VALIDATION_BATCH.min(task.plan().inference_batch()),
        shuffle: false,
        augmentation: None,
        line_negatives: None,
        outliers: None,
        ..train.clone()
    };
    let (train_indices, held_out) = (images.split.train.clone(), images.split.validation.clone());
    let train = Loader::new(set.clone(), train_indices, normalizer.clone(), train);
    let validation = Loader::new(set, held_out, normalizer, validation);
    Ok((
        BurnLoader::new(train.map_err(failed)?, autodiff, task.to_device()),
        BurnLoader::new(validation.map_err(failed)?, device, task.to_device()),
    ))
}

/// Network, loss, optimizer and schedule at the start of a run of `steps` steps per epoch.
fn learner<T: Task>(config: &Config, task: &T, steps: usize, device: &Device) -> Learner<T::Model> {
    device.seed(config.seed);
    let model = task.init(device);
    let optimizer = init_optimizer(&config.optimizer, config.clip);
    let peak = config.optimizer.learning_rate();
    Learner::new(model, optimizer, Schedule::new(config.schedule, peak, config.train.epochs, steps))
}

fn new_report<T: Task>(
    config: &Config,
    compute: &Compute,
    task: &T,
    state: &RunState,
) -> RunReport {
    let dataset = config.dataset.source.to_string();
    let mut report =
        RunReport::new(compute.name.clone(), compute.description.clone(), config.seed, dataset);
    report.train_images = task.images().split.train.len();
    report.validation_images = task.images().split.validation.len();
    report.parameters = task.plan().parameters();
    report.multiply_adds = task.plan().multiply_adds();
    report.update(state);
    report
}

/// Ends an interrupted run, or tests the best epoch's weights. `mislabelled` are the indices of test
/// images whose labels are known to be wrong.
fn finish<T: Task>(
    session: &mut Session<T>,
    stop: Stop,
    device: &Device,
    mislabelled: &[usize],
) -> anyhow::Result<Ending> {
    session.report.update(&session.state);
    if let Stop::Interrupted(signal) = stop {
        let Session { directory, report, state, observers, .. } = session;
        report.status = Status::Interrupted;
        directory.write_report(&report.to_json()?)?;
        observers.observe(&Event::Interrupted {
            report,
            step: state.step,
            folder: directory.path(),
        })?;
        return Ok(Ending::Interrupted(signal));
    }
    if stop == Stop::NoImprovement {
        let since = session.state.epochs_since_best();
        let text = format!("stopping early: {since} epochs without a lower validation loss");
        session.observers.observe(&Event::Message(&text))?;
    }
    test(session, device, mislabelled)?;
    Ok(Ending::Complete)
}

/// Evaluates the best weights on the test split, once, and writes the results.
fn test<T: Task>(
    session: &mut Session<T>,
    device: &Device,
    mislabelled: &[usize],
) -> anyhow::Result<()> {
    let Session { task, directory, report, state, observers, draws_report, .. } = session;
    let best = state.best().ok_or_else(|| anyhow!("no epoch was trained"))?;
    if let Some(warning) = task.result_warning(best) {
        observers.observe(&Event::Warning(&warning))?;
    }
    let folder = directory.path();
    if let Some(message) = task.complete_model(folder, device)? {
        observers.observe(&Event::Message(&message))?;
    }
    report.status = Status::Testing;
    directory.write_report(&report.to_json()?)?;
    // It takes some seconds.
    let message = if *draws_report { "testing, and drawing the report" } else { "testing" };
    observers.observe(&Event::Message(message))?;
    let classifier = Classifier::open(folder, device)?;
    let test = &task.images().source.test;
    let results = test_model(classifier, test, (0..test.len()).collect(), mislabelled)?;
    results.write_predictions(folder)?;
    report.test = Some(results.score());
    report.metrics = Some(results.metrics());
    // Should the program be killed while it draws, the figures are there.
    directory.write_report(&report.to_json()?)?;
    if *draws_report {
        let title = format!("{} on {} test images", folder_name(folder)?, report.dataset);
        let subtitle = format!("{PROGRAM} on {}", report.device);
        results.write_report(folder, &title, &subtitle, &state.history)?;
    }
    report.status = Status::Complete;
    directory.write_report(&report.to_json()?)?;
    observers.observe(&Event::Finished { report, folder })
}
