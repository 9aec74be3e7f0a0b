//! One file over HTTP, into memory, no larger than expected.

use std::error::Error;
use std::io::Read;
use std::time::Duration;

use thiserror::Error;
use ureq::Agent;

/// A server that says nothing for so long is given up.
const SILENCE: Duration = Duration::from_secs(30);

/// How far a download has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The file's name.
    pub file: String,
    /// Bytes that have arrived.
    pub received: u64,
    /// Bytes that will have arrived in the end, where the server tells.
    pub total: Option<u64>,
}

#[derive(Debug, Error)]
#[error("the file is larger than the {limit} bytes expected")]
struct TooLarge {
    limit: u64,
}

/// Downloads `url`, calling `progress` for every piece that arrives.
pub(crate) fn download(
    url: &str,
    file: &str,
    limit: u64,
    progress: &mut dyn FnMut(Download),
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let agent = Agent::new_with_config(
        Agent::config_builder()
            .timeout_connect(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .build(),
    );
    let mut response = agent.get(url).call()?;
    let total = response.body().content_length();
    let mut reader = response.body_mut().as_reader();
    let mut bytes = Vec::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let length = reader.read(&mut piece)?;
        if length == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&piece[..length]);
        if bytes.len() as u64 > limit {
            return Err(TooLarge { limit }.into());
        }
        progress(Download { file: String::from(file), received: bytes.len() as u64, total });
    }
}
