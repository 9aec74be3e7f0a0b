//! Schemas of request bodies, for the API's description.

use utoipa::ToSchema;

/// A file, for the API's description.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Binary(#[allow(dead_code)] Vec<u8>);

/// A form, for the API's description.
#[derive(ToSchema)]
#[allow(dead_code)] // Forms are read part by part, whatever the fields are called.
pub struct Form {
    /// One or several.
    picture: Vec<Binary>,
}
