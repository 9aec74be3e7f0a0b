//! A picture as it came in, and what a model takes of it.

use axum::body::Bytes;
use data::ImageShape;
use image::GrayImage;
use ink::{InkError, InkLine, PixelLimit, decode, find_line};
use reader::{Preparation, Prepared, ReadError};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// One picture of a request.
#[derive(Debug)]
pub struct Picture {
    /// The file's name, where the client gave one. It is sent back and nothing else.
    pub name: Option<String>,
    pub content: Content,
}

/// What a picture is made of.
#[derive(Debug)]
pub enum Content {
    /// A file of any format that can be decoded.
    File(Bytes),
    /// JSON with the grey levels.
    Pixels(Bytes),
}

/// A picture as numbers.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pixels {
    /// Rows of grey levels from 0 (black) to 255 (white), from the top left; light ink on black.
    pixels: Vec<Vec<u8>>,
}

/// How a model wants its pictures; enough to prepare them without the model.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    pub preparation: Preparation,
    pub shape: ImageShape,
    pub limit: PixelLimit,
}

impl Recipe {
    /// Makes a picture the model's input. Pixels take the road that a file with the same grey levels
    /// takes, so that both get the same answer.
    ///
    /// # Errors
    ///
    /// 422 for what is no picture or too large, or pixels of another size than the model's; 400 for
    /// what is no JSON.
    pub fn prepare(&self, content: &Content) -> Result<Prepared, Problem> {
        match content {
            Content::File(bytes) => self
                .preparation
                .prepare(bytes, self.limit, self.shape, |_, _| {})
                .map_err(|error| unreadable(&error)),
            Content::Pixels(json) => {
                let page = parse(json)?;
                let (width, height) = (page.width() as usize, page.height() as usize);
                if (width, height) != (self.shape.width, self.shape.height) {
                    return Err(Problem::unprocessable(format!(
                        "`pixels` has {height} rows of {width} numbers, but the model takes {} of \
                         {}: send other sizes as a picture file",
                        self.shape.height, self.shape.width
                    )));
                }
                Ok(self.preparation.prepare_grey(page, self.shape, |_, _| {}))
            }
        }
    }

    /// Finds a line of digits; none on a blank page. Pixels may be of any size.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare`], and 422 where the model does not read lines.
    pub fn find_line(&self, content: &Content) -> Result<Option<InkLine>, Problem> {
        if self.preparation == Preparation::Scaled {
            return Err(Problem::unprocessable(ReadError::NoInk.to_string()));
        }
        let page = match content {
            Content::File(bytes) => {
                decode(bytes, self.limit).map_err(|error| unreadable(&error))?
            }
            Content::Pixels(json) => parse(json)?,
        };
        Ok(find_line(&page))
    }
}

fn unreadable(error: &InkError) -> Problem {
    Problem::unprocessable(error.to_string())
}

/// Grey levels from JSON.
fn parse(json: &[u8]) -> Result<GrayImage, Problem> {
    let Pixels { pixels } = serde_json::from_slice(json).map_err(|error| {
        let detail = format!("not {{\"pixels\": [[0…255, …], …]}}: {error}");
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
        .ok_or_else(|| Problem::unprocessable("`pixels` has no size"))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    fn refusal(json: &str) -> Problem {
        parse(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn rows_become_rows() {
        let page = parse(br#"{"pixels": [[0, 1, 2], [253, 254, 255]]}"#).unwrap();
        assert_eq!(page.dimensions(), (3, 2));
        assert_eq!(page.into_raw(), [0, 1, 2, 253, 254, 255]);
    }

    #[test]
    fn json_that_is_none_is_another_mistake_than_json_of_something_else() {
        for text in ["", "{", "{\"pixels\": [[1, 2]", "pixels"] {
            assert_eq!(refusal(text).status, StatusCode::BAD_REQUEST, "{text}");
        }
        for text in
            ["{}", "[]", r#"{"pixels": [[256]]}"#, r#"{"pixels": [[0.5]]}"#, r#"{"pixel": []}"#]
        {
            assert_eq!(refusal(text).status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        }
    }

    #[test]
    fn pixels_must_be_a_rectangle() {
        assert!(refusal(r#"{"pixels": [[1, 2], [3]]}"#).detail.contains("row 1"));
        assert!(refusal(r#"{"pixels": []}"#).detail.contains("empty"));
        assert!(refusal(r#"{"pixels": [[], []]}"#).detail.contains("empty"));
    }
}
