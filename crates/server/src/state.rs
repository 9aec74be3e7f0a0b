//! What all requests share: models, limits and queues.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use model::{Compute, ModelFiles};

use crate::inference::batch::BatchPolicy;
use crate::inference::model_loader::ModelLoader;
use crate::inference::model_name::name_models;
use crate::inference::model_slot::ModelSlot;
use crate::inference::preparation_pool::PreparationPool;
use crate::inference::queue::Queue;
use crate::inference::served_model::ServedModel;
use crate::metrics::ServerMetrics;
use crate::net::access::Access;
use crate::net::limits::Limits;
use crate::net::memory_budget::MemoryBudget;
use crate::options::ServeOptions;
use crate::problem::Problem;
use crate::tokens::token_limits::TokenLimits;
use crate::tokens::token_store::TokenStore;

/// The server's state.
#[derive(Debug)]
pub struct ServerState {
    /// At least one, in the order of the command line.
    pub models: Vec<ModelSlot>,
    pub loader: ModelLoader,
    /// `None` without `--token-file`: every client may send requests.
    pub tokens: Option<TokenStore>,
    pub limits: Limits,
    pub access: Access,
    pub queue: Queue,
    pub body_memory: MemoryBudget,
    pub preparation: PreparationPool,
    pub metrics: Arc<ServerMetrics>,
    is_draining: AtomicBool,
}

impl ServerState {
    /// Loads the models and starts the threads for preparation and inference.
    pub fn start(
        options: &ServeOptions,
        models: &[ModelFiles],
        compute: Compute,
    ) -> anyhow::Result<Self> {
        let open = |path: &PathBuf| TokenStore::open(path, TokenLimits::new(&options.tokens));
        let tokens = options.tokens.token_file.as_ref().map(open).transpose()?;
        let limits = Limits::new(&options.limits);
        let metrics = Arc::new(ServerMetrics::new());
        let batches = BatchPolicy::new(&options.batches);
        let loader = ModelLoader {
            compute,
            pixel_limit: limits.pixels,
            batches,
            metrics: Arc::clone(&metrics),
        };
        let mut served = Vec::new();
        for (name, files) in name_models(models)? {
            let place = files.folder().map_or("built in".into(), |path| path.display().to_string());
            let model = ModelSlot::load(name, files.clone(), &loader)
                .with_context(|| format!("cannot load a model from --model {place}"))?;
            tracing::info!(model = model.name(), place, device = loader.compute.name, "loaded");
            served.push(model);
        }
        Ok(Self {
            models: served,
            loader,
            tokens,
            limits,
            access: Access::new(&options.access),
            queue: Queue::new(options.limits.queue, limits.queued_pixels()),
            body_memory: MemoryBudget::new(limits.body),
            preparation: PreparationPool::start()?,
            metrics,
            is_draining: AtomicBool::new(false),
        })
    }

    /// The model with this name, or the first one if `name` is `None`.
    ///
    /// # Errors
    ///
    /// 404 if there is no such model.
    pub fn model(&self, name: Option<&str>) -> Result<Arc<ServedModel>, Problem> {
        let slot = match name {
            None => self.models.first().ok_or_else(Problem::internal)?,
            Some(name) => self.models.iter().find(|slot| slot.name() == name).ok_or_else(|| {
                let names: Vec<&str> = self.models.iter().map(ModelSlot::name).collect();
                Problem::not_found(format!(
                    "no model has the name {name:?}; available: {}",
                    names.join(", ")
                ))
            })?,
        };
        Ok(slot.current())
    }

    /// Makes the server not ready, so that load balancers send their requests elsewhere. It answers
    /// those that still come.
    pub fn start_draining(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    /// Whether the server accepts new work, and will.
    pub fn is_ready(&self) -> bool {
        !self.is_ending() && self.failed_model().is_none()
    }

    /// Whether the server is shutting down, or soon will be.
    pub fn is_ending(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed) || self.queue.is_closed()
    }

    /// The name of a model whose batches fail.
    pub fn failed_model(&self) -> Option<&str> {
        let failed = self.models.iter().find(|slot| !slot.current().is_alive())?;
        Some(failed.name())
    }
}
