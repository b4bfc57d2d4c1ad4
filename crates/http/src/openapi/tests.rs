//! The description is whole: it says what is served, and its examples are what it says they are.

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

/// Every operation with its method and path.
fn all_operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap().iter();
        item.map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    });
    operations.collect()
}

/// What a reference of the description leads to; a value that is none is itself.
fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// What decides whether a value fits a schema of the description.
fn validator(schema: &Value, document: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let options = jsonschema::options().with_draft(Draft::Draft202012);
    options.should_validate_formats(true).build(&schema).unwrap()
}

/// Why a value does not fit a schema of the description; nothing where it does.
fn misfits(value: &Value, schema: &Value, document: &Value) -> Vec<String> {
    let validator = validator(schema, document);
    let misfits = validator.iter_errors(value).map(|e| format!("{} ({})", e, e.instance_path()));
    misfits.collect()
}

/// A set of words.
fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_property_of_an_answer_that_may_be_null_is_required() {
    let document = document();
    let progress = &document["components"]["schemas"]["CaseSummaryBody"];
    assert_eq!(progress["properties"]["department"]["type"], json!(["string", "null"]));
    assert!(progress["required"].as_array().unwrap().contains(&json!("department")));
    let request = &document["components"]["schemas"]["AssignCaseRequest"];
    assert!(!request["required"].as_array().unwrap().contains(&json!("department")));
}

#[test]
fn what_is_sent_and_what_is_answered_are_different_schemas() {
    let document = openapi_document();
    let sent = super::schemas_of_requests(&document);
    let document = json!(document);
    let mut answered = BTreeSet::new();
    super::collect_names(&document["webhooks"], &document, &mut answered);
    let mut used = answered.clone();
    for (_, _, operation) in all_operations(&document) {
        super::collect_names(&operation["responses"], &document, &mut answered);
        super::collect_names(operation, &document, &mut used);
    }
    assert_eq!(sent.intersection(&answered).collect::<Vec<_>>(), Vec::<&String>::new());
    let all = document["components"]["schemas"].as_object().unwrap().keys();
    let unused = all.filter(|name| !used.contains(*name) && !answered.contains(*name));
    assert_eq!(unused.collect::<Vec<_>>(), Vec::<&String>::new());
}
