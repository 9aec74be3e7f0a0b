//! What happens to every request and every response.

pub mod authorize;
pub mod log_request;
pub mod security_headers;
