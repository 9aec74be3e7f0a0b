//! Pictures of the steps from a page to the network's input.

use std::fs;
use std::path::Path;

use anyhow::Context;
use charts::{ImageView, Sample, sample_grid};
use image::{GrayImage, ImageFormat};
use ink::Step;
use runs::write_file;

use crate::output_folder::OutputFolder;

/// All steps at a glance.
const OVERVIEW: &str = "steps.png";

/// A folder with a folder for each picture.
pub struct StepPictures(OutputFolder);

impl StepPictures {
    /// Makes the folder.
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        OutputFolder::new(folder).map(Self)
    }

    /// Writes a picture of every step, and one of all, into a folder named after the picture.
    pub fn write(&self, name: &str, steps: &[(Step, GrayImage)]) -> anyhow::Result<()> {
        let folder = self.0.place_for(name);
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        for (index, (step, picture)) in steps.iter().enumerate() {
            let mut png = std::io::Cursor::new(Vec::new());
            picture.write_to(&mut png, ImageFormat::Png)?;
            write_file(&folder.join(format!("{:02}-{step}.png", index + 1)), png.get_ref())?;
        }
        let tiles: Result<Vec<Sample>, _> = steps
            .iter()
            .map(|(step, picture)| {
                let (width, height) = picture.dimensions();
                let image = ImageView::new(1, height as usize, width as usize, picture.as_raw());
                image.map(|image| Sample { image, name: step.name() })
            })
            .collect();
        let file = Path::new(name).file_name().unwrap_or_default().display();
        let overview = sample_grid(&format!("From {file} to the network's input"), &tiles?)?;
        write_file(&folder.join(OVERVIEW), &overview.png()?)
    }
}
