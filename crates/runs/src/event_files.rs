//! The event files of a run for TensorBoard: one folder per split, one record per epoch.
//!
//! TensorBoard keeps a file open, continues to read where it stopped, and does not notice when the
//! file is replaced. These files therefore grow in place, unlike the run's tables, and a resumed run
//! appends to the files it has. Their names carry the time at which the run started, so a new run in
//! the same folder writes new files.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use data::{open_in_place, printable_path, refuse_link};

use crate::history::EpochFigures;
use crate::observer::{Event, Observer};

/// TensorBoard reads files with `tfevents` in their name, in the order of the seconds that follow.
pub(crate) const NAME: &str = "events.out.tfevents.";

/// Field numbers of TensorBoard's `event.proto`.
const WALL_TIME: u8 = 1;
const STEP: u8 = 2;
const FILE_VERSION: u8 = 3;
const SUMMARY: u8 = 5;

/// Field numbers of TensorBoard's `summary.proto`: of a summary, then of one of its values.
const VALUE: u8 = 1;
const TAG: u8 = 1;
const SIMPLE_VALUE: u8 = 2;

/// Contents of the first record of a file.
const VERSION: &str = "brain.Event:2";

/// Each split has its own folder, so that TensorBoard draws both in one chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    Train,
    Validation,
}

impl Split {
    fn folder(self) -> &'static str {
        match self {
            Self::Train => FOLDERS[0],
            Self::Validation => FOLDERS[1],
        }
    }

    /// Tag and value of each curve.
    fn scalars(self, epoch: &EpochFigures) -> Vec<(&'static str, f64)> {
        let figures = match self {
            Self::Train => &epoch.train,
            Self::Validation => &epoch.validation,
        };
        let mut scalars = vec![("loss", figures.loss), ("accuracy", figures.accuracy)];
        if self == Self::Train {
            scalars.push(("learning_rate", epoch.learning_rate));
            scalars.push(("images_per_second", figures.images_per_second));
        }
        scalars
    }
}

/// The folders of the splits.
pub(crate) const FOLDERS: [&str; 2] = ["train", "validation"];

/// The event files of one run.
#[derive(Debug)]
pub struct EventFiles {
    folder: PathBuf,
    /// When the run started, in seconds since 1970.
    started: u64,
}

/// Why an event file cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", printable_path(path))]
pub struct EventFileError {
    path: PathBuf,
    source: io::Error,
}

impl EventFiles {
    /// The event files in `folder`, brought up to date with `history`: those of a resumed run, or
    /// new ones.
    ///
    /// # Errors
    /// When a folder or file cannot be read or written.
    pub fn open(folder: PathBuf, history: &[EpochFigures]) -> Result<Self, EventFileError> {
        for split in [Split::Train, Split::Validation] {
            let folder = folder.join(split.folder());
            fs::create_dir_all(&folder)
                .and_then(|()| refuse_link(&folder))
                .map_err(|source| file_error(&folder, source))?;
        }
        let train = folder.join(Split::Train.folder());
        let found = started(&train).map_err(|source| file_error(&train, source))?;
        let files = Self { folder, started: found.unwrap_or_else(|| start_of(history)) };
        files.write(history)?;
        Ok(files)
    }

    /// Appends the epochs of `history`, the whole run's, that are not in the files yet.
    ///
    /// # Errors
    /// When a file cannot be read or written; the next call writes what is missing.
    pub fn write(&self, history: &[EpochFigures]) -> Result<(), EventFileError> {
        for split in [Split::Train, Split::Validation] {
            let path = self.path(split);
            update(&path, &events(split, history, self.started))
                .map_err(|source| file_error(&path, source))?;
        }
        Ok(())
    }

    fn path(&self, split: Split) -> PathBuf {
        self.folder.join(split.folder()).join(format!("{NAME}{:010}", self.started))
    }
}

impl Observer for EventFiles {
    fn observe(&mut self, event: &Event) -> anyhow::Result<()> {
        if let Event::EpochFinished { history, .. } = event {
            self.write(history)?;
        }
        Ok(())
    }
}

fn file_error(path: &Path, source: io::Error) -> EventFileError {
    EventFileError { path: path.to_owned(), source }
}

/// The time in the name of the newest event file in `folder`; `None` where there is none.
fn started(folder: &Path) -> io::Result<Option<u64>> {
    let mut newest = None;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let time = name.to_str().and_then(|name| name.strip_prefix(NAME)?.parse().ok());
        newest = newest.max(time);
    }
    Ok(newest)
}

/// When a run with this history would have started if it had never paused.
fn start_of(history: &[EpochFigures]) -> u64 {
    // A clock before 1970 is wrong anyway.
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    now.saturating_sub(history.iter().map(seconds).sum::<f64>() as u64)
}

fn seconds(epoch: &EpochFigures) -> f64 {
    epoch.train.seconds + epoch.validation.seconds
}

/// The contents of a split's event file. The length of an epoch's record does not depend on its
/// figures, so that a reader's place stays the start of a record even if earlier ones change.
fn events(split: Split, history: &[EpochFigures], started: u64) -> Vec<u8> {
    let mut time = started as f64;
    let version = Message::default().double(WALL_TIME, time).bytes(FILE_VERSION, VERSION);
    let mut records = record(&version);
    for epoch in history {
        time += seconds(epoch);
        let mut summary = Message::default();
        for (tag, value) in split.scalars(epoch) {
            let value = Message::default().bytes(TAG, tag).float(SIMPLE_VALUE, value as f32);
            summary = summary.bytes(VALUE, value);
        }
        let event = Message::default()
            .double(WALL_TIME, time)
            .integer(STEP, epoch.epoch as u64)
            .bytes(SUMMARY, summary);
        records.extend(record(&event));
    }
    records
}

/// Appends to `path` what it lacks of `wanted`. A file that differs, for example after a power cut,
/// is written again from the first difference on.
fn update(path: &Path, wanted: &[u8]) -> io::Result<()> {
    let options = &mut File::options();
    let mut file =
        open_in_place(path, options.read(true).write(true).create(true).truncate(false))?;
    let mut present = Vec::new();
    file.read_to_end(&mut present)?;
    let same = present.iter().zip(wanted).take_while(|(present, wanted)| present == wanted).count();
    file.seek(SeekFrom::Start(same as u64))?;
    file.write_all(&wanted[same..])?;
    file.set_len(wanted.len() as u64)?;
    file.sync_data()
}

/// A record of a `TFRecord` file: length, its checksum, data, their checksum (TensorFlow,
/// `record_writer.h`).
fn record(message: &Message) -> Vec<u8> {
    let length = (message.0.len() as u64).to_le_bytes();
    let checksums = [masked_crc32c(&length), masked_crc32c(&message.0)].map(u32::to_le_bytes);
    [&length[..], &checksums[0], &message.0, &checksums[1]].concat()
}

/// A checksum as records store it: rotated and moved by a constant, because the checksum of data
/// that contain their own says little (TensorFlow, `crc32c.h`).
fn masked_crc32c(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// A message in the binary form of Protocol Buffers: each field is its number and type in one byte,
/// then its value.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn integer(mut self, field: u8, value: u64) -> Self {
        self.0.push(field << 3);
        self.variable_length(value)
    }

    fn double(mut self, field: u8, value: f64) -> Self {
        self.0.push(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// A string or a message.
    fn bytes(mut self, field: u8, value: impl AsRef<[u8]>) -> Self {
        self.0.push(field << 3 | 2);
        self = self.variable_length(value.as_ref().len() as u64);
        self.0.extend(value.as_ref());
        self
    }

    fn float(mut self, field: u8, value: f32) -> Self {
        self.0.push(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Seven bits a byte, the lowest first; all bytes but the last have their top bit set.
    fn variable_length(mut self, mut value: u64) -> Self {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::SplitFigures;

    const START: u64 = 1_767_225_600;

    fn history(epochs: usize) -> Vec<EpochFigures> {
        let epoch = |epoch| EpochFigures {
            epoch,
            train: SplitFigures {
                loss: 1.0 / epoch as f64,
                accuracy: 0.5,
                seconds: 8.0,
                images_per_second: 7500.0,
            },
            validation: SplitFigures {
                loss: 2.0 / epoch as f64,
                accuracy: 0.25,
                seconds: 0.5,
                images_per_second: 20000.0,
            },
            learning_rate: 1e-3,
        };
        (1..=epochs).map(epoch).collect()
    }

    /// File name and contents of the two splits.
    fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
        let files = ["train", "validation"].map(|split| fs::read_dir(folder.join(split)).unwrap());
        let files = files.into_iter().flatten().map(|entry| entry.unwrap());
        files
            .map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap()))
            .collect()
    }

    #[test]
    fn checksums_are_those_of_the_castagnoli_polynomial() {
        // RFC 3720, B.4.
        let cases = [
            ([0; 32], 0x8a91_36aa),
            ([0xff; 32], 0x62a8_ab43),
            (std::array::from_fn(|byte| byte as u8), 0x46dd_794e),
        ];
        for (bytes, checksum) in cases {
            assert_eq!(crc32c::crc32c(&bytes), checksum);
        }
        assert_eq!(masked_crc32c(b""), 0xa282_ead8);
    }

    #[test]
    fn integers_take_seven_bits_a_byte() {
        let cases: [(u64, &[u8]); 4] =
            [(0, &[0]), (127, &[127]), (128, &[128, 1]), (300, &[0xac, 2])];
        for (value, bytes) in cases {
            assert_eq!(Message::default().variable_length(value).0, bytes);
        }
    }

    /// Written by TensorBoard 2.21's own `RecordWriter` from its own `Event` messages.
    #[test]
    fn the_bytes_are_those_that_tensorboard_writes() {
        // Of each record: length and its checksum, event, checksum of the event.
        let golden = [
            "1800000000000000a37f4b22",
            "09000000406e55da411a0d627261696e2e4576656e743a32",
            "c3486dfc",
            "2b00000000000000861bc34b",
            "09000020426e55da4110012a1e0a0b0a046c6f73731500000040",
            "0a0f0a086163637572616379150000803e",
            "e0b60281",
        ];
        let bytes = events(Split::Validation, &history(1), START);
        let hex = format!("{bytes:02x?}").replace(['[', ',', ' ', ']'], "");
        assert_eq!(hex, golden.concat());
    }

    #[test]
    fn a_run_that_goes_on_writes_what_one_that_never_stopped_does() {
        let folder = tempfile::tempdir().unwrap();
        let open = |epochs| EventFiles::open(folder.path().to_owned(), &history(epochs)).unwrap();
        let first = open(0);
        first.write(&history(1)).unwrap();
        first.write(&history(2)).unwrap();
        open(2).write(&history(3)).unwrap();
        let name = format!("{NAME}{:010}", first.started);
        let whole = [Split::Train, Split::Validation]
            .map(|split| (name.clone(), events(split, &history(3), first.started)));
        assert_eq!(contents(folder.path()), whole);
    }

    #[test]
    fn a_file_that_differs_is_repaired() {
        let whole = events(Split::Train, &history(2), START);
        let (torn, longer) = (whole[..whole.len() - 9].to_vec(), [&whole[..], b"rest"].concat());
        let mut changed = whole.clone();
        changed[30] ^= 1;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        for contents in [torn, longer, changed] {
            fs::write(&path, contents).unwrap();
            update(&path, &whole).unwrap();
            assert_eq!(fs::read(&path).unwrap(), whole);
        }
    }

    #[test]
    fn epochs_from_before_the_first_event_file_are_dated_back() {
        let folder = tempfile::tempdir().unwrap();
        let now = start_of(&[]);
        let files = EventFiles::open(folder.path().to_owned(), &history(2)).unwrap();
        assert!((now - 17..now - 10).contains(&files.started), "{} {now}", files.started);
    }

    #[test]
    fn an_error_names_its_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("train"), "").unwrap();
        let error = EventFiles::open(folder.path().to_owned(), &[]).unwrap_err().to_string();
        assert!(error.starts_with(&folder.path().join("train").display().to_string()), "{error}");
    }
}
