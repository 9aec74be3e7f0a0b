//! What happens to every request and every response.

pub mod log_request;
pub mod require_slot;
pub mod security_headers;
