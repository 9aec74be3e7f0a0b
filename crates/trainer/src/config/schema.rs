//! The JSON Schema of configs, for editors.

use anyhow::Context;
use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::Value;

use super::Config;

/// The JSON Schema (draft 7, which editors of TOML know) of a whole config. Descriptions are the doc
/// comments of the keys.
///
/// # Errors
/// Never: a schema is plain JSON.
pub fn config_schema() -> anyhow::Result<String> {
    let settings = SchemaSettings::draft07();
    let mut schema = settings.into_generator().into_root_schema_for::<Config>();
    RecursiveTransform(without_null).transform(&mut schema);
    let text = serde_json::to_string_pretty(&schema).context("the schema is no JSON")?;
    Ok(text + "\n")
}

/// TOML has no null: an absent key is absent.
fn without_null(schema: &mut Schema) {
    let is_null = |value: &Value| {
        value.as_str() == Some("null") || value.get("type").is_some_and(|kind| kind == "null")
    };
    for key in ["type", "anyOf"] {
        let Some(Value::Array(kinds)) = schema.get_mut(key) else { continue };
        kinds.retain(|kind| !is_null(kind));
        if let ("type", [kind]) = (key, kinds.as_slice()) {
            let kind = kind.clone();
            schema.insert(key.to_owned(), kind);
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_descriptions_and_no_null() {
        let text = config_schema().unwrap();
        let schema: Value = serde_json::from_str(&text).unwrap();
        let properties = schema["properties"].as_object().unwrap();
        assert!(properties.contains_key("dataset") && properties.contains_key("augment"));
        assert!(
            properties["seed"]["description"].as_str().unwrap().starts_with("Seeds the initial")
        );
        assert_eq!(schema["additionalProperties"], false);
        assert!(!text.contains("null"), "{text}");
    }
}
