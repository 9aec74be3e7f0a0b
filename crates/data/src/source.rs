//! Where images come from: the `[dataset]` section of a config, and the data sets it names.

mod config;
mod download;
mod fashion_mnist;
mod folder;
mod idx_files;
mod loaded;
mod mnist;

pub use self::config::{DatasetConfig, SourceName};
pub use self::download::Download;
pub use self::loaded::Source;
