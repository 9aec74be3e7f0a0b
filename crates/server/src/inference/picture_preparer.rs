//! Turns uploaded pictures into inputs of one model. It needs no network, and so runs on any thread.

use data::{Image, ImageShape};
use ink::{InkError, InkPage, PixelLimit, decode, find_lines};
use reader::{Preparation, PreparationKind, Prepared, ReadError};

use crate::inference::picture::{PictureData, parse_pixels};
use crate::problem::Problem;

/// How a model's pictures are prepared.
#[derive(Clone, Copy, Debug)]
pub struct PicturePreparer {
    pub preparation: Preparation,
    /// Shape of the model's input.
    pub shape: ImageShape,
    /// Maximum number of pixels in a picture.
    pub pixel_limit: PixelLimit,
}

impl PicturePreparer {
    /// Makes a picture the model's input. JSON pixels give the same input as a file with the same
    /// grey levels.
    ///
    /// # Errors
    ///
    /// 422 for a file that is not a picture or is too large, or pixels of another size than the
    /// model's; 400 for malformed JSON.
    pub fn prepare(&self, picture: &PictureData) -> Result<Prepared, Problem> {
        match picture {
            PictureData::File(bytes) => self
                .preparation
                .prepare(bytes, self.pixel_limit, self.shape, |_, _| {})
                .map_err(|error| unreadable(&error)),
            PictureData::Json(json) => {
                let page = parse_pixels(json)?;
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
            PictureData::Tensor(levels) => Image::new(self.shape, levels.to_vec())
                .map(|image| Prepared::Image { image, is_clear: true })
                .map_err(|error| Problem::unprocessable(error.to_string())),
        }
    }

    /// Finds the lines of digits; `None` on a blank page. JSON pixels may have any size.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare`], and 422 if the model does not read lines.
    pub fn find_lines(&self, picture: &PictureData) -> Result<Option<InkPage>, Problem> {
        if self.preparation.kind == PreparationKind::Picture {
            return Err(Problem::unprocessable(ReadError::NoInk.to_string()));
        }
        let page = match picture {
            PictureData::File(bytes) => {
                decode(bytes, self.pixel_limit).map_err(|error| unreadable(&error))?
            }
            PictureData::Json(json) => parse_pixels(json)?,
            PictureData::Tensor(_) => {
                return Err(Problem::unprocessable("a line is read from a picture, not a tensor"));
            }
        };
        Ok(find_lines(&page))
    }
}

fn unreadable(error: &InkError) -> Problem {
    Problem::unprocessable(error.to_string())
}
