//! Metrics of the running server, for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Error;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// Labels of a request counter.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    /// The route's pattern, never the client's path: the number of time series stays bounded.
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct BuildLabel {
    version: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TokenLabels {
    /// The token's name, never the token.
    token: String,
    outcome: &'static str,
}

/// What became of a request with a known token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOutcome {
    /// It was within the limits.
    Accepted,
    /// Refused: too many requests per second.
    Rate,
    /// Refused: too many requests at the same time.
    Concurrency,
}

impl TokenOutcome {
    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rate => "rate",
            Self::Concurrency => "concurrency",
        }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ModelLabels {
    model: String,
    /// SHA-256 of the weights.
    version: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReloadLabels {
    model: String,
    result: &'static str,
}

/// All metrics.
#[derive(Debug)]
pub struct ServerMetrics {
    registry: Registry,
    start: Instant,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabel, Histogram>,
    batches: Histogram,
    refused: Counter,
    unauthorized: Counter,
    tokens: Family<TokenLabels, Counter>,
    models: Family<ModelLabels, Gauge>,
    /// The labels in `models` by model.
    versions: Mutex<BTreeMap<String, ModelLabels>>,
    reloads: Family<ReloadLabels, Counter>,
    connections: Gauge,
    queue: Gauge,
    uptime: Gauge<f64, AtomicU64>,
}

impl ServerMetrics {
    /// All metrics at zero; the uptime starts now.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("glyph");
        let metrics = Self {
            start: Instant::now(),
            requests: Family::default(),
            // 0.25 ms to 8.192 s.
            durations: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
            }),
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 8)),
            refused: Counter::default(),
            unauthorized: Counter::default(),
            tokens: Family::default(),
            models: Family::default(),
            versions: Mutex::default(),
            reloads: Family::default(),
            connections: Gauge::default(),
            queue: Gauge::default(),
            uptime: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register("requests", "Requests answered", metrics.requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time from a request's headers to its response",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register("batch_pictures", "Pictures in a batch", metrics.batches.clone());
        registry.register(
            "refused_requests",
            "Requests answered with 503: the server was busy or shutting down",
            metrics.refused.clone(),
        );
        registry.register(
            "unauthorized_requests",
            "Requests answered with 401: they had no known token",
            metrics.unauthorized.clone(),
        );
        registry.register(
            "token_requests",
            "Requests with a known token, by what became of them",
            metrics.tokens.clone(),
        );
        registry.register(
            "model_info",
            "The loaded models: the version is the SHA-256 of the weights",
            metrics.models.clone(),
        );
        registry.register(
            "model_reloads",
            "Attempts to load a model again",
            metrics.reloads.clone(),
        );
        registry.register("connections", "Open connections", metrics.connections.clone());
        registry.register(
            "queue_pictures",
            "Pictures waiting for their answers",
            metrics.queue.clone(),
        );
        registry.register_with_unit(
            "uptime",
            "Time since the start",
            Unit::Seconds,
            metrics.uptime.clone(),
        );
        let build = BuildLabel { version: env!("CARGO_PKG_VERSION") };
        registry.register("build", "Version of the program", Info::new(build));
        Self { registry, ..metrics }
    }

    /// Counts a request to `route` with the response's `status`.
    pub fn count_request(&self, route: &str, status: u16, duration: Duration) {
        let route = route.to_owned();
        self.durations
            .get_or_create(&RouteLabel { route: route.clone() })
            .observe(duration.as_secs_f64());
        self.requests.get_or_create(&RequestLabels { route, status }).inc();
        if status == 503 {
            self.refused.inc();
        }
    }

    /// Counts a request that had no known token.
    pub fn count_unauthorized(&self) {
        self.unauthorized.inc();
    }

    /// Counts a request with the token of this name.
    pub fn count_token_request(&self, token: &str, outcome: TokenOutcome) {
        let labels = TokenLabels { token: token.to_owned(), outcome: outcome.name() };
        self.tokens.get_or_create(&labels).inc();
    }

    /// Shows `version` as the one that the model has now.
    pub fn set_model_version(&self, model: &str, version: &str) {
        let labels = ModelLabels { model: model.to_owned(), version: version.to_owned() };
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = versions.insert(model.to_owned(), labels.clone()) {
            self.models.remove(&earlier);
        }
        self.models.get_or_create(&labels).set(1);
    }

    /// Counts an attempt to load the model again.
    pub fn count_reload(&self, model: &str, is_loaded: bool) {
        let result = if is_loaded { "loaded" } else { "failed" };
        self.reloads.get_or_create(&ReloadLabels { model: model.to_owned(), result }).inc();
    }

    /// Counts a batch of `pictures`.
    pub fn count_batch(&self, pictures: usize) {
        self.batches.observe(pictures as f64);
    }

    /// The number of open connections.
    pub fn connections(&self) -> &Gauge {
        &self.connections
    }

    /// All metrics in the text format that Prometheus reads.
    ///
    /// # Errors
    ///
    /// Never: writing to a string does not fail.
    pub fn text(&self, queue_depth: usize) -> Result<String, Error> {
        self.queue.set(i64::try_from(queue_depth).unwrap_or(i64::MAX));
        self.uptime.set(self.start.elapsed().as_secs_f64());
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_in_the_text() {
        let metrics = ServerMetrics::new();
        metrics.count_request("/api/predict", 200, Duration::from_millis(3));
        metrics.count_request("/api/predict", 503, Duration::from_millis(1));
        metrics.count_batch(5);
        metrics.count_token_request("alice", TokenOutcome::Rate);
        metrics.set_model_version("cnn", "old");
        metrics.set_model_version("cnn", "new");
        let text = metrics.text(7).unwrap();
        for line in [
            r#"glyph_requests_total{route="/api/predict",status="200"} 1"#,
            r#"glyph_request_duration_seconds_count{route="/api/predict"} 2"#,
            r#"glyph_batch_pictures_bucket{le="8.0"} 1"#,
            "glyph_refused_requests_total 1",
            "glyph_queue_pictures 7",
            r#"glyph_build_info{version="0.1.0"} 1"#,
            r#"glyph_token_requests_total{token="alice",outcome="rate"} 1"#,
            r#"glyph_model_info{model="cnn",version="new"} 1"#,
            "# EOF",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(!text.contains("old"), "{text}");
    }
}
