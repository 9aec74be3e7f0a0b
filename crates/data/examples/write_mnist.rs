//! Writes the built-in MNIST to a folder as four uncompressed IDX files, for programs that read no
//! other format: `cargo run -p data --example write_mnist -- FOLDER`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use data::{DatasetConfig, ImageSet, ImageShape, InputConfig, write_whole};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or("usage: write_mnist FOLDER")?;
    let source =
        DatasetConfig::new("mnist".parse()?).load(&InputConfig::default(), 0, &mut |_| {})?;
    fs::create_dir_all(&folder)?;
    write_split(&folder, "train", &source.train)?;
    write_split(&folder, "t10k", &source.test)?;
    Ok(())
}

fn write_split(folder: &Path, name: &str, set: &ImageSet) -> io::Result<()> {
    let ImageShape { height, width, .. } = set.shape(); // MNIST has one channel.
    let mut images = header(&[set.len(), height, width]);
    for index in 0..set.len() {
        images.extend_from_slice(&set.pixels(index).map_err(io::Error::other)?);
    }
    write_whole(&folder.join(format!("{name}-images-idx3-ubyte")), &images)?;

    let mut labels = header(&[set.len()]);
    labels.extend(set.labels().iter().map(|&label| label as u8)); // MNIST has ten classes.
    write_whole(&folder.join(format!("{name}-labels-idx1-ubyte")), &labels)
}

/// The header of an IDX file: the element type 08 is unsigned bytes, sizes are big-endian.
fn header(sizes: &[usize]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, sizes.len() as u8];
    bytes.extend(sizes.iter().flat_map(|&size| (size as u32).to_be_bytes()));
    bytes
}
