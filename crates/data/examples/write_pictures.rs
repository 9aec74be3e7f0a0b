//! Writes pictures of MNIST's training digits to class folders, for measurements:
//! `cargo run -p data --example write_pictures -- FOLDER COUNT`. After 60,000, the digits come again,
//! shifted by a pixel.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use data::{DatasetConfig, InputConfig};
use image::{GrayImage, Luma};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(folder), Some(count)) = (arguments.next().map(PathBuf::from), arguments.next())
    else {
        return Err("usage: write_pictures FOLDER COUNT".into());
    };
    let count: usize = count.to_string_lossy().parse()?;
    let digits =
        DatasetConfig::new("mnist".parse()?).load(&InputConfig::default(), 0, &mut |_| {})?;
    for class in 0..10 {
        fs::create_dir_all(folder.join(class.to_string()))?;
    }
    for number in 0..count {
        let (round, index) = (number / digits.train.len(), number % digits.train.len());
        let pixels = digits.train.image(index);
        let shifted = |x: u32, y: u32| {
            let x = (x as usize + round) % 28;
            Luma([pixels.pixels()[28 * y as usize + x]])
        };
        let class = digits.train.labels()[index];
        let file = folder.join(format!("{class}/{number:06}.png"));
        GrayImage::from_fn(28, 28, shifted).save(file)?;
    }
    Ok(())
}
