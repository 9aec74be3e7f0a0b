//! What happens to every request and every response.

pub mod authorize;
pub mod check_host;
pub mod check_origin;
pub mod log_request;
pub mod request_id;
pub mod require_slot;
pub mod security_headers;
