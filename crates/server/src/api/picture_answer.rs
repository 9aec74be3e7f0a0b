//! Answers about single characters as JSON.

use data::Image;
use model::Prediction;
use reader::{Answer, Prepared, Rejection};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::answer_query::AnswerQuery;
use crate::api::judged_answer::{AnswerRules, JudgedAnswer};
use crate::api::outcome::Outcome;

/// Answers about the pictures of a request.
#[derive(Serialize, ToSchema)]
pub struct Predictions {
    /// Name of the model.
    pub model: String,
    /// One for each picture, in order.
    pub answers: Vec<Outcome<PictureAnswer>>,
}

/// What a picture shows.
#[derive(Serialize, ToSchema)]
pub struct PictureAnswer {
    /// The file name, if the form has one.
    name: Option<String>,
    /// The class or classes, or `?` if the answer is rejected.
    answer: String,
    /// The most probable class, even if it is rejected; null for a blank page.
    class: Option<String>,
    /// Its probability, 0 to 1.
    confidence: Option<f64>,
    /// How far the prediction is from equally probable classes, in nats, 0 or more; low where the picture
    /// is unlike those that the model was trained on. A calibrated model rejects answers below its own threshold. Null for a blank
    /// page, and of a multi-label model.
    score: Option<f64>,
    /// Whether the answer is rejected.
    rejected: bool,
    /// Why it is rejected: `blank` (no ink), `unclear` (not clearly one shape of ink),
    /// `out_of_distribution` (the score is below the calibrated model's threshold) or `unsure` (the
    /// confidence is below the threshold).
    #[schema(example = "unsure")]
    reason: Option<&'static str>,
    /// Of a multi-label model: all classes that reach their thresholds, the most probable first. `answer`
    /// has their names, separated by `;`, and is empty if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<RankedClass>>,
    /// The most probable classes, best first.
    classes: Vec<RankedClass>,
    /// The network's input, rows from the top, if the query asks for it.
    input: Option<Vec<Vec<Level>>>,
}

/// A class and its probability.
#[derive(Serialize, ToSchema)]
pub struct RankedClass {
    class: String,
    /// 0 to 1.
    probability: f64,
}

impl RankedClass {
    /// A class by its index, and its probability.
    fn new((class, probability): (usize, f64), class_names: &[String]) -> Self {
        Self { class: class_names[class].clone(), probability }
    }
}

/// A pixel's levels, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Level {
    Grey(u8),
    /// Red, green, blue.
    Colour([u8; 3]),
}

impl PictureAnswer {
    /// Judges a model's answer by the model's rules and the query's threshold.
    pub fn new(
        name: Option<String>,
        picture: &Prepared,
        answer: &Answer,
        rules: AnswerRules,
        query: &AnswerQuery,
    ) -> Self {
        let JudgedAnswer { text, rejection, labels } =
            JudgedAnswer::new(answer, rules, query.threshold);
        let class_names = rules.class_names;
        let scored = answer.prediction().filter(|_| rules.multi_label.is_none());
        let named = |found| RankedClass::new(found, class_names);
        Self {
            name,
            answer: text,
            labels: labels.map(|labels| labels.into_iter().map(named).collect()),
            class: answer.prediction().map(|found| class_names[found.class].clone()),
            confidence: answer.prediction().map(Prediction::confidence),
            score: scored.map(Prediction::score).filter(|score| score.is_finite()),
            rejected: rejection.is_some(),
            reason: rejection.map(Rejection::name),
            classes: top_classes(answer.ranked(), class_names, query),
            input: picture.image().filter(|_| query.input).map(rows),
        }
    }
}

/// As many of the ranked classes as the query asks for, by name.
pub fn top_classes(
    ranked: Vec<(usize, f64)>,
    class_names: &[String],
    query: &AnswerQuery,
) -> Vec<RankedClass> {
    let named = |found| RankedClass::new(found, class_names);
    ranked.into_iter().take(query.top_k).map(named).collect()
}

/// The rows of an image, from the top.
pub fn rows(image: &Image) -> Vec<Vec<Level>> {
    let shape = image.shape();
    let plane = shape.height * shape.width;
    let level = |at: usize| match image.pixels() {
        grey if shape.channels == 1 => Level::Grey(grey[at]),
        colours => Level::Colour([colours[at], colours[plane + at], colours[2 * plane + at]]),
    };
    (0..shape.height)
        .map(|row| (0..shape.width).map(|column| level(row * shape.width + column)).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use data::ImageShape;
    use model::{Calibration, MultiLabel};

    use super::*;

    fn image(channels: usize, pixels: Vec<u8>) -> Image {
        Image::new(ImageShape { channels, height: 2, width: 2 }, pixels).unwrap()
    }

    fn query(top_k: usize, threshold: f64, input: bool) -> AnswerQuery {
        AnswerQuery { top_k, threshold: Some(threshold), input }
    }

    fn answered(query: &AnswerQuery, answer: fn(Prediction) -> Answer) -> serde_json::Value {
        answered_by((None, None), query, answer)
    }

    fn answered_by(
        (multi_label, calibration): (Option<&MultiLabel>, Option<&Calibration>),
        query: &AnswerQuery,
        answer: fn(Prediction) -> Answer,
    ) -> serde_json::Value {
        let picture = Prepared::Image { image: image(1, vec![1, 2, 3, 4]), is_clear: true };
        let log_probabilities = [0.1_f64, 0.6, 0.3].map(f64::ln).to_vec();
        let prediction = Prediction::of(log_probabilities);
        let answer = answer(prediction);
        let names = ["a", "b", "c"].map(str::to_owned);
        let rules = AnswerRules { class_names: &names, multi_label, calibration };
        let answer = PictureAnswer::new(None, &picture, &answer, rules, query);
        serde_json::to_value(answer).unwrap()
    }

    #[test]
    fn classes_are_ranked_and_limited_to_top_k() {
        let answer = answered(&query(2, 0.5, false), Answer::Clear);
        assert_eq!((&answer["answer"], &answer["rejected"]), (&"b".into(), &false.into()));
        let classes = answer["classes"].as_array().unwrap();
        let names: Vec<_> = classes.iter().map(|ranked| &ranked["class"]).collect();
        assert_eq!(names, ["b", "c"]);
        assert!(answer["input"].is_null());
    }

    #[test]
    fn below_the_threshold_the_class_is_kept_and_the_answer_rejected() {
        let answer = answered(&query(9, 0.7, false), Answer::Clear);
        assert_eq!((&answer["answer"], &answer["class"]), (&"?".into(), &"b".into()));
        assert_eq!(answer["reason"], "unsure");
    }

    #[test]
    fn a_calibrated_model_rejects_by_its_score_and_not_by_the_default_confidence() {
        let query = AnswerQuery { threshold: None, ..query(1, 0.0, false) };
        let judged = |score_threshold| {
            let calibration = Calibration {
                temperature: 1.0,
                test_time_augmentation_below: 0.0,
                score_threshold,
            };
            answered_by((None, Some(&calibration)), &query, Answer::Clear)
        };
        // A confidence of 0.6, and a score of 0.24 nats.
        assert_eq!(judged(0.2)["answer"], "b");
        assert!((judged(0.2)["score"].as_f64().unwrap() - 0.240).abs() < 1e-3);
        assert_eq!(judged(0.3)["reason"], "out_of_distribution");
        assert_eq!(answered(&query, Answer::Clear)["reason"], "unsure");
    }

    #[test]
    fn a_multi_label_model_answers_with_all_classes_that_reach_their_thresholds() {
        let model = MultiLabel { thresholds: vec![0.05, 0.7, 0.3] };
        let query = AnswerQuery { threshold: None, ..query(1, 0.0, false) };
        let answer = answered_by((Some(&model), None), &query, Answer::Clear);
        assert_eq!((&answer["answer"], &answer["rejected"]), (&"c;a".into(), &false.into()));
        assert_eq!(answer["labels"][0]["class"], "c");
        assert_eq!(answer["labels"].as_array().unwrap().len(), 2);
        let none = AnswerQuery { threshold: Some(0.9), ..query };
        let answer = answered_by((Some(&model), None), &none, Answer::Clear);
        assert_eq!((&answer["answer"], &answer["labels"]), (&"".into(), &serde_json::json!([])));
        assert!(answered(&none, Answer::Clear).get("labels").is_none());
    }

    #[test]
    fn an_unclear_picture_is_rejected_for_that_reason() {
        let answer = answered(&query(9, 0.7, true), Answer::Unclear);
        assert_eq!((&answer["answer"], &answer["reason"]), (&"?".into(), &"unclear".into()));
        assert_eq!(answer["input"], serde_json::json!([[1, 2], [3, 4]]));
    }

    #[test]
    fn colour_planes_become_pixels() {
        let rows = rows(&image(3, (0..12).collect()));
        assert_eq!(rows[1], [Level::Colour([2, 6, 10]), Level::Colour([3, 7, 11])]);
    }
}
