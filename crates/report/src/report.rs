//! The report: its sections in the order of the page.

use metrics::{Metrics, MultiLabelMetrics};

use crate::builder::Builder;
use crate::sections::{
    calibration, class_metrics, corruptions, error_analysis, feature_space, key_figures,
    label_errors, label_metrics, sample_predictions, threshold_curves, training_history,
};
use crate::{MultiLabelInput, Page, ReportError, ReportInput, ReportPicture};

/// A page and the pictures on it.
#[derive(Clone, Debug)]
pub struct Report {
    /// All pictures, in the order of the page.
    pub pictures: Vec<ReportPicture>,
    /// Figures, tables and pictures.
    pub page: Page,
}

impl Report {
    /// Draws the report of `input`, of which `metrics` are the figures.
    ///
    /// # Errors
    /// [`ReportError::Length`] if lists differ in length, [`ReportError::Picture`] if there are no
    /// images or a picture cannot be drawn. A picture that would be too large, or whose numbers are
    /// not finite, is left out, and the page says so.
    pub fn of(input: &ReportInput, metrics: &Metrics) -> Result<Self, ReportError> {
        input.check_lengths()?;
        let mut report = Builder::new(input.title, input.subtitle);
        key_figures::add(&mut report, metrics);
        sample_predictions::add(&mut report, input)?;
        error_analysis::add(&mut report, input, metrics)?;
        class_metrics::add(&mut report, input, metrics)?;
        calibration::add(&mut report, input)?;
        threshold_curves::add(&mut report, input)?;
        corruptions::add(&mut report, input)?;
        feature_space::add(&mut report, input)?;
        training_history::add(&mut report, input.epochs)?;
        Ok(Self { pictures: report.pictures, page: report.page })
    }

    /// Draws the report of a multi-label model, of whose `input` `metrics` are the figures.
    ///
    /// # Errors
    /// Those of [`Self::of`].
    pub fn of_multi_label(
        input: &MultiLabelInput,
        metrics: &MultiLabelMetrics,
    ) -> Result<Self, ReportError> {
        input.check_lengths()?;
        let mut report = Builder::new(input.title, input.subtitle);
        label_metrics::add_key_figures(&mut report, metrics);
        label_errors::add(&mut report, input)?;
        label_metrics::add_classes(&mut report, input, metrics)?;
        label_metrics::add_curves(&mut report, input)?;
        training_history::add(&mut report, input.epochs)?;
        Ok(Self { pictures: report.pictures, page: report.page })
    }
}

#[cfg(test)]
mod tests {
    use charts::{CorruptedImages, ImageView};
    use metrics::{CorruptionAccuracy, CorruptionMetrics, FeatureMatrix, Predictions};

    use super::*;
    use crate::{CorruptionInput, ImageFeatures};

    const PIXELS: [u8; 16] = [0, 9, 99, 255, 0, 9, 99, 255, 0, 9, 99, 255, 0, 9, 99, 255];

    /// Predictions that give the classes `predicted` a probability of 1.
    fn certain(classes: usize, labels: &[usize], predicted: &[usize]) -> Predictions {
        let names = (0..classes).map(|class| format!("class {class}")).collect();
        let mut probabilities = vec![0.0; labels.len() * classes];
        for (row, class) in probabilities.chunks_exact_mut(classes).zip(predicted) {
            row[*class] = 1.0;
        }
        Predictions::new(names, labels.to_vec(), probabilities).unwrap()
    }

    /// A report on 4×4 images, each predicted with a confidence of 1.
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
            files: &[],
            mislabelled: &[],
            features: features.as_ref().ok().map(|features| ImageFeatures {
                positions: &indices,
                features,
                computed: 2,
            }),
            epochs: &[],
            corruptions: None,
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
    fn corruptions_have_a_table_curves_and_pictures() {
        let predictions = certain(2, &[0, 1], &[0, 1]);
        let image = ImageView::new(1, 4, 4, &PIXELS).unwrap();
        let kind = |names, keys| CorruptionAccuracy::new(names, [0.5; 5], Some(keys));
        let kinds =
            vec![kind(["<fog>", "light"], vec!["background"]), kind(["JPEG", "blur"], vec![])];
        let sample = |name| CorruptedImages { name, family: "light", images: [image; 2] };
        let input = ReportInput {
            title: "",
            subtitle: "",
            predictions: &predictions,
            images: &[image; 2],
            indices: &[0, 1],
            files: &[],
            mislabelled: &[],
            features: None,
            epochs: &[],
            corruptions: Some(CorruptionInput {
                metrics: &CorruptionMetrics::new(1.0, kinds),
                original: image,
                samples: &[sample("<fog>"), sample("JPEG")],
            }),
        };
        let report = Report::of(&input, &Metrics::of(&predictions)).unwrap();
        assert!(files(&report).ends_with(&["corruption_curves.png", "corruption_samples.png"]));
        let html = report.page.html();
        assert!(html.contains("&lt;fog&gt;") && html.contains("background"));
        assert!(html.contains("mean over 1 kind that"), "{html}");
    }

    #[test]
    fn a_multi_label_report_names_the_files_of_wrong_images() {
        let names = ["cat", "dog"].map(str::to_owned).to_vec();
        let labels = [vec![0, 1], vec![1]];
        let predictions =
            metrics::MultiLabelPredictions::new(names, &labels, vec![0.9, 0.8, 0.7, 0.6]).unwrap();
        let thresholds = [0.5, 0.5];
        let images = [ImageView::new(1, 4, 4, &PIXELS).unwrap(); 2];
        let paths = ["a.png", "b<.png"].map(str::to_owned);
        let input = MultiLabelInput {
            title: "a model",
            subtitle: "",
            predictions: &predictions,
            thresholds: &thresholds,
            images: &images,
            names: &paths,
            epochs: &[],
        };
        let metrics = MultiLabelMetrics::of(&predictions, &thresholds);
        let report = Report::of_multi_label(&input, &metrics).unwrap();
        assert_eq!(
            files(&report),
            ["worst_errors.png", "f1_per_class.png", "precision_recall_curves.png"]
        );
        let html = report.page.html();
        assert!(html.contains("b&lt;.png") && html.contains("cat;dog") && !html.contains("a.png"));
        let few = MultiLabelInput { names: &paths[1..], ..input };
        let refused = Report::of_multi_label(&few, &metrics);
        assert!(matches!(refused, Err(ReportError::Length { what: "names", .. })));
    }

    #[test]
    fn no_errors_have_no_gallery_and_one_class_has_no_curves() {
        let report = report(1, &[0, 0], &[0, 0]);
        for file in ["worst_errors.png", "roc_curves.png", "tsne.png"] {
            assert!(!files(&report).contains(&file), "{file}");
        }
        assert!(report.page.html().contains("No image is misclassified."));
    }

    #[test]
    fn page_says_which_pictures_are_too_large_to_draw() {
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
            files: &[],
            mislabelled: &[],
            features: None,
            epochs: &[],
            corruptions: None,
        };
        let result = Report::of(&evaluation, &Metrics::of(&predictions));
        assert!(matches!(result, Err(ReportError::Length { what: "images", .. })));
    }
}
