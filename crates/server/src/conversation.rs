//! The server without a network, for tests that send it any bytes.

use std::sync::Arc;

use axum::Router;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::application::Application;
use crate::command_line::Arguments;
use crate::visit::Visits;
use crate::{connection, routes};

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
        let compute = arguments.compute.open()?;
        let application = Arc::new(Application::start(arguments, &compute)?);
        let router = routes::router(Arc::clone(&application));
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
