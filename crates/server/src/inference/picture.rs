//! One uploaded picture, and the JSON form of its pixels.

use axum::body::Bytes;
use image::GrayImage;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// One picture of a request.
#[derive(Debug)]
pub struct UploadedPicture {
    /// The file name, if the client sent one. It is only sent back.
    pub name: Option<String>,
    pub data: PictureData,
}

/// A picture's bytes, not yet decoded.
#[derive(Debug)]
pub enum PictureData {
    /// A file in any supported picture format.
    File(Bytes),
    /// JSON with grey levels ([`Pixels`]).
    Json(Bytes),
    /// The network's input before normalization: levels `[channels, height, width]`.
    Tensor(Bytes),
}

/// A picture as grey levels.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pixels {
    /// Rows of grey levels from the top, 0 (black) to 255 (white); light ink on black.
    pixels: Vec<Vec<u8>>,
}

/// Parses [`Pixels`] from JSON.
///
/// # Errors
///
/// 400 for malformed JSON, 422 for JSON of another form or rows of different lengths.
pub fn parse_pixels(json: &[u8]) -> Result<GrayImage, Problem> {
    let Pixels { pixels } = serde_json::from_slice(json).map_err(|error| {
        let detail = format!("expected {{\"pixels\": [[0…255, …], …]}}: {error}");
        if error.is_data() { Problem::unprocessable(detail) } else { Problem::bad_request(detail) }
    })?;
    let width = pixels.first().map_or(0, Vec::len);
    if width == 0 {
        return Err(Problem::unprocessable("`pixels` is empty"));
    }
    if let Some(row) = pixels.iter().position(|row| row.len() != width) {
        let found = pixels[row].len();
        return Err(Problem::unprocessable(format!(
            "row {row} of `pixels` has {found} numbers, but row 0 has {width}"
        )));
    }
    let (columns, rows) = (width as u32, pixels.len() as u32);
    GrayImage::from_raw(columns, rows, pixels.concat())
        .ok_or_else(|| Problem::unprocessable("`pixels` is too large"))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    fn rejection(json: &str) -> Problem {
        parse_pixels(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn rows_become_rows() {
        let page = parse_pixels(br#"{"pixels": [[0, 1, 2], [253, 254, 255]]}"#).unwrap();
        assert_eq!(page.dimensions(), (3, 2));
        assert_eq!(page.into_raw(), [0, 1, 2, 253, 254, 255]);
    }

    #[test]
    fn malformed_json_and_json_of_another_form_have_different_statuses() {
        for text in ["", "{", "{\"pixels\": [[1, 2]", "pixels"] {
            assert_eq!(rejection(text).status, StatusCode::BAD_REQUEST, "{text}");
        }
        for text in
            ["{}", "[]", r#"{"pixels": [[256]]}"#, r#"{"pixels": [[0.5]]}"#, r#"{"pixel": []}"#]
        {
            assert_eq!(rejection(text).status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        }
    }

    #[test]
    fn rows_must_have_the_same_length() {
        assert!(rejection(r#"{"pixels": [[1, 2], [3]]}"#).detail.contains("row 1"));
        assert!(rejection(r#"{"pixels": []}"#).detail.contains("empty"));
        assert!(rejection(r#"{"pixels": [[], []]}"#).detail.contains("empty"));
    }
}
