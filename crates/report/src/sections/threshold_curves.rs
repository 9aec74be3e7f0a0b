//! ROC and precision–recall curves of each class against the rest.

use charts::NamedCurve;
use metrics::{BinaryCurves, Curves};

use crate::builder::Builder;
use crate::{ReportError, ReportInput};

/// Adds both charts, unless no class has a curve because all images have the same label.
pub(crate) fn add(report: &mut Builder, input: &ReportInput) -> Result<(), ReportError> {
    let curves = Curves::of(input.predictions);
    if curves.classes.iter().all(Option::is_none) {
        return Ok(());
    }
    let names = input.predictions.class_names();
    report.page.heading("ROC and precision–recall curves");
    report.picture(
        "roc_curves.png",
        charts::roc_curves(&of_classes(names, &curves, roc), &of_average(&curves, roc)),
        "Each class against the rest, over all thresholds of its probability. AUC is the area under \
         the curve.",
        "ROC curves",
    )?;
    let picture = charts::precision_recall_curves(
        &of_classes(names, &curves, precision_recall),
        &of_average(&curves, precision_recall),
    );
    report.picture(
        "precision_recall_curves.png",
        picture,
        "Each class against the rest, over all thresholds of its probability. AP is the average \
         precision.",
        "Precision–recall curves",
    )
}

/// The curves of all classes that have one.
fn of_classes(
    names: &[String],
    curves: &Curves,
    curve: fn(&str, &BinaryCurves) -> NamedCurve,
) -> Vec<NamedCurve> {
    let defined = names.iter().zip(&curves.classes);
    defined.filter_map(|(name, curves)| Some(curve(name, curves.as_ref()?))).collect()
}

fn of_average(curves: &Curves, curve: fn(&str, &BinaryCurves) -> NamedCurve) -> Vec<NamedCurve> {
    curves.micro.iter().map(|curves| curve("micro average", curves)).collect()
}

fn roc(name: &str, curves: &BinaryCurves) -> NamedCurve {
    let points = curves.roc.points.iter();
    NamedCurve {
        name: name.to_owned(),
        points: points.map(|point| [point.false_positive_rate, point.true_positive_rate]).collect(),
        area: curves.roc.area,
    }
}

pub(super) fn precision_recall(name: &str, curves: &BinaryCurves) -> NamedCurve {
    let curve = &curves.precision_recall;
    NamedCurve {
        name: name.to_owned(),
        points: curve.points.iter().map(|point| [point.recall, point.precision]).collect(),
        area: curve.average_precision,
    }
}
