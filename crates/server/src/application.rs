//! What all requests share.

use std::sync::Arc;

use anyhow::Context;
use model::NamedDevice;

use crate::inference::batch::BatchLimit;
use crate::inference::model_name::name_models;
use crate::inference::preparers::Preparers;
use crate::inference::queue::Queue;
use crate::inference::served_model::ServedModel;
use crate::metrics::Metrics;
use crate::net::budget::Budget;
use crate::net::limits::Limits;
use crate::options::Arguments;
use crate::problem::Problem;

/// The server's state.
#[derive(Debug)]
pub struct Application {
    /// In the order in which they were named; there is at least one.
    pub models: Vec<Arc<ServedModel>>,
    pub limits: Limits,
    pub queue: Queue,
    pub budget: Budget,
    pub preparers: Preparers,
    pub metrics: Arc<Metrics>,
}

impl Application {
    /// Loads the models and starts the threads that compute.
    pub fn start(arguments: &Arguments, device: &NamedDevice) -> anyhow::Result<Self> {
        let limits = Limits::new(&arguments.limits);
        let metrics = Arc::new(Metrics::new());
        let batches = BatchLimit::new(&arguments.batches);
        let mut models = Vec::new();
        for (name, folder) in name_models(&arguments.models)? {
            let model = ServedModel::load(&name, folder, device, limits.pixels, batches, &metrics);
            let model = model.with_context(|| {
                format!("no model can be loaded from --model {}", folder.display())
            })?;
            tracing::info!(model = name, folder = %folder.display(), device = device.name, "loaded");
            models.push(Arc::new(model));
        }
        Ok(Self {
            models,
            limits,
            queue: Queue::new(arguments.limits.queue),
            budget: Budget::new(limits.body),
            preparers: Preparers::start()?,
            metrics,
        })
    }

    /// The model of this name; the first one, where none is named.
    ///
    /// # Errors
    ///
    /// 404 where there is no such model.
    pub fn model(&self, name: Option<&str>) -> Result<&Arc<ServedModel>, Problem> {
        let Some(name) = name else { return self.models.first().ok_or_else(Problem::internal) };
        self.models.iter().find(|model| model.card.name == name).ok_or_else(|| {
            let names: Vec<&str> =
                self.models.iter().map(|model| model.card.name.as_str()).collect();
            Problem::not_found(format!(
                "no model is called {name:?}; there are: {}",
                names.join(", ")
            ))
        })
    }

    /// Whether it takes new work.
    pub fn is_ready(&self) -> bool {
        !self.queue.is_closed() && self.models.iter().all(|model| model.is_alive())
    }
}
