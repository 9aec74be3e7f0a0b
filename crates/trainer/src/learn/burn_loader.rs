//! The data crate's loader as Burn's data loader.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::tensor::Device;
use burn_dataset::DatasetError;
use data::{Batches, Loader};

use crate::task::ToDevice;

/// A loader whose epoch is set from outside, and whose batches are of type `B` and on a device.
pub struct BurnLoader<B> {
    loader: Loader,
    device: Device,
    to_device: ToDevice<B>,
    position: Arc<Position>,
}

// Derived, it would ask for `B: Clone`.
impl<B> Clone for BurnLoader<B> {
    fn clone(&self) -> Self {
        Self {
            loader: self.loader.clone(),
            device: self.device.clone(),
            to_device: Arc::clone(&self.to_device),
            position: self.position.clone(),
        }
    }
}

/// Where the next iterator starts, and how long users of past ones have waited.
#[derive(Default)]
struct Position {
    epoch: AtomicU64,
    first_batch: AtomicUsize,
    waited_nanoseconds: AtomicU64,
}

impl<B> BurnLoader<B> {
    /// A loader that moves batches to `device` by `to_device`.
    pub fn new(loader: Loader, device: &Device, to_device: ToDevice<B>) -> Self {
        Self { loader, device: device.clone(), to_device, position: Arc::default() }
    }

    /// Starts the next iterator at a batch (counted from 0) of an epoch (counted from 1).
    pub fn seek(&self, epoch: usize, first_batch: usize) {
        self.position.epoch.store(epoch as u64, Ordering::Relaxed);
        self.position.first_batch.store(first_batch, Ordering::Relaxed);
    }

    /// Time spent waiting for batches and moving them to the device, since the last call.
    pub fn take_waited(&self) -> Duration {
        Duration::from_nanos(self.position.waited_nanoseconds.swap(0, Ordering::Relaxed))
    }

    /// Number of batches in an epoch.
    pub fn num_batches(&self) -> usize {
        self.loader.num_batches()
    }
}

impl<B: 'static> DataLoader<B> for BurnLoader<B> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<B> + 'a> {
        let first_batch = self.position.first_batch.load(Ordering::Relaxed);
        let epoch = self.position.epoch.load(Ordering::Relaxed);
        Box::new(BurnIterator {
            loader: self,
            batches: self.loader.epoch_from(epoch, first_batch),
            items_processed: first_batch * self.loader.batch_size(),
        })
    }

    fn num_items(&self) -> usize {
        self.loader.num_items()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<B>> {
        Arc::new(Self { device: device.clone(), ..self.clone() })
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<B>> {
        Arc::new(Self { loader: self.loader.slice(start, end), ..self.clone() })
    }
}

struct BurnIterator<'a, B> {
    loader: &'a BurnLoader<B>,
    batches: Batches,
    items_processed: usize,
}

impl<B> Iterator for BurnIterator<'_, B> {
    type Item = Result<B, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = Instant::now();
        let batch = self.batches.next().map(|batch| {
            let batch = batch.map_err(DatasetError::new)?;
            self.items_processed += batch.labelled();
            Ok((self.loader.to_device)(batch, &self.loader.device))
        });
        let waited = start.elapsed().as_nanos() as u64;
        self.loader.position.waited_nanoseconds.fetch_add(waited, Ordering::Relaxed);
        batch
    }
}

impl<B> DataLoaderIterator<B> for BurnIterator<'_, B> {
    fn progress(&self) -> Progress {
        Progress::new(self.items_processed, self.loader.loader.num_items(), None)
    }
}
