//! The input of the network's last layer in two dimensions: PCA and t-SNE.

use charts::{Picture, PictureError, Scatter, ScatterPoint};
use metrics::numbers::grouped;
use metrics::{principal_components, tsne};

use crate::builder::Builder;
use crate::{ImageFeatures, ReportError, ReportInput};

/// Perplexity of the t-SNE map where there are enough points, the usual value.
const PERPLEXITY: f32 = 30.0;
/// Fewer points than these are not embedded.
const FEWEST_POINTS: usize = 12;

pub(crate) fn add(report: &mut Builder, input: &ReportInput) -> Result<(), ReportError> {
    let Some(ImageFeatures { positions, features, computed }) = input.features else {
        return Ok(());
    };
    if features.images() < FEWEST_POINTS {
        return Ok(());
    }
    if features.images() != positions.len() {
        let (expected, found) = (positions.len(), features.images());
        return Err(ReportError::Length { what: "rows of features", expected, found });
    }
    report.page.heading("Feature space");
    report.page.paragraph(
        "The network's last layer is a linear classifier. These maps show its input, the features \
         that the layers before it compute.",
    );
    let dimensions = features.dimensions();
    if dimensions < computed {
        let computed = grouped(computed as u64);
        report.page.paragraph(&format!(
            "Before mapping, a fixed random projection shortens its {computed} numbers to \
             {dimensions}, which changes distances by a few percent."
        ));
    }
    let components = principal_components(features);
    let [first, second] = components.explained_variance_ratio.map(|ratio| 100.0 * ratio);
    let picture = scatter(
        input,
        "PCA of the last layer's input",
        &format!("first principal component ({first:.0} % of the variance)"),
        &format!("second principal component ({second:.0} %)"),
        &components.points,
    );
    report.picture(
        "pca.png",
        picture,
        "Principal component analysis: the two directions in which the features vary most.",
        "A scatter plot of two principal components",
    )?;
    // t-SNE needs a perplexity below a third of the points.
    let perplexity = PERPLEXITY.min((features.images() - 1) as f32 / 3.5);
    let picture = scatter(
        input,
        "t-SNE of the last layer's input",
        "first coordinate",
        "second coordinate",
        &tsne(features, perplexity)?,
    );
    report.picture(
        "tsne.png",
        picture,
        "Images with similar features are neighbours; distances between clusters mean little.",
        "A scatter plot of a t-SNE embedding",
    )
}

/// A scatter plot of `points`, which belong to the images that have features.
fn scatter(
    input: &ReportInput,
    title: &str,
    x: &str,
    y: &str,
    points: &[[f64; 2]],
) -> Result<Picture, PictureError> {
    let positions = input.features.map_or(&[][..], |features| features.positions);
    let points = positions.iter().zip(points).map(|(&position, &at)| ScatterPoint {
        at,
        class: input.predictions.labels()[position],
        wrong: !input.predictions.is_correct(position),
    });
    let points: Vec<ScatterPoint> = points.collect();
    let class_names = input.predictions.class_names();
    charts::scatter(&Scatter { title, x, y, class_names, points: &points })
}
