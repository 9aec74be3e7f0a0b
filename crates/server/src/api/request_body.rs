//! Schemas of request bodies, for the API's description.

use utoipa::ToSchema;

/// A file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Binary(#[allow(dead_code)] Vec<u8>);

/// A form with picture files.
#[derive(ToSchema)]
#[allow(dead_code)] // Only the schema is used: field names do not matter.
pub struct Form {
    /// One or more files.
    picture: Vec<Binary>,
}
