//! How many connections may be open at the same time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Connections besides the maximum that are accepted when the maximum is reached, so that health
/// checks are answered even then.
pub const RESERVED_SLOTS: u32 = 32;

/// The slots of all connections.
#[derive(Debug)]
pub struct Slots {
    regular: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    max_connections: u32,
}

/// A connection's slot; released when dropped.
#[derive(Debug)]
pub enum Slot {
    /// One of `--max-connections`.
    Regular(#[allow(dead_code)] OwnedSemaphorePermit),
    /// One of [`RESERVED_SLOTS`]: its connection needs a regular slot for anything but a health
    /// check.
    Reserved(#[allow(dead_code)] OwnedSemaphorePermit),
}

impl Slots {
    /// Slots for at most `max_connections`, and the reserved ones.
    pub fn new(max_connections: u32) -> Self {
        Self {
            regular: Arc::new(Semaphore::new(max_connections as usize)),
            reserved: Arc::new(Semaphore::new(RESERVED_SLOTS as usize)),
            max_connections,
        }
    }

    /// A slot, a regular one if possible; `None` if none becomes free within `limit`.
    pub async fn acquire(&self, limit: Duration) -> Option<Slot> {
        let permit = async {
            tokio::select! {
                biased;
                permit = Arc::clone(&self.regular).acquire_owned() => permit.map(Slot::Regular),
                permit = Arc::clone(&self.reserved).acquire_owned() => permit.map(Slot::Reserved),
            }
        };
        timeout(limit, permit).await.ok()?.ok()
    }

    /// Whether a regular slot is free.
    pub fn has_regular(&self) -> bool {
        self.regular.available_permits() > 0
    }

    /// A regular slot; `None` if none becomes free within `limit`.
    pub async fn acquire_regular(&self, limit: Duration) -> Option<Slot> {
        let permit = Arc::clone(&self.regular).acquire_owned();
        timeout(limit, permit).await.ok()?.map(Slot::Regular).ok()
    }

    /// Returns when no connection is open; no new one may be accepted meanwhile.
    pub async fn all_released(&self) {
        // Never closed, so neither fails. A reserved slot may still become a regular one.
        let _reserved = self.reserved.acquire_many(RESERVED_SLOTS).await;
        let _regular = self.regular.acquire_many(self.max_connections).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reserved_slots_come_after_the_regular_ones() {
        let slots = Slots::new(2);
        let moment = Duration::from_millis(50);
        let mut all = Vec::new();
        while let Some(slot) = slots.acquire(moment).await {
            assert_eq!(matches!(slot, Slot::Regular(_)), all.len() < 2);
            all.push(slot);
        }
        assert_eq!(all.len(), 2 + RESERVED_SLOTS as usize);
        assert!(slots.acquire_regular(moment).await.is_none());
        assert!(timeout(moment, slots.all_released()).await.is_err());
        drop(all);
        assert!(slots.acquire_regular(moment).await.is_some());
        assert!(timeout(100 * moment, slots.all_released()).await.is_ok());
    }
}
