//! Draws every picture, and a page with all of them, into a folder: of MNIST's test images and of a
//! classifier that is made up. `cargo run -p report --example draw_all -- FOLDER`

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use flate2::read::GzDecoder;
use report::pictures::{
    Augmented, CellValue, Curve, EpochFigures, ImageView, Picture, PictureError, PredictedImage,
    ReliabilityBin, Run, Sample, Scatter, ScatterPoint, augmented_samples, class_images,
    class_moments, confusion_matrix, error_gallery, f1_bars, learning_curves, precision_recall,
    reliability_diagram, results_grid, roc, run_comparison, samples, scatter,
};
use report::{Features, Page, Predictions, Table, principal_components, tsne};

const CLASSES: usize = 10;
const SIDE: usize = 28;
const MAPPED: usize = 2000;
const DIGITS: [&str; CLASSES] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
const CLOTHES: [&str; CLASSES] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

type Outcome<T> = Result<T, Box<dyn Error>>;
type Drawn = Vec<(&'static str, Picture)>;
type Part = fn(&Test, &Predictions) -> Outcome<Drawn>;

fn main() -> Outcome<()> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder")?);
    let images = mnist("t10k-images-idx3-ubyte.gz", 16)?;
    let labels = mnist("t10k-labels-idx1-ubyte.gz", 8)?.into_iter().map(usize::from).collect();
    let test = Test { pixels: images, labels };
    write_all(&folder, &test, DIGITS, 7.5)?;
    write_all(&folder.join("long names"), &test, CLOTHES, 4.0)
}

/// The content of one of MNIST's files after its header.
fn mnist(name: &str, header: usize) -> Outcome<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/mnist").join(name);
    let mut content = Vec::new();
    GzDecoder::new(fs::File::open(path)?).read_to_end(&mut content)?;
    Ok(content.split_off(header))
}

fn write_all(folder: &Path, test: &Test, names: [&str; CLASSES], skill: f64) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    let names = names.map(String::from).to_vec();
    let predictions = test.predict(names.clone(), skill)?;
    let (mut times, mut start) = (String::new(), Instant::now());
    let mut page = Page::new(
        "How good is this classifier?",
        "It is made up, and so is every figure below; only the images are those of MNIST's test set.",
    );
    page.key_figures(&[
        ("test accuracy", "99.48 %"),
        ("errors among 10,000 images", "52"),
        ("expected calibration error", "0.21 %"),
        ("parameters", "241,930"),
    ]);
    page.heading("Classes");
    page.paragraph("Precision is the share of the images taken for a class that are of it; recall is the share of a class's images that are taken for it.");
    let headers = ["class", "precision", "recall", "F1", "images"].map(String::from).to_vec();
    let row = |name: &String| {
        [name.as_str(), "99.4 %", "99.5 %", "0.9945", "1,000"].map(String::from).to_vec()
    };
    page.table(&Table::new(headers, names.iter().map(row).collect())?);
    let parts: [(&str, Part); 5] = [
        ("Training", training),
        ("Errors", errors),
        ("Probabilities", probabilities),
        ("Features", features),
        ("Data", data),
    ];
    for (heading, part) in parts {
        page.heading(heading);
        for (name, picture) in part(test, &predictions)? {
            let png = picture.png()?;
            writeln!(times, "{name}: {:.1?}, {} kB", start.elapsed(), png.len() / 1024)?;
            fs::write(folder.join(format!("{name}.png")), png)?;
            page.picture(&picture, &format!("This is the picture {name}."), name)?;
            start = Instant::now();
        }
    }
    fs::write(folder.join("times.txt"), times)?;
    fs::write(folder.join("report.html"), page.html())?;
    Ok(())
}

/// Numbers that look random and are the same every time.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().max(1e-12).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Labelled images.
struct Test {
    pixels: Vec<u8>,
    labels: Vec<usize>,
}

impl Test {
    fn image(&self, index: usize) -> Result<ImageView<'_>, PictureError> {
        let pixels = SIDE * SIDE;
        ImageView::new(1, SIDE, SIDE, &self.pixels[index * pixels..][..pixels])
    }

    /// Softmax over noise and `skill` for the right class; some pairs of classes are mixed up more.
    fn predict(&self, names: Vec<String>, skill: f64) -> Outcome<Predictions> {
        let mut noise = Noise(7);
        let mut probabilities = Vec::new();
        for label in &self.labels {
            let alike = (label * 3 + 5) % CLASSES;
            let logits: Vec<f64> = (0..CLASSES)
                .map(|class| {
                    let mean = match class {
                        _ if class == *label => skill,
                        _ if class == alike => 2.0,
                        _ => 0.0,
                    };
                    mean + 1.6 * noise.normal()
                })
                .map(f64::exp)
                .collect();
            let sum: f64 = logits.iter().sum();
            probabilities.extend(logits.iter().map(|logit| logit / sum));
        }
        Ok(Predictions::new(names, self.labels.clone(), probabilities)?)
    }
}

fn epochs(count: usize, pace: f64, floor: f64) -> Vec<EpochFigures> {
    let mut noise = Noise(count as u64);
    (1..=count)
        .map(|epoch| {
            let progress = epoch as f64 / count as f64;
            let train = 0.45 * (-(epoch as f64) * pace).exp() + floor * (1.3 - progress);
            let validation = train * 0.7 + floor * (0.9 + 0.1 * noise.normal());
            EpochFigures {
                train_loss: train,
                train_accuracy: 1.0 - train * 0.3,
                validation_loss: Some(validation),
                validation_accuracy: Some(1.0 - validation * 0.22),
                learning_rate: 0.002 * (std::f64::consts::PI * progress.sqrt()).sin().max(0.0),
            }
        })
        .collect()
}

fn training(_: &Test, _: &Predictions) -> Outcome<Drawn> {
    let [cnn, wide, mlp] = [epochs(12, 0.9, 0.015), epochs(20, 0.7, 0.012), epochs(15, 0.4, 0.07)];
    let runs = [
        Run { name: "cnn", epochs: &cnn },
        Run { name: "cnn-wide", epochs: &wide },
        Run { name: "mlp", epochs: &mlp },
    ];
    Ok(vec![
        ("learning_curves", learning_curves(&wide)?),
        ("run_comparison", run_comparison(&runs)?),
    ])
}

fn errors(test: &Test, predictions: &Predictions) -> Outcome<Drawn> {
    let names = predictions.class_names();
    let mut counts = vec![0; CLASSES * CLASSES];
    for (label, predicted) in predictions.labels().iter().zip(predictions.predicted()) {
        counts[label * CLASSES + predicted] += 1;
    }
    let f1: Vec<f64> = (0..CLASSES)
        .map(|class| {
            let row: u64 = counts[class * CLASSES..][..CLASSES].iter().sum();
            let column: u64 = counts[class..].iter().step_by(CLASSES).sum();
            2.0 * counts[class * (CLASSES + 1)] as f64 / (row + column) as f64
        })
        .collect();
    let mean = f1.iter().sum::<f64>() / CLASSES as f64;
    let predicted = |index: usize| -> Result<PredictedImage<'_>, PictureError> {
        Ok(PredictedImage {
            image: test.image(index)?,
            index,
            label: predictions.labels()[index],
            predicted: predictions.predicted()[index],
            confidence: predictions.confidence(index),
            mislabelled: index % 7 == 3,
        })
    };
    let mut wrong: Vec<_> =
        (0..predictions.len()).filter(|index| !predictions.is_right(*index)).collect();
    wrong.sort_by(|a, b| predictions.confidence(*b).total_cmp(&predictions.confidence(*a)));
    let worst: Vec<_> =
        wrong.iter().take(20).map(|index| predicted(*index)).collect::<Result<_, _>>()?;
    let mixed = (0..36).chain(wrong.iter().rev().take(4).copied());
    let mixed: Vec<_> = mixed.map(predicted).collect::<Result<_, _>>()?;
    Ok(vec![
        ("confusion_matrix_counts", confusion_matrix(names, &counts, CellValue::Count)?),
        ("confusion_matrix_shares", confusion_matrix(names, &counts, CellValue::RowShare)?),
        ("f1_bars", f1_bars(names, &f1, mean)?),
        ("error_gallery", error_gallery(names, &worst)?),
        ("results", results_grid(names, &mixed)?),
    ])
}

/// For every class: score and truth of all images, the highest score first.
fn ranked(predictions: &Predictions) -> impl Iterator<Item = (&String, Vec<bool>)> {
    predictions.class_names().iter().enumerate().map(|(class, name)| {
        let mut order: Vec<_> = (0..predictions.len()).collect();
        order.sort_by(|a, b| {
            predictions.probabilities(*b)[class].total_cmp(&predictions.probabilities(*a)[class])
        });
        (name, order.into_iter().map(|index| predictions.labels()[index] == class).collect())
    })
}

fn curve(name: &str, points: Vec<[f64; 2]>) -> Curve {
    let area = points
        .windows(2)
        .map(|pair| (pair[1][0] - pair[0][0]) * f64::midpoint(pair[0][1], pair[1][1]));
    Curve { name: name.to_owned(), area: area.sum(), points }
}

fn probabilities(_: &Test, predictions: &Predictions) -> Outcome<Drawn> {
    let (mut roc_curves, mut precision_curves) = (Vec::new(), Vec::new());
    for (name, truths) in ranked(predictions) {
        let positive = truths.iter().filter(|truth| **truth).count() as f64;
        let negative = truths.len() as f64 - positive;
        let (mut hits, mut alarms) = (0.0, 0.0);
        let (mut rates, mut precisions) = (vec![[0.0, 0.0]], vec![[0.0, 1.0]]);
        for truth in truths {
            *(if truth { &mut hits } else { &mut alarms }) += 1.0;
            rates.push([alarms / negative, hits / positive]);
            precisions.push([hits / positive, hits / (hits + alarms)]);
        }
        roc_curves.push(curve(name, rates));
        precision_curves.push(curve(name, precisions));
    }
    let average =
        |curves: &[Curve], name: &str| Curve { name: name.to_owned(), ..curves[4].clone() };
    let averages =
        |curves: &[Curve]| [average(curves, "macro average"), average(curves, "micro average")];

    let mut sums = [(0_u64, 0.0, 0.0); 15];
    for index in 0..predictions.len() {
        let confidence = predictions.confidence(index);
        let sum = &mut sums[((confidence * 15.0) as usize).min(14)];
        sum.0 += 1;
        sum.1 += confidence;
        sum.2 += if predictions.is_right(index) { 1.0 } else { 0.0 };
    }
    let bins: Vec<_> = sums
        .iter()
        .enumerate()
        .map(|(bin, (count, confidence, right))| ReliabilityBin {
            low: bin as f64 / 15.0,
            high: (bin + 1) as f64 / 15.0,
            count: *count,
            confidence: confidence / *count as f64,
            accuracy: right / *count as f64,
        })
        .collect();
    let ece = bins.iter().filter(|bin| bin.count > 0);
    let ece: f64 = ece.map(|bin| bin.count as f64 * (bin.accuracy - bin.confidence).abs()).sum();
    Ok(vec![
        ("roc", roc(&roc_curves, &averages(&roc_curves))?),
        ("precision_recall", precision_recall(&precision_curves, &averages(&precision_curves))?),
        ("reliability", reliability_diagram(&bins, ece / predictions.len() as f64)?),
    ])
}

fn features(test: &Test, predictions: &Predictions) -> Outcome<Drawn> {
    let pixels = &test.pixels[..MAPPED * SIDE * SIDE];
    let features = pixels.iter().map(|pixel| f32::from(*pixel) / 255.0).collect();
    let features = Features::new(features, SIDE * SIDE)?;
    let components = principal_components(&features);
    let map = tsne(&features, 30.0)?;
    let points = |places: &[[f64; 2]]| -> Vec<ScatterPoint> {
        let points = places.iter().enumerate();
        let point = |(index, at): (usize, &[f64; 2])| ScatterPoint {
            at: *at,
            class: predictions.labels()[index],
            wrong: !predictions.is_right(index),
        };
        points.map(point).collect()
    };
    let class_names = predictions.class_names();
    let [first, second] = components.explained.map(|share| share * 100.0);
    let pca = Scatter {
        title: "Principal components of the pixels",
        x: &format!("first component ({first:.1} % of the variance)"),
        y: &format!("second component ({second:.1} % of the variance)"),
        class_names,
        points: &points(&components.points),
    };
    let (title, x, y) = ("t-SNE of the pixels", "first coordinate", "second coordinate");
    let tsne = Scatter { title, x, y, class_names, points: &points(&map) };
    Ok(vec![("pca", scatter(&pca)?), ("tsne", scatter(&tsne)?)])
}

fn data(test: &Test, predictions: &Predictions) -> Outcome<Drawn> {
    let names = predictions.class_names();
    let images: Vec<_> =
        (0..predictions.len()).map(|index| test.image(index)).collect::<Result<_, _>>()?;
    let moments = class_moments(&images, &test.labels, CLASSES)?;
    let sample = |index: usize| Sample { image: images[index], name: &names[test.labels[index]] };
    let shown: Vec<_> = (0..60).map(sample).collect();
    let row = |index: usize| Augmented {
        original: sample(index),
        copies: (1..9).map(|copy| images[index + copy * 50]).collect(),
    };
    let rows: Vec<_> = (0..6).map(row).collect();
    Ok(vec![
        ("class_images", class_images(names, &moments)?),
        ("samples", samples("Test images", &shown)?),
        ("augmentation", augmented_samples("Augmentation", &rows)?),
    ])
}
