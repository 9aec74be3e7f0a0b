//! The server without a network, for tests that send it any bytes.

use std::sync::Arc;

use axum::Router;
use model::open_device;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::application::Application;
use crate::net::connection;
use crate::net::visit::Visits;
use crate::options::Arguments;
use crate::router;

/// A server that is asked in its own process.
pub struct Conversations {
    application: Arc<Application>,
    router: Router,
    visits: Arc<Visits>,
}

impl Conversations {
    /// Loads the models and starts the threads that compute, as [`run`](crate::run) does.
    ///
    /// # Errors
    ///
    /// The message that the program would print.
    pub fn start(arguments: &Arguments) -> anyhow::Result<Self> {
        let device = open_device(arguments.compute.device.as_deref(), arguments.compute.kernels)?;
        let application = Arc::new(Application::start(arguments, &device)?);
        let router = router::router(Arc::clone(&application));
        Ok(Self { application, router, visits: Arc::default() })
    }

    /// Serves one connection until one of both sides ends it.
    pub async fn hold(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let (_end, ending) = watch::channel(false);
        let visit = self.visits.enter(0);
        let patience = self.application.limits.timeout;
        connection::serve(stream, self.router.clone(), visit, patience, ending).await;
        self.visits.leave(0);
    }
}
