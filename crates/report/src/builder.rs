//! A report being put together: its page and the pictures on it.

use charts::{Picture, PictureError};

use crate::{Page, ReportError};

/// A picture of the report.
#[derive(Clone, Debug)]
pub struct ReportPicture {
    /// Its file name, for example `confusion_matrix.png`.
    pub file: &'static str,
    /// The picture.
    pub picture: Picture,
}

/// What the sections add to.
pub(crate) struct Builder {
    pub page: Page,
    pub pictures: Vec<ReportPicture>,
}

impl Builder {
    pub fn new(title: &str, subtitle: &str) -> Self {
        Self { page: Page::new(title, subtitle), pictures: Vec::new() }
    }

    /// Adds a picture to the page and to the list of pictures. The page says why a picture is
    /// missing that would be too large or has infinite coordinates; the rest of the report is still
    /// useful.
    pub fn picture(
        &mut self,
        file: &'static str,
        picture: Result<Picture, PictureError>,
        caption: &str,
        alternative: &str,
    ) -> Result<(), ReportError> {
        match picture {
            Ok(picture) => {
                self.page.picture(&picture, caption, alternative)?;
                self.pictures.push(ReportPicture { file, picture });
            }
            Err(error @ (PictureError::TooLarge { .. } | PictureError::NotFinite { .. })) => {
                self.page.paragraph(&format!("{alternative}: {error}."));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
