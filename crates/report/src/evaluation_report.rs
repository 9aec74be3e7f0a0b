//! The report of an evaluation: what its figures are, as pictures and as a page that holds them all.

use charts::{
    CellValue, EpochPoint, ImageView, NamedCurve, Picture, PictureError, PredictedImage,
    ReliabilityBin, Scatter, ScatterPoint,
};
use metrics::numbers::grouped;
use metrics::{
    BinaryCurves, Calibration, ConfusionMatrix, Curves, FeatureMatrix, Metrics, Misclassification,
    Predictions, TsneError, misclassifications, principal_components, tsne,
};

use crate::{Page, PageError, Table};

/// Images in the grid of results: four rows.
const RESULTS: usize = 28;
/// Images in the gallery of errors: six rows.
const WORST: usize = 30;
/// About how many neighbours a point of the t-SNE map stays close to, where there are enough.
const PERPLEXITY: f32 = 30.0;
/// Fewer points than these make no map.
const FEWEST_POINTS: usize = 12;

/// What is reported on. Images, indices and predictions are in the same order.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    /// What was evaluated.
    pub title: &'a str,
    /// On what, where.
    pub subtitle: &'a str,
    /// What the model makes of the images.
    pub predictions: &'a Predictions,
    /// The images.
    pub images: &'a [ImageView<'a>],
    /// Where each image stands in its data set.
    pub indices: &'a [usize],
    /// Places in the data set whose labels are known to be wrong.
    pub mislabelled: &'a [usize],
    /// What the network's last layer sees of some of the images.
    pub features: Option<ImageFeatures<'a>>,
    /// How the model was trained; empty if that is not known.
    pub epochs: &'a [EpochPoint],
}

/// Features of some images.
#[derive(Clone, Copy, Debug)]
pub struct ImageFeatures<'a> {
    /// Which of the evaluation's images.
    pub positions: &'a [usize],
    /// Their features, in that order.
    pub features: &'a FeatureMatrix,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Lists that should be as long as the predictions.
    #[error("{found} {what} for predictions of {expected} images")]
    Length {
        /// What there are too many or too few of.
        what: &'static str,
        /// Number of predictions.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A picture that cannot be drawn.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A page that cannot hold what it should.
    #[error(transparent)]
    Page(#[from] PageError),
    /// Features that cannot be laid out.
    #[error(transparent)]
    Tsne(#[from] TsneError),
}

/// A picture of the report.
#[derive(Clone, Debug)]
pub struct ReportPicture {
    /// Its file name, for example `confusion_matrix.png`.
    pub file: &'static str,
    /// The picture.
    pub picture: Picture,
}

/// The pictures, and the page that holds them.
#[derive(Clone, Debug)]
pub struct Report {
    /// All pictures, in the order of the page.
    pub pictures: Vec<ReportPicture>,
    /// Figures, tables and pictures.
    pub page: Page,
}

impl Report {
    /// Draws everything that there is to say about an evaluation with these `metrics`.
    ///
    /// # Errors
    /// When there are no images, lists differ in length, or a picture cannot be drawn.
    pub fn of(evaluation: &ReportInput, metrics: &Metrics) -> Result<Self, ReportError> {
        let expected = evaluation.predictions.len();
        let lengths = [("images", evaluation.images.len()), ("indices", evaluation.indices.len())];
        for (what, found) in lengths {
            if found != expected {
                return Err(ReportError::Length { what, expected, found });
            }
        }
        let page = Page::new(evaluation.title, evaluation.subtitle);
        let mut report = Self { pictures: Vec::new(), page };
        report.headline(metrics);
        report.results(evaluation)?;
        report.errors(evaluation, metrics)?;
        report.classes(evaluation, metrics)?;
        report.confidence(evaluation)?;
        report.curves(evaluation)?;
        report.features(evaluation)?;
        report.training(evaluation)?;
        Ok(report)
    }

    fn headline(&mut self, metrics: &Metrics) {
        let accuracy = percent(metrics.accuracy);
        let interval = metrics.accuracy_interval.map_or_else(String::new, |interval| {
            format!("{:.2}–{:.2} %", 100.0 * interval.low, 100.0 * interval.high)
        });
        let wrong = metrics.images - metrics.correct;
        let wrong = format!("{} of {}", grouped(wrong as u64), grouped(metrics.images as u64));
        let figures = [
            ("accuracy", accuracy),
            ("95 % interval", interval),
            ("wrong", wrong),
            ("top-2 accuracy", percent(metrics.top_2_accuracy)),
            ("top-3 accuracy", percent(metrics.top_3_accuracy)),
            ("cross-entropy", number(metrics.cross_entropy)),
            ("Brier score", number(metrics.brier_score)),
            ("calibration error", percent(metrics.expected_calibration_error)),
            ("Matthews correlation", number(metrics.matthews_correlation)),
        ];
        let figures = figures.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.page.key_figures(&figures);
    }

    fn results(&mut self, evaluation: &ReportInput) -> Result<(), ReportError> {
        let ReportInput { predictions, .. } = evaluation;
        // Evenly spread over the images, so that files sorted by class show all of them.
        let count = predictions.len().min(RESULTS);
        let shown: Vec<PredictedImage> =
            (0..count).map(|index| evaluation.image(index * predictions.len() / count)).collect();
        self.page.heading("Some results");
        self.add(
            "results.png",
            charts::prediction_grid(predictions.class_names(), &shown),
            "Images from all over the split, with the predicted class; wrong ones have a frame \
             and their label.",
            "A grid of images with predicted classes",
        )
    }

    fn errors(&mut self, evaluation: &ReportInput, metrics: &Metrics) -> Result<(), ReportError> {
        let names = evaluation.predictions.class_names();
        self.page.heading("Errors");
        let confusion = ConfusionMatrix::of(evaluation.predictions);
        let classes = confusion.classes();
        let counts: Vec<u64> = (0..classes * classes)
            .map(|cell| confusion.count(cell / classes, cell % classes) as u64)
            .collect();
        for (file, value, caption) in [
            ("confusion_matrix.png", CellValue::Count, "Images by label and predicted class."),
            (
                "confusion_matrix_normalized.png",
                CellValue::RowShare,
                "The same as shares of the images with a label.",
            ),
        ] {
            let picture = charts::confusion_matrix(names, &counts, value);
            self.add(file, picture, caption, "A confusion matrix")?;
        }
        if !metrics.most_confused.is_empty() {
            let headers = ["label", "predicted", "images", "share of the label"];
            let rows = metrics.most_confused.iter().map(|pair| {
                vec![
                    names[pair.label].clone(),
                    names[pair.predicted].clone(),
                    pair.count.to_string(),
                    percent(Some(pair.share)),
                ]
            });
            self.page.paragraph("The most confused pairs:");
            self.page.table(&Table::new(headers.map(str::to_owned).to_vec(), rows.collect())?);
        }
        let worst: Vec<PredictedImage> = misclassifications(evaluation.predictions)
            .iter()
            .take(WORST)
            .map(|Misclassification { index, .. }| evaluation.image(*index))
            .collect();
        if worst.is_empty() {
            self.page.paragraph("No image is classified wrongly.");
            return Ok(());
        }
        self.add(
            "worst_errors.png",
            charts::error_gallery(names, &worst),
            "Wrong answers, those given with the greatest confidence first.",
            "A gallery of wrongly classified images",
        )
    }

    fn classes(&mut self, evaluation: &ReportInput, metrics: &Metrics) -> Result<(), ReportError> {
        let names = evaluation.predictions.class_names();
        self.page.heading("Classes");
        let row = |name: &str, scores: &metrics::Scores, auc, average_precision| {
            vec![
                name.to_owned(),
                percent(Some(scores.precision)),
                percent(Some(scores.recall)),
                percent(Some(scores.f1)),
                number(auc),
                number(average_precision),
                scores.support.to_string(),
            ]
        };
        let mut rows: Vec<Vec<String>> = metrics
            .classes
            .iter()
            .map(|class| row(&class.name, &class.scores, class.auc, class.average_precision))
            .collect();
        if let Some(averages) = &metrics.averages {
            let (auc, precision) = (metrics.auc, metrics.average_precision);
            rows.push(row(
                "macro average",
                &averages.macro_average,
                auc.macro_average,
                precision.macro_average,
            ));
            rows.push(row(
                "micro average",
                &averages.micro_average,
                auc.micro_average,
                precision.micro_average,
            ));
            rows.push(row("weighted average", &averages.weighted_average, None, None));
        }
        let headers = ["class", "precision", "recall", "F1", "AUC", "average precision", "images"];
        self.page.table(&Table::new(headers.map(str::to_owned).to_vec(), rows)?);
        if let Some(averages) = &metrics.averages {
            let scores: Vec<f64> = metrics.classes.iter().map(|class| class.scores.f1).collect();
            self.add(
                "f1_per_class.png",
                charts::f1_bars(names, &scores, averages.macro_average.f1),
                "The harmonic mean of precision and recall.",
                "Bars of the F1 score of every class",
            )?;
        }
        let labels = evaluation.predictions.labels();
        let moments = charts::class_moments(evaluation.images, labels, names.len())?;
        self.add(
            "class_images.png",
            charts::class_images(names, &moments),
            "What the images of a class have in common, and where they differ.",
            "Mean and standard deviation of every class's images",
        )
    }

    fn confidence(&mut self, evaluation: &ReportInput) -> Result<(), ReportError> {
        let calibration = Calibration::of(evaluation.predictions);
        let bins = calibration.bins.iter().filter_map(|bin| {
            Some(ReliabilityBin {
                low: bin.low,
                high: bin.high,
                count: bin.count as u64,
                confidence: bin.mean_confidence?,
                accuracy: bin.accuracy?,
            })
        });
        let bins: Vec<ReliabilityBin> = bins.collect();
        self.page.heading("Confidence");
        self.add(
            "reliability.png",
            charts::reliability_diagram(&bins, calibration.expected_error.unwrap_or(0.0)),
            "Of answers given with a confidence of 90 %, nine in ten should be right.",
            "A reliability diagram",
        )
    }

    fn curves(&mut self, evaluation: &ReportInput) -> Result<(), ReportError> {
        let curves = Curves::of(evaluation.predictions);
        let names = evaluation.predictions.class_names();
        let of_classes = |points: fn(&BinaryCurves) -> (Vec<[f64; 2]>, f64)| -> Vec<NamedCurve> {
            let defined = names.iter().zip(&curves.classes);
            defined
                .filter_map(|(name, curves)| Some(curve(name, points(curves.as_ref()?))))
                .collect()
        };
        let micro = |points: fn(&BinaryCurves) -> (Vec<[f64; 2]>, f64)| -> Vec<NamedCurve> {
            curves.micro.iter().map(|curves| curve("micro average", points(curves))).collect()
        };
        if curves.classes.iter().all(Option::is_none) {
            // One class only: nothing separates anything.
            return Ok(());
        }
        self.page.heading("Thresholds");
        self.add(
            "roc_curves.png",
            charts::roc_curves(&of_classes(roc_points), &micro(roc_points)),
            "Each class against the rest, whatever threshold is chosen.",
            "ROC curves",
        )?;
        let picture = charts::precision_recall_curves(
            &of_classes(precision_recall_points),
            &micro(precision_recall_points),
        );
        self.add(
            "precision_recall_curves.png",
            picture,
            "What share of the answers is right, for what share of a class found.",
            "Precision–recall curves",
        )
    }

    fn features(&mut self, evaluation: &ReportInput) -> Result<(), ReportError> {
        let Some(ImageFeatures { positions, features }) = evaluation.features else {
            return Ok(());
        };
        if features.images() < FEWEST_POINTS {
            return Ok(());
        }
        if features.images() != positions.len() {
            let (expected, found) = (positions.len(), features.images());
            return Err(ReportError::Length { what: "rows of features", expected, found });
        }
        self.page.heading("What the last layer sees");
        let components = principal_components(features);
        let [first, second] = components.explained_variance_ratio.map(|share| 100.0 * share);
        let picture = evaluation.scatter(
            "Principal components of the last layer's input",
            &format!("first component ({first:.0} % of the variance)"),
            &format!("second component ({second:.0} %)"),
            positions,
            &components.points,
        );
        self.add(
            "pca.png",
            picture,
            "The plane in which the features vary most.",
            "A scatter plot of two principal components",
        )?;
        // Below a third of the points.
        let perplexity = PERPLEXITY.min((features.images() - 1) as f32 / 3.5);
        let picture = evaluation.scatter(
            "t-SNE of the last layer's input",
            "first coordinate",
            "second coordinate",
            positions,
            &tsne(features, perplexity)?,
        );
        self.add(
            "tsne.png",
            picture,
            "A map on which images that the network sees alike are neighbours; distances between \
             groups mean little.",
            "A scatter plot of a t-SNE map",
        )
    }

    fn training(&mut self, evaluation: &ReportInput) -> Result<(), ReportError> {
        if evaluation.epochs.is_empty() {
            return Ok(());
        }
        self.page.heading("Training");
        self.add(
            "learning_curves.png",
            charts::learning_curves(evaluation.epochs),
            "Loss, accuracy and learning rate of every epoch.",
            "Learning curves",
        )
    }

    /// Adds a picture to the page and the pictures, or says on the page why there is none: too many
    /// classes or a number beyond all bounds are no reason to go without everything else.
    fn add(
        &mut self,
        file: &'static str,
        picture: Result<Picture, PictureError>,
        caption: &str,
        alternative: &str,
    ) -> Result<(), ReportError> {
        match picture {
            Ok(picture) => {
                self.page.picture(&picture, caption, alternative)?;
                self.pictures.push(ReportPicture { file, picture });
            }
            Err(error @ (PictureError::TooLarge { .. } | PictureError::NotFinite { .. })) => {
                self.page.paragraph(&format!("{alternative}: {error}."));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

impl<'a> ReportInput<'a> {
    fn image(&self, position: usize) -> PredictedImage<'a> {
        let index = self.indices[position];
        PredictedImage {
            image: self.images[position],
            index,
            label: self.predictions.labels()[position],
            predicted: self.predictions.predicted()[position],
            confidence: self.predictions.confidence(position),
            mislabelled: self.mislabelled.contains(&index),
        }
    }

    fn scatter(
        &self,
        title: &str,
        x: &str,
        y: &str,
        positions: &[usize],
        points: &[[f64; 2]],
    ) -> Result<Picture, PictureError> {
        let points = positions.iter().zip(points).map(|(&position, &at)| ScatterPoint {
            at,
            class: self.predictions.labels()[position],
            wrong: !self.predictions.is_correct(position),
        });
        let points: Vec<ScatterPoint> = points.collect();
        let class_names = self.predictions.class_names();
        charts::scatter(&Scatter { title, x, y, class_names, points: &points })
    }
}

fn curve(name: &str, (points, area): (Vec<[f64; 2]>, f64)) -> NamedCurve {
    NamedCurve { name: name.to_owned(), points, area }
}

fn roc_points(curves: &BinaryCurves) -> (Vec<[f64; 2]>, f64) {
    let points = curves.roc.points.iter();
    (
        points.map(|point| [point.false_positive_rate, point.true_positive_rate]).collect(),
        curves.roc.area,
    )
}

fn precision_recall_points(curves: &BinaryCurves) -> (Vec<[f64; 2]>, f64) {
    let curve = &curves.precision_recall;
    (
        curve.points.iter().map(|point| [point.recall, point.precision]).collect(),
        curve.average_precision,
    )
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.2} %", 100.0 * share))
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXELS: [u8; 16] = [0, 9, 99, 255, 0, 9, 99, 255, 0, 9, 99, 255, 0, 9, 99, 255];

    /// Predictions that give `predicted` all of the probability.
    fn certain(classes: usize, labels: &[usize], predicted: &[usize]) -> Predictions {
        let names = (0..classes).map(|class| format!("class {class}")).collect();
        let mut probabilities = vec![0.0; labels.len() * classes];
        for (row, class) in probabilities.chunks_exact_mut(classes).zip(predicted) {
            row[*class] = 1.0;
        }
        Predictions::new(names, labels.to_vec(), probabilities).unwrap()
    }

    /// A report on 4×4 images, each predicted with certainty.
    fn report(classes: usize, labels: &[usize], predicted: &[usize]) -> Report {
        let predictions = certain(classes, labels, predicted);
        let images = vec![ImageView::new(1, 4, 4, &PIXELS).unwrap(); labels.len()];
        let indices: Vec<usize> = (0..labels.len()).collect();
        let values = (0..labels.len()).flat_map(|image| [image as f32, (image % 3) as f32]);
        let features = FeatureMatrix::new(values.collect(), 2);
        let evaluation = ReportInput {
            title: "a <model>",
            subtitle: "",
            predictions: &predictions,
            images: &images,
            indices: &indices,
            mislabelled: &[],
            features: features
                .as_ref()
                .ok()
                .map(|features| ImageFeatures { positions: &indices, features }),
            epochs: &[],
        };
        Report::of(&evaluation, &Metrics::of(&predictions)).unwrap()
    }

    fn files(report: &Report) -> Vec<&str> {
        report.pictures.iter().map(|picture| picture.file).collect()
    }

    #[test]
    fn every_picture_is_on_the_page_once() {
        let labels: Vec<usize> = (0..30).map(|image| image % 3).collect();
        let predicted: Vec<usize> = (0..30).map(|image| image % 2).collect();
        let report = report(3, &labels, &predicted);
        assert_eq!(
            files(&report),
            [
                "results.png",
                "confusion_matrix.png",
                "confusion_matrix_normalized.png",
                "worst_errors.png",
                "f1_per_class.png",
                "class_images.png",
                "reliability.png",
                "roc_curves.png",
                "precision_recall_curves.png",
                "pca.png",
                "tsne.png",
            ]
        );
        let html = report.page.html();
        assert_eq!(html.matches("data:image/png").count(), report.pictures.len());
        assert!(html.contains("a &lt;model&gt;") && html.contains("50.00 %"), "the headline");
    }

    #[test]
    fn no_errors_have_no_gallery_and_one_class_has_no_curves() {
        let report = report(1, &[0, 0], &[0, 0]);
        for file in ["worst_errors.png", "roc_curves.png", "tsne.png"] {
            assert!(!files(&report).contains(&file), "{file}");
        }
        assert!(report.page.html().contains("No image is classified wrongly."));
    }

    #[test]
    fn what_is_too_large_to_draw_is_left_out_and_told_of() {
        let labels: Vec<usize> = (0..256).collect();
        let report = report(256, &labels, &labels);
        assert!(!files(&report).contains(&"class_images.png"));
        assert!(files(&report).contains(&"confusion_matrix.png"));
        assert!(report.page.html().contains("show fewer classes or images"));
    }

    #[test]
    fn lists_of_other_lengths_are_refused() {
        let predictions = certain(2, &[0, 1], &[0, 1]);
        let images = [ImageView::new(1, 4, 4, &PIXELS).unwrap()];
        let evaluation = ReportInput {
            title: "",
            subtitle: "",
            predictions: &predictions,
            images: &images,
            indices: &[0, 1],
            mislabelled: &[],
            features: None,
            epochs: &[],
        };
        let result = Report::of(&evaluation, &Metrics::of(&predictions));
        assert!(matches!(result, Err(ReportError::Length { what: "images", .. })));
    }
}
