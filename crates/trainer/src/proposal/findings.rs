//! What was found in the pictures, for people.

use data::{PictureSize, Survey, printable};
use metrics::numbers::grouped;

/// A class with fewer pictures is hardly learned.
const FEW_IN_CLASS: usize = 20;
/// Unreadable files and small classes that are listed.
const MOST_LISTED: usize = 20;

/// A line for each aspect.
pub(super) fn findings(survey: &Survey) -> Vec<String> {
    let mut lines = vec![pictures(survey), sizes(survey), colours(survey)];
    if survey.transparent > 0 {
        lines.push(format!(
            "transparency: {} pictures; {} would vanish on white, {} on black",
            count(survey.transparent),
            count(survey.vanish_on_white),
            count(survey.vanish_on_black),
        ));
    }
    lines.push(format!(
        "polarity: {} dark on light, {} light on dark, {} neither",
        count(survey.dark_on_light),
        count(survey.light_on_dark),
        count(survey.pictures - survey.dark_on_light - survey.light_on_dark),
    ));
    lines.push(format!(
        "duplicates: {} identical files, {} more near-duplicates, which stay on one side of a split",
        count(survey.identical_files),
        count(survey.near_duplicates),
    ));
    lines.extend(survey.left_out.iter().cloned());
    lines
}

/// What is probably wrong with the pictures.
pub(super) fn warnings(survey: &Survey) -> Vec<String> {
    let mut warnings = Vec::new();
    if survey.classes.len() == 1 {
        warnings.push(
            "there is one class only, so that there is nothing to learn: put the pictures of each \
             class into a folder of its own"
                .to_owned(),
        );
    }
    let few = survey.classes.iter().filter(|class| class.pictures < FEW_IN_CLASS);
    let few: Vec<String> =
        few.map(|class| format!("{} ({})", printable(&class.name), class.pictures)).collect();
    if !few.is_empty() {
        warnings.push(format!(
            "classes with fewer than {FEW_IN_CLASS} pictures are hardly learned: {}",
            listed(&few, ", ")
        ));
    }
    if survey.contradictory_files > 0 {
        warnings.push(format!(
            "{}: the same bytes are in another class, and at most one of both classes is right",
            files(survey.contradictory_files)
        ));
    }
    if !survey.unreadable.is_empty() {
        let unreadable: Vec<String> = survey
            .unreadable
            .iter()
            .map(|picture| format!("{}: {}", printable(&picture.file), printable(&picture.problem)))
            .collect();
        warnings.push(format!(
            "{} cannot be read: training goes on without: {}",
            files(unreadable.len()),
            listed(&unreadable, "; ")
        ));
    }
    warnings
}

fn count(number: usize) -> String {
    grouped(number as u64)
}

fn files(number: usize) -> String {
    format!("{} {}", count(number), if number == 1 { "file" } else { "files" })
}

fn listed(items: &[String], separator: &str) -> String {
    let rest = if items.len() > MOST_LISTED { format!("{separator}…") } else { String::new() };
    items[..items.len().min(MOST_LISTED)].join(separator) + &rest
}

fn pictures(survey: &Survey) -> String {
    let classes = survey.classes.len();
    let noun = if classes == 1 { "class" } else { "classes" };
    let (most, least) = survey.class_range();
    let mut text = format!(
        "pictures: {} in {classes} {noun}, {} to {} in each",
        count(survey.pictures),
        count(least),
        count(most),
    );
    let splits = survey.splits;
    if splits.validation + splits.test > 0 {
        let divided = format!(
            "; {} for training, {} for validation, {} for testing",
            count(splits.train),
            count(splits.validation),
            count(splits.test)
        );
        text += &divided;
    }
    text
}

fn sizes(survey: &Survey) -> String {
    let sizes = &survey.sizes;
    let size = |size: PictureSize| format!("{}×{}", size.height, size.width);
    if sizes.count == 1 {
        return format!("size: {} (height×width)", size(sizes.largest));
    }
    format!(
        "sizes: {} from {} to {} (height×width), the middle one with a side of {}",
        count(sizes.count),
        size(sizes.smallest),
        size(sizes.largest),
        sizes.median_side,
    )
}

fn colours(survey: &Survey) -> String {
    let (stored, coloured) = (count(survey.stored_in_colour), count(survey.coloured));
    format!("colours: {stored} pictures stored in colour, {coloured} in which a colour is seen")
}
