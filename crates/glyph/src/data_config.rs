//! Reading the data set that a user named.

use terminal::Console;
use trainer::config::{ConfigFile, DataConfig};
use trainer::proposal::read_data_config;

use crate::options::DataOptions;

/// Reads the config, or proposes what a folder of pictures needs, and says what it is.
pub fn read_data(
    options: &DataOptions,
    console: &Console,
) -> anyhow::Result<(ConfigFile, DataConfig)> {
    let (file, config, proposal) = read_data_config(&options.data, &options.set)?;
    if let Some(proposal) = proposal {
        proposal.input_messages().iter().for_each(|message| console.message(message));
    }
    Ok((file, config))
}
