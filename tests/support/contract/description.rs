//! An OpenAPI document with its schemas prepared for validation.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use jsonschema::{Draft, Validator};
use reqwest::Method;
use serde_json::{Value, json};

pub(super) struct Description {
    document: Value,
    /// Validators built so far. Building one takes time, and most tests need few.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Description {
    pub(super) fn new(mut document: Value) -> Self {
        let parts = names_of_parts(&document);
        let schemas = document["components"]["schemas"].as_object_mut().expect("schemas");
        for (name, schema) in schemas {
            if parts.contains(name) { close_within(schema) } else { close(schema) }
        }
        Self { document, validators: Mutex::default() }
    }

    /// Returns the operation that serves a path. If several match, the most specific one is
    /// returned.
    pub(super) fn operation(&self, method: &Method, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object()?.iter();
        let fitting = paths.filter(|(template, _)| is_path_of(path, template));
        let (_, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
        item.get(method.as_str().to_ascii_lowercase())
    }

    /// Returns the target of a reference. Any other value is returned unchanged.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|pointer| pointer.strip_prefix('#'));
        pointer.map_or(value, |pointer| self.document.pointer(pointer).expect("a component"))
    }

    /// Fails with the differences if a value does not match the schema of a reference.
    pub(super) fn misfit(&self, reference: &str, value: &Value) -> Result<(), String> {
        self.misfit_of(&json!({"$ref": reference}), value)
    }

    /// Fails with the differences if a value does not match a schema.
    pub(super) fn misfit_of(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let validator = self.validator(schema);
        let misfits: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{error} at {:?}", error.instance_path().to_string()))
            .collect();
        if misfits.is_empty() { Ok(()) } else { Err(format!("{schema}: {}", misfits.join("; "))) }
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().unwrap();
        let made = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut schema = schema.clone();
            schema["components"] = self.document["components"].clone();
            let options = jsonschema::options().with_draft(Draft::Draft202012);
            Arc::new(options.should_validate_formats(true).build(&schema).expect("a schema"))
        });
        Arc::clone(made)
    }
}

/// Checks whether a path matches a template.
fn is_path_of(path: &str, template: &str) -> bool {
    let (mut segments, mut wanted) = (path.split('/'), template.split('/'));
    loop {
        match (segments.next(), wanted.next()) {
            (None, None) => return true,
            (Some(segment), Some(parameter)) if parameter.starts_with('{') => {
                if segment.is_empty() {
                    return false;
                }
            }
            (Some(segment), Some(name)) if segment == name => {}
            _ => return false,
        }
    }
}

/// Returns the names of the schemas that are parts of others. On their own they are incomplete.
fn names_of_parts(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let schemas = document["components"]["schemas"].as_object().into_iter();
    for schema in schemas.flat_map(|schemas| schemas.values()) {
        for part in schema["allOf"].as_array().into_iter().flatten() {
            names.extend(
                part["$ref"].as_str().and_then(|r| r.rsplit('/').next()).map(str::to_owned),
            );
        }
    }
    names
}

/// Makes a schema reject properties that it does not name. Clients must tolerate new properties,
/// but every property of today's responses must be described.
fn close(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    let has_properties = ["properties", "allOf"].iter().any(|name| object.contains_key(*name));
    let is_open = object.contains_key("additionalProperties");
    if has_properties && !is_open {
        object.insert("unevaluatedProperties".to_owned(), json!(false));
    }
    close_within(schema);
}

/// Closes the schemas inside a schema, which may itself be a part of another one.
fn close_within(schema: &mut Value) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flat_map(|all| all.values_mut()).for_each(close);
    schema.get_mut("items").into_iter().for_each(close);
    schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten().for_each(close);
    schema
        .get_mut("allOf")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .for_each(close_within);
}
