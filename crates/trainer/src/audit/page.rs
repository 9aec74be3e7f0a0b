//! The page of an audit: the images to look at.

use charts::Sample;
use data::LoadedDataset;
use metrics::numbers::grouped;
use report::{Page, Table};

use super::CORRECTIONS;
use super::findings::{Findings, ISSUES};
use super::issue::{Issue, IssueKind};
use crate::viewed_images::ViewedImages;

/// Images that are shown of each kind.
const SHOWN: usize = 200;

/// Heading, explanation and kind of each section.
const SECTIONS: [(IssueKind, &str, &str); 3] = [
    (
        IssueKind::Label,
        "Labels that are probably wrong",
        "Each image was classified by a network that was not trained on it. Below it are its index, \
         its label, and the class that the network sees. The worst are the first.",
    ),
    (
        IssueKind::NearDuplicate,
        "Near-duplicates",
        "The network computes nearly the same features for these images and for the one whose index \
         is named second. Images of a group are side by side.",
    ),
    (
        IssueKind::Outlier,
        "Outliers",
        "The features of these images are far from those of all others in which the network sees the \
         same class. The farthest are the first.",
    ),
];

/// A page with at most [`SHOWN`] images of each kind.
pub(super) fn page(
    findings: &Findings,
    source: &LoadedDataset,
    name: &str,
) -> anyhow::Result<Page> {
    let mut page = Page::new(&format!("Audit of {name}"), "training images, by cross-validation");
    for line in findings.text().lines() {
        page.paragraph(line);
    }
    page.paragraph(&format!(
        "Nothing is changed by itself: in {CORRECTIONS}, replace the action keep by relabel or drop \
         where you agree, and name the file in the config, as dataset.corrections."
    ));
    for (kind, heading, explanation) in SECTIONS {
        let issues: Vec<&Issue> = findings.of_kind(kind).collect();
        page.heading(heading);
        if issues.is_empty() {
            page.paragraph("There are none.");
            continue;
        }
        page.paragraph(explanation);
        let shown = &issues[..issues.len().min(SHOWN)];
        let names: Vec<String> = shown.iter().map(|issue| caption(issue)).collect();
        let indices: Vec<usize> = shown.iter().map(|issue| issue.image).collect();
        let images = ViewedImages::new(&source.train, &indices)?;
        let views = images.views()?;
        let samples = views.into_iter().zip(&names).map(|(image, name)| Sample { image, name });
        let picture = charts::sample_grid(heading, &samples.collect::<Vec<_>>())?;
        let caption = format!(
            "{} of {}; {ISSUES} lists all of them.",
            grouped(shown.len() as u64),
            grouped(issues.len() as u64)
        );
        page.picture(&picture, &caption, &format!("{heading}: a grid of images"))?;
        if shown.iter().any(|issue| issue.file.is_some()) {
            page.table(&files(shown)?);
        }
    }
    Ok(page)
}

/// The files of the images that are shown.
fn files(issues: &[&Issue]) -> anyhow::Result<Table> {
    let headers = ["index", "file", "label"].map(str::to_owned).to_vec();
    let row = |issue: &&Issue| {
        let file = issue.file.clone().unwrap_or_default();
        vec![issue.index.to_string(), file, labels(issue)]
    };
    Ok(Table::new(headers, issues.iter().map(row).collect())?)
}

/// What is written below an image.
fn caption(issue: &Issue) -> String {
    match issue.similar_to {
        Some(other) => format!("{} = {other}: {}", issue.index, labels(issue)),
        None => format!("{}: {}", issue.index, labels(issue)),
    }
}

/// The label, and the suggested one if there is one.
fn labels(issue: &Issue) -> String {
    match &issue.suggested {
        Some(suggested) => format!("{} → {suggested}", issue.given),
        None => issue.given.clone(),
    }
}
