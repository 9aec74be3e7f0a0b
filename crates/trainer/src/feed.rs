//! From the data crate's batches to Burn's data loader.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::tensor::{Device, Int, Tensor, TensorData};
use burn_dataset::DatasetError;
use data::{Batches, Loader};

use crate::trainee::Batch;

/// A loader whose epoch is set from outside and whose batches land on a device.
#[derive(Clone)]
pub struct Feed {
    loader: Loader,
    device: Device,
    position: Arc<Position>,
}

/// What the next iterator yields, and how long past ones made their user wait.
#[derive(Default)]
struct Position {
    epoch: AtomicU64,
    first_batch: AtomicUsize,
    waited_nanoseconds: AtomicU64,
}

impl Feed {
    pub fn new(loader: Loader, device: &Device) -> Self {
        Self { loader, device: device.clone(), position: Arc::default() }
    }

    /// Lets the next iterator start at a batch (counted from 0) of an epoch (counted from 1).
    pub fn seek(&self, epoch: usize, first_batch: usize) {
        self.position.epoch.store(epoch as u64, Ordering::Relaxed);
        self.position.first_batch.store(first_batch, Ordering::Relaxed);
    }

    /// Time spent in waiting for batches and moving them to the device, since the last call.
    pub fn take_waited(&self) -> Duration {
        Duration::from_nanos(self.position.waited_nanoseconds.swap(0, Ordering::Relaxed))
    }

    /// Batches in an epoch.
    pub fn num_batches(&self) -> usize {
        self.loader.num_batches()
    }
}

impl DataLoader<Batch> for Feed {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Batch> + 'a> {
        let first_batch = self.position.first_batch.load(Ordering::Relaxed);
        let epoch = self.position.epoch.load(Ordering::Relaxed);
        Box::new(FeedIterator {
            feed: self,
            batches: self.loader.epoch_from(epoch, first_batch),
            items_processed: first_batch * self.loader.batch_size(),
        })
    }

    fn num_items(&self) -> usize {
        self.loader.num_items()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Batch>> {
        Arc::new(Self { loader: self.loader.slice(start, end), ..self.clone() })
    }
}

struct FeedIterator<'a> {
    feed: &'a Feed,
    batches: Batches,
    items_processed: usize,
}

impl Iterator for FeedIterator<'_> {
    type Item = Result<Batch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = Instant::now();
        let batch = self.batches.next().map(|batch| {
            let batch = batch.map_err(DatasetError::new)?;
            self.items_processed += batch.labelled();
            Ok(to_device(batch, &self.feed.device))
        });
        let waited = start.elapsed().as_nanos() as u64;
        self.feed.position.waited_nanoseconds.fetch_add(waited, Ordering::Relaxed);
        batch
    }
}

impl DataLoaderIterator<Batch> for FeedIterator<'_> {
    fn progress(&self) -> Progress {
        Progress::new(self.items_processed, self.feed.num_items(), None)
    }
}

fn to_device(batch: data::Batch, device: &Device) -> Batch {
    let (count, images) = (batch.labelled(), batch.labelled() + batch.negatives());
    let data::ImageShape { channels, height, width } = batch.shape;
    let images = TensorData::new(batch.images, [images, channels, height, width]);
    let labels: Vec<i32> = batch.labels.into_iter().map(i32::from).collect();
    let targets = Tensor::<1, Int>::from_data(TensorData::new(labels, [count]), device);
    Batch { images: Tensor::from_data(images, device), targets }
}
