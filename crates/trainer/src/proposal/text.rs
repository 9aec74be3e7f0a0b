//! The proposed config as a commented file.

use metrics::numbers::grouped;
use toml::Value;

use super::{Choice, Proposal, network};

/// Columns of a comment, at most.
const COLUMNS: usize = 100;

pub(super) fn config_text(proposal: &Proposal, folder: &str) -> String {
    let survey = &proposal.survey;
    let (pictures, classes) = (grouped(survey.pictures as u64), survey.classes.len());
    let header = format!(
        "Proposed by `glyph init` for {pictures} pictures in {classes} classes. Change what you know \
         better, then run `glyph train` with this file or its folder."
    );
    let schema = "`glyph schema > glyph.schema.json`, next to this file, gives editors with taplo (Even \
                  Better TOML) completion and checks.";
    let mut text = String::from("#:schema ./glyph.schema.json\n");
    text += &comment(&header);
    text += &comment(schema);
    text += "seed = 42\n\n[dataset]\nsource = \"folder\"\n";
    text += &comment("relative to this file");
    let path = Value::String(folder.to_owned()).to_string();
    text += &["path = ", &path, "\n"].concat();
    let mut section = "dataset";
    for choice in &proposal.choices {
        let (own, key) = choice.key.split_once('.').unwrap_or(("", choice.key));
        if own != section {
            section = own;
            text += &["\n[", section, "]\n"].concat();
        }
        text += &entry(choice, key);
    }
    text
}

/// A short reason stands behind the value, a long one above it.
fn entry(choice: &Choice, key: &str) -> String {
    let line = format!("{key} = {}", choice.value);
    let with_reason = format!("{line}   # {}", choice.reason);
    if choice.key == network::KEY || with_reason.chars().count() > COLUMNS {
        return comment(&choice.reason) + &line + "\n";
    }
    with_reason + "\n"
}

/// Lines of a comment.
fn comment(text: &str) -> String {
    let mut lines = String::from("#");
    let mut columns = 1;
    for word in text.split_whitespace() {
        let width = word.chars().count() + 1;
        if columns + width > COLUMNS {
            lines += "\n#";
            columns = 1;
        }
        lines += " ";
        lines += word;
        columns += width;
    }
    lines + "\n"
}
