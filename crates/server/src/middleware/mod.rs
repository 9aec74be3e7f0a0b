//! What happens around every request.

pub mod observe;
pub mod security;
