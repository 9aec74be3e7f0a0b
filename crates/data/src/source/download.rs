//! Download of one file over HTTP into memory, up to a size limit.

use std::error::Error;
use std::io::Read;
use std::time::Duration;

use thiserror::Error;
use ureq::Agent;

/// Timeout for connecting, for the response's headers, and for each read.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The progress of a download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The file's name.
    pub file: String,
    /// Number of bytes received.
    pub received: u64,
    /// Number of bytes in the file, if the server sends it.
    pub total: Option<u64>,
}

#[derive(Debug, Error)]
#[error("the file is larger than the {limit} bytes expected")]
struct TooLarge {
    limit: u64,
}

/// Downloads `url`, and calls `progress` after each read.
pub(crate) fn download(
    url: &str,
    file: &str,
    limit: u64,
    progress: &mut dyn FnMut(Download),
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let agent = Agent::new_with_config(
        Agent::config_builder()
            .timeout_connect(Some(TIMEOUT))
            .timeout_recv_response(Some(TIMEOUT))
            .timeout_per_read(Some(TIMEOUT))
            .build(),
    );
    let mut response = agent.get(url).call()?;
    let total = response.body().content_length();
    let mut reader = response.body_mut().as_reader();
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = reader.read(&mut buffer)?;
        if length == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(&buffer[..length]);
        if bytes.len() as u64 > limit {
            return Err(TooLarge { limit }.into());
        }
        progress(Download { file: String::from(file), received: bytes.len() as u64, total });
    }
}
