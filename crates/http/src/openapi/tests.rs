//! Tests that the description is complete and that its examples match their schemas.

mod enumerations;
mod errors;
mod examples;
mod fields;
mod forms;
mod headers;
mod operations;

use std::collections::BTreeSet;

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use crate::openapi_document;

fn document() -> Value {
    json!(openapi_document())
}

/// Returns every operation with its method and path.
fn all_operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap().iter();
        item.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    operations.collect()
}

/// Resolves a reference. Other values are returned unchanged.
fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// Builds a validator for a schema of the description.
fn validator(schema: &Value, document: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let options = jsonschema::options().with_draft(Draft::Draft202012);
    options.should_validate_formats(true).build(&schema).unwrap()
}

/// Returns the reasons why a value does not match a schema.
fn misfits(value: &Value, schema: &Value, document: &Value) -> Vec<String> {
    let validator = validator(schema, document);
    let misfits = validator.iter_errors(value).map(|e| format!("{} ({})", e, e.instance_path()));
    misfits.collect()
}

/// Returns a set of strings.
fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_nullable_property_of_a_response_is_required() {
    let document = document();
    let progress = &document["components"]["schemas"]["CaseSummaryBody"];
    assert_eq!(progress["properties"]["department"]["type"], json!(["string", "null"]));
    assert!(progress["required"].as_array().unwrap().contains(&json!("department")));
    let request = &document["components"]["schemas"]["AssignCaseRequest"];
    assert!(!request["required"].as_array().unwrap().contains(&json!("department")));
}

#[test]
fn requests_and_responses_use_different_schemas() {
    let document = openapi_document();
    let sent = super::schemas_of_requests(&document);
    let document = json!(document);
    let mut returned = BTreeSet::new();
    super::collect_names(&document["webhooks"], &document, &mut returned);
    let mut used = returned.clone();
    for (_, _, operation) in all_operations(&document) {
        super::collect_names(&operation["responses"], &document, &mut returned);
        super::collect_names(operation, &document, &mut used);
    }
    assert_eq!(sent.intersection(&returned).collect::<Vec<_>>(), Vec::<&String>::new());
    let all = document["components"]["schemas"].as_object().unwrap().keys();
    let unused = all.filter(|name| !used.contains(*name) && !returned.contains(*name));
    assert_eq!(unused.collect::<Vec<_>>(), Vec::<&String>::new());
}
