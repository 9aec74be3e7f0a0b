//! The file of decisions that an audit begins and its user edits.

use std::collections::BTreeMap;

use super::findings::Findings;
use super::issue::Issue;

/// The contents of a file for `dataset.corrections`: a row for each image with an issue, in the order
/// of the issues, that keeps the image as it is. Its label is the suggested one, so that a user who
/// agrees changes the action alone.
///
/// # Errors
/// When memory runs out.
pub(super) fn corrections(findings: &Findings) -> anyhow::Result<Vec<u8>> {
    let mut rows: Vec<Vec<&Issue>> = Vec::new();
    let mut places = BTreeMap::new();
    for issue in &findings.issues {
        let place = *places.entry(issue.index).or_insert(rows.len());
        if place == rows.len() {
            rows.push(Vec::new());
        }
        rows[place].push(issue);
    }
    let has_files = findings.issues.iter().any(|issue| issue.file.is_some());
    let name = if has_files { "file" } else { "index" };
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record([name, "action", "label", "given", "kinds"])?;
    for issues in rows {
        let index = issues[0].index.to_string();
        let suggested = issues.iter().find_map(|issue| issue.suggested.as_deref());
        let kinds: Vec<_> = issues.iter().map(|issue| issue.kind.name()).collect();
        table.write_record([
            issues[0].file.as_deref().unwrap_or(&index),
            "keep",
            suggested.unwrap_or_default(),
            &issues[0].given,
            &kinds.join("; "),
        ])?;
    }
    Ok(table.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::IssueKind;

    fn issue(index: usize, kind: IssueKind, suggested: Option<&str>) -> Issue {
        Issue {
            index,
            file: None,
            given: "a".to_owned(),
            suggested: suggested.map(str::to_owned),
            score: 0.1,
            kind,
            similar_to: None,
            image: index,
        }
    }

    #[test]
    fn each_image_is_kept_in_one_row_with_the_suggested_label() {
        let issues = vec![
            issue(7, IssueKind::Label, Some("b")),
            issue(3, IssueKind::NearDuplicate, None),
            issue(7, IssueKind::Outlier, None),
        ];
        let findings =
            Findings { images: 9, accuracy: None, wrong_labels: 1, issues, scores: Vec::new() };
        let text = String::from_utf8(corrections(&findings).unwrap()).unwrap();
        let expected = "index,action,label,given,kinds\n7,keep,b,a,label; outlier\n\
                        3,keep,,a,near-duplicate\n";
        assert_eq!(text, expected);
    }
}
