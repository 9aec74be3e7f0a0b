//! Pictures of the steps from a page to the network's input.

use std::fs;
use std::path::Path;

use anyhow::Context;
use charts::{ImageView, Sample, sample_grid};
use data::{printable, printable_path};
use image::{GrayImage, ImageFormat};
use ink::Step;
use runs::{make_folder, write_file};

use crate::inputs::Input;
use crate::output_folder::{OutputFolder, make_output_folder};
use crate::read_from::ReadFrom;

/// All steps at a glance.
const OVERVIEW: &str = "steps.png";

/// A folder with a folder for each picture.
pub struct StepPictures(OutputFolder);

impl StepPictures {
    /// Makes the folder, unless pictures that are read would be written over.
    pub fn new(folder: &Path, inputs: &[Input]) -> anyhow::Result<Self> {
        let planned = OutputFolder::plan(folder, inputs);
        let read = ReadFrom::pictures(inputs);
        for entry in planned.places().iter().filter_map(|place| fs::read_dir(place).ok()).flatten()
        {
            read.spare(&entry?.path())?;
        }
        make_output_folder(folder)?;
        Ok(Self(planned))
    }

    /// Writes a picture of every step of the picture `name`, which has this index, and one of all,
    /// into a folder named after the picture.
    pub fn write(
        &self,
        index: usize,
        name: &str,
        steps: &[(Step, GrayImage)],
    ) -> anyhow::Result<()> {
        let folder = self.0.place(index);
        make_folder(folder).with_context(|| printable_path(folder))?;
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
        let file = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
        let file = printable(&file);
        let overview = sample_grid(&format!("From {file} to the network's input"), &tiles?)?;
        write_file(&folder.join(OVERVIEW), &overview.png()?)
    }
}
