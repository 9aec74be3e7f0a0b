//! A request body that tells its connection when the server waits for it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use crate::net::connection::Connection;

/// The body of a request on a connection.
#[derive(Debug)]
pub struct MeteredBody {
    body: Incoming,
    connection: Arc<Connection>,
    is_started: bool,
}

impl MeteredBody {
    /// A body of which nothing has been read.
    pub fn new(body: Incoming, connection: Arc<Connection>) -> Self {
        Self { body, connection, is_started: false }
    }
}

impl Body for MeteredBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if !self.is_started {
            self.is_started = true;
            self.connection.begin_body();
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                self.connection.count_body(frame.data_ref().map_or(0, Bytes::len));
            }
            Some(Err(_)) | None => self.connection.end_body(),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for MeteredBody {
    fn drop(&mut self) {
        // The rest of a body that was refused is nothing that the request waits for.
        self.connection.end_body();
    }
}
