//! What a user types.
#![allow(clippy::doc_markdown)] // The comments are the help texts, shown as they stand.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum, value_parser};
use model::{Compute, DeviceError, KernelChoice};

/// Answer over HTTP what pictures show, and serve a page to draw on.
#[derive(Parser)]
#[command(name = "server", version)]
pub struct Arguments {
    /// Folder of a model; its name is the folder's (repeatable, the first is the default)
    #[arg(long = "model", value_name = "DIR", default_value = "artifacts/cnn")]
    pub models: Vec<PathBuf>,
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
    #[command(flatten)]
    pub(crate) compute: ComputeOptions,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    #[command(flatten)]
    pub(crate) batches: BatchOptions,
    /// How to log
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// Where and how to compute.
#[derive(clap::Args)]
pub struct ComputeOptions {
    /// Where to compute, for example flex or cuda:1; see `trainer devices`
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Instructions of Glyph's CPU kernels: auto, avx512, avx2, portable; off = Burn's operations
    #[arg(long, value_name = "SET", default_value = "auto")]
    pub kernels: KernelChoice,
}

impl ComputeOptions {
    /// Opens what was asked for.
    pub fn open(&self) -> Result<Compute, DeviceError> {
        let (device, kernels) = (self.device.clone(), self.kernels);
        Compute::open(&model::ComputeOptions { device, kernels, threads: None })
    }
}

/// What clients may take.
#[derive(clap::Args)]
pub struct LimitOptions {
    /// Bytes of a request's body
    #[arg(long, value_name = "BYTES", default_value_t = 8_000_000, value_parser = value_parser!(u32).range(1..))]
    pub max_body: u32,
    /// Pixels of a picture (width × height)
    #[arg(long, value_name = "N", default_value_t = 16_777_216, value_parser = value_parser!(u64).range(1..))]
    pub max_pixels: u64,
    /// Time for a request's headers to come in, then for its body and answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
    /// Connections at the same time
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
    /// Pictures that wait for their answer at the same time; more are refused
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub queue: u32,
}

/// How pictures of several requests go through the network together.
#[derive(clap::Args)]
pub struct BatchOptions {
    /// Pictures that go through the network together at most
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = value_parser!(u16).range(1..=4_096))]
    pub batch: u16,
    /// Time to wait for more pictures before the network runs; 0 takes what is there
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 0, value_parser = value_parser!(u16).range(..=10_000))]
    pub wait: u16,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines to read.
    Text,
    /// A JSON object on each line.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(std::iter::once("server").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn it_listens_to_this_machine_alone_unless_told_otherwise() {
        assert!(parse("").unwrap().bind.ip().is_loopback());
        assert!(parse("--bind [::]:80").unwrap().bind.ip().is_unspecified());
    }

    #[test]
    fn named_models_replace_the_default_one() {
        let models = parse("--model a --model b").unwrap().models;
        assert_eq!(models, [PathBuf::from("a"), PathBuf::from("b")]);
    }

    #[test]
    fn what_would_let_nothing_through_is_refused() {
        for line in ["--max-body 0", "--queue 0", "--batch 0", "--timeout 0", "--bind localhost"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
