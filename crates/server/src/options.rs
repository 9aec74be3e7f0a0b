//! The command line's options.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown unchanged.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum, value_parser};

use crate::ip_network::IpNetwork;

/// Serve models over HTTP, with a web page for drawing digits
#[derive(Clone, Debug, Args)]
pub struct ServeOptions {
    /// Model to serve: a name or a folder, whose name it gets (repeatable; the first is the default)
    // Names are resolved by the program, which also chooses the model if none is named.
    #[arg(long = "model", value_name = "NAME|DIR", env = "GLYPH_MODEL")]
    pub models: Vec<String>,
    /// Address to listen on; port 0 means any free port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
    /// Address for /metrics, /readyz and /healthz, without tokens; the first two leave --bind's
    #[arg(long, help_heading = "Access", value_name = "ADDRESS:PORT")]
    pub admin_bind: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) tokens: TokenOptions,
    #[command(flatten)]
    pub(crate) access: AccessOptions,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    #[command(flatten)]
    pub(crate) batches: BatchOptions,
    #[command(flatten)]
    pub(crate) shutdown: ShutdownOptions,
    /// Format of the log
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// Tokens of clients, and their limits.
#[derive(Clone, Debug, Args)]
#[allow(clippy::struct_field_names)] // The options have their names.
pub struct TokenOptions {
    /// Require a bearer token from this file, one `name:token` per line; read again on SIGHUP
    #[arg(long, help_heading = "Access", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Maximum number of requests per second with the same token; more are answered 429
    #[arg(long, help_heading = "Access", value_name = "N", requires = "token_file", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub token_rate: Option<u32>,
    /// Maximum number of requests in progress with the same token; more are answered 429
    #[arg(long, help_heading = "Access", value_name = "N", requires = "token_file", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub token_concurrency: Option<u32>,
}

/// Which requests are the server's.
#[derive(Clone, Debug, Args)]
pub struct AccessOptions {
    /// Name that requests may call this server by, besides localhost and IP addresses (repeatable)
    #[arg(long = "allowed-host", help_heading = "Access", value_name = "NAME")]
    pub allowed_hosts: Vec<String>,
    /// Proxy whose X-Forwarded-For is believed, for the log (repeatable)
    #[arg(long = "trusted-proxy", help_heading = "Access", value_name = "IP[/LENGTH]")]
    pub trusted_proxies: Vec<IpNetwork>,
}

/// Limits on clients.
#[derive(Clone, Debug, Args)]
pub struct LimitOptions {
    /// Maximum size of a request body, in bytes
    #[arg(long, help_heading = "Limits", value_name = "BYTES", default_value_t = 8_000_000, value_parser = value_parser!(u32).range(1..))]
    pub max_body: u32,
    /// Maximum number of pixels in a picture (width × height)
    #[arg(long, help_heading = "Limits", value_name = "N", default_value_t = 16_777_216, value_parser = value_parser!(u64).range(1..))]
    pub max_pixels: u64,
    /// Timeout for receiving a request's headers, then for its body and answer, in seconds
    #[arg(long, help_heading = "Limits", value_name = "SECONDS", default_value_t = 30, value_parser = value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
    /// Maximum number of open connections; health checks are answered on 32 more
    #[arg(long, help_heading = "Limits", value_name = "N", default_value_t = 1_000, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
    /// Maximum number of pictures waiting for an answer; more are rejected
    #[arg(long, help_heading = "Limits", value_name = "N", default_value_t = 256, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub queue: u32,
}

/// How the server ends.
#[derive(Clone, Debug, Args)]
pub struct ShutdownOptions {
    /// Time for requests in progress after SIGTERM or Ctrl-C, in seconds
    #[arg(long, help_heading = "Shutdown", value_name = "SECONDS", default_value_t = 8, value_parser = value_parser!(u64).range(..=86_400))]
    pub shutdown_grace: u64,
    /// Time to accept connections after SIGTERM or Ctrl-C while /readyz answers 503, in seconds
    #[arg(long, help_heading = "Shutdown", value_name = "SECONDS", default_value_t = 0, value_parser = value_parser!(u64).range(..=86_400))]
    pub drain_delay: u64,
}

/// Batching of several requests' pictures.
#[derive(Clone, Debug, Args)]
pub struct BatchOptions {
    /// Maximum batch size
    #[arg(long, help_heading = "Batches", value_name = "N", default_value_t = 64, value_parser = value_parser!(u16).range(1..=4_096))]
    pub batch: u16,
    /// Time to wait for a batch to fill, in milliseconds; 0 means not to wait
    #[arg(long, help_heading = "Batches", value_name = "MILLISECONDS", default_value_t = 0, value_parser = value_parser!(u16).range(..=10_000))]
    pub wait: u16,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Plain text.
    Text,
    /// One JSON object per line.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        options: ServeOptions,
    }

    fn parse(line: &str) -> Result<ServeOptions, clap::Error> {
        let arguments = std::iter::once("serve").chain(line.split_whitespace());
        CommandLine::try_parse_from(arguments).map(|command_line| command_line.options)
    }

    #[test]
    fn the_definition_is_consistent() {
        <CommandLine as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn the_default_address_is_only_reachable_from_this_machine() {
        assert!(parse("").unwrap().bind.ip().is_loopback());
        assert!(parse("--bind [::]:80").unwrap().bind.ip().is_unspecified());
    }

    #[test]
    fn models_keep_their_order() {
        assert_eq!(parse("").unwrap().models, [""; 0]);
        assert_eq!(parse("--model a --model b").unwrap().models, ["a", "b"]);
    }

    #[test]
    fn limits_of_a_token_need_a_file_of_tokens() {
        assert!(parse("--token-rate 5").is_err() && parse("--token-concurrency 5").is_err());
        let tokens = parse("--token-file tokens --token-rate 5").unwrap().tokens;
        assert_eq!((tokens.token_rate, tokens.token_concurrency), (Some(5), None));
    }

    #[test]
    fn limits_of_zero_are_rejected() {
        for line in [
            "--max-body 0",
            "--queue 0",
            "--batch 0",
            "--timeout 0",
            "--bind localhost",
            "--trusted-proxy proxy",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
