//! How layers are written.

use serde_json::{Value, json};

use super::*;

/// One layer of each type, with the keys that it must have.
fn each() -> Vec<Value> {
    let required = json!([
        {"type": "conv", "channels": 4, "kernel": 3},
        {"type": "batch_norm"},
        {"type": "group_norm", "groups": 1},
        {"type": "max_pool"},
        {"type": "avg_pool"},
        {"type": "global_avg_pool"},
        {"type": "flatten"},
        {"type": "linear", "features": 10},
        {"type": "dropout", "probability": 0.5},
        {"type": "residual", "layers": [{"type": "relu"}]},
        {"type": "relu"},
        {"type": "gelu"},
        {"type": "silu"},
        {"type": "leaky_relu"},
        {"type": "tanh"},
        {"type": "sigmoid"},
    ]);
    required.as_array().unwrap().clone()
}

fn parse(layer: &Value) -> Result<LayerConfig, serde_json::Error> {
    serde_json::from_value(layer.clone())
}

#[test]
fn a_layer_is_called_what_its_config_says_and_survives_being_written() {
    for written in each() {
        let layer = parse(&written).unwrap();
        assert_eq!(layer.kind(), written["type"]);
        let again = serde_json::to_value(&layer).unwrap();
        assert_eq!(again["type"], written["type"]);
        assert_eq!(parse(&again).unwrap(), layer);
    }
}

#[test]
fn a_plan_says_the_kind_of_every_layer() {
    let map = data::ImageShape { channels: 2, height: 8, width: 8 };
    for written in each() {
        let layer = parse(&written).unwrap();
        let input =
            if layer.kind() == "linear" { FeatureShape::Flat(5) } else { FeatureShape::Map(map) };
        assert_eq!(layer.plan(input).unwrap().kind, layer.kind());
    }
}

#[test]
fn unknown_keys_are_refused_with_those_there_are() {
    for mut written in each() {
        written["feature"] = 10.into();
        let message = parse(&written).unwrap_err().to_string();
        assert!(message.contains("unknown field `feature`"), "{written}: {message}");
    }
    let message = parse(&json!({"type": "linear", "feature": 10})).unwrap_err().to_string();
    let expected = "unknown field `feature`, expected one of `features`, `bias`, `initializer`";
    assert!(message.starts_with(expected), "{message}");
    let message = parse(&json!({"type": "flaten"})).unwrap_err().to_string();
    assert!(message.contains("unknown variant `flaten`") && message.contains("`flatten`"));
}
