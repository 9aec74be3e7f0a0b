//! A CSV file that says the class or the classes of each picture.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};

use super::layout::{relative, walk};
use super::left_out::{LeftOut, Reason};
use super::listing::{Listing, PictureFile};
use crate::error::DataError;
use crate::files::{LARGEST_FILE, read_file};
use crate::source::split_name::SplitName;
use crate::targets::{Label, SEPARATOR};

/// Reads the pictures that `file` names, relative to `folder`. The columns are `file`, `label` with
/// one class or `labels` with any number of them, separated by `;`, and, if wanted, `split`; others
/// are ignored. Pictures below the folder that it does not name are counted. The classes are
/// `class_names`, or all labels, sorted: as numbers if all are.
///
/// # Errors
///
/// [`DataError::Labels`], which names the line; [`DataError::Read`].
pub(super) fn read_label_file(
    folder: &Path,
    file: &Path,
    class_names: Option<&[String]>,
) -> Result<Listing, DataError> {
    let rows = Rows::read(file)?;
    let class_names = class_names.map_or_else(|| rows.labels(), <[String]>::to_vec);
    let mut files = Vec::with_capacity(rows.rows.len());
    let mut named = BTreeSet::new();
    for row in rows.rows {
        let refuse =
            |problem| DataError::Labels { file: file.to_path_buf(), line: Some(row.line), problem };
        let path = inside(folder, &row.file)
            .ok_or_else(|| refuse(format!("\"{}\" is not below {}", row.file, folder.display())))?;
        if !named.insert(path.clone()) {
            return Err(refuse(format!("\"{}\" is named twice", row.file)));
        }
        let label = row.names.label(&class_names).map_err(refuse)?;
        let name = relative(folder, &path)?;
        files.push(PictureFile { path, name, label, split: row.split });
    }
    let class_without_training = class_names.iter().enumerate().find(|(class, _)| {
        let shows = |shown: &u16| usize::from(*shown) == *class;
        let of_class = |file: &&PictureFile| file.label.classes().iter().any(shows);
        let mut of_class = files.iter().filter(of_class).peekable();
        of_class.peek().is_some() && of_class.all(|file| file.split != SplitName::Train)
    });
    if let Some((_, class)) = class_without_training {
        let place = file.display().to_string();
        return Err(DataError::UnknownClass { place, class: class.clone() });
    }
    let left_out = unnamed(folder, &named)?;
    Ok(Listing { files, class_names, left_out })
}

/// A line of the file.
struct Row {
    line: u64,
    file: String,
    names: Names,
    split: SplitName,
}

/// The classes of a picture, by name.
enum Names {
    /// Of the column `label`.
    One(String),
    /// Of the column `labels`.
    Several(Vec<String>),
}

impl Names {
    /// The contents of a cell of the column `label` or, if `several`, `labels`.
    fn of(cell: &str, several: bool) -> Result<Self, String> {
        if !several {
            if cell.is_empty() {
                return Err("the label is empty".to_owned());
            }
            return Ok(Self::One(cell.to_owned()));
        }
        if cell.is_empty() {
            return Ok(Self::Several(Vec::new()));
        }
        let names: Vec<String> = cell.split(SEPARATOR).map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) {
            return Err(format!(
                "\"{cell}\" has an empty name: expected names with one ; between them"
            ));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
            return Err(format!("\"{cell}\" names \"{twice}\" twice"));
        }
        Ok(Self::Several(names))
    }

    fn all(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }

    /// The places of the names among `class_names`.
    fn label(&self, class_names: &[String]) -> Result<Label, String> {
        let place = |name: &String| {
            let place = class_names.iter().position(|class| class == name);
            let place = place.ok_or_else(|| {
                format!("\"{name}\" is not a class: expected {}", class_names.join(", "))
            })?;
            Ok(place.min(usize::from(u16::MAX)) as u16)
        };
        match self {
            Self::One(name) => place(name).map(Label::Class),
            Self::Several(names) => {
                let mut classes = names.iter().map(place).collect::<Result<Vec<u16>, String>>()?;
                classes.sort_unstable();
                Ok(Label::Set(classes))
            }
        }
    }
}

struct Rows {
    rows: Vec<Row>,
}

impl Rows {
    fn read(file: &Path) -> Result<Self, DataError> {
        let refuse = |line, problem| DataError::Labels { file: file.to_path_buf(), line, problem };
        let bytes = read_file(file, LARGEST_FILE)?;
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(bytes.as_slice());
        let header = reader.headers().map_err(|error| refuse(None, error.to_string()))?.clone();
        let column = |name: &str| header.iter().position(|column| column == name);
        let missing = |name: &str| {
            let found = header.iter().collect::<Vec<_>>().join(", ");
            refuse(
                Some(1),
                format!(
                    "there is no column \"{name}\": expected file, and label or labels, in the \
                     first line, found {found}"
                ),
            )
        };
        let file_column = column("file").ok_or_else(|| missing("file"))?;
        let (label_column, several) = match (column("label"), column("labels")) {
            (Some(column), None) => (column, false),
            (None, Some(column)) => (column, true),
            (None, None) => return Err(missing("label")),
            (Some(_), Some(_)) => {
                let problem = "there are the columns \"label\" and \"labels\": keep one of them";
                return Err(refuse(Some(1), problem.to_owned()));
            }
        };
        let split_column = column("split");
        let row = |record: Result<StringRecord, csv::Error>| {
            let record = record.map_err(|error| {
                refuse(error.position().map(csv::Position::line), error.to_string())
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            let field = |column: usize| record.get(column).unwrap_or_default().to_owned();
            let split = match split_column.map(field) {
                None => SplitName::Train,
                Some(name) => SplitName::of(&name).ok_or_else(|| {
                    let problem = format!("\"{name}\" is not a split: expected train, val or test");
                    refuse(Some(line), problem)
                })?,
            };
            let file = field(file_column);
            if file.is_empty() {
                return Err(refuse(Some(line), "the file is empty".to_owned()));
            }
            let names = Names::of(&field(label_column), several)
                .map_err(|problem| refuse(Some(line), problem))?;
            Ok(Row { line, file, names, split })
        };
        let rows: Vec<Row> = reader.records().map(row).collect::<Result<_, _>>()?;
        if rows.is_empty() {
            return Err(refuse(None, "the file names no pictures".to_owned()));
        }
        if rows.iter().all(|row| row.names.all().is_empty()) {
            return Err(refuse(None, "no picture has a label".to_owned()));
        }
        Ok(Self { rows })
    }

    /// All labels, sorted: as numbers if all are.
    fn labels(&self) -> Vec<String> {
        let unique: BTreeSet<&str> =
            self.rows.iter().flat_map(|row| row.names.all()).map(String::as_str).collect();
        let mut labels: Vec<String> = unique.into_iter().map(String::from).collect();
        if labels.iter().all(|label| label.parse::<u64>().is_ok()) {
            labels.sort_by_key(|label| label.parse::<u64>().unwrap_or(0));
        }
        labels
    }
}

/// `file` below `folder`; `None` if it leads out of it.
fn inside(folder: &Path, file: &str) -> Option<PathBuf> {
    let mut path = folder.to_path_buf();
    for component in Path::new(file).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(path)
}

/// Counts the pictures that are below the folder, but not `named`.
fn unnamed(folder: &Path, named: &BTreeSet<PathBuf>) -> Result<LeftOut, DataError> {
    let (mut pictures, mut left_out) = (Vec::new(), LeftOut::default());
    walk(folder, &mut pictures, &mut LeftOut::default())?;
    for picture in pictures.iter().filter(|picture| !named.contains(*picture)) {
        left_out.add(Reason::WithoutLabel, relative(folder, picture)?);
    }
    Ok(left_out)
}
