//! Says of each field what its name tells: its words, its form, what it is.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{ArrayItems, SchemaType};
use utoipa::openapi::{KnownFormat, Object, OpenApi, RefOr, Schema, SchemaFormat, Type};

use super::forms;

/// Whether clients send a field, who may write it in several ways, or get it, always in one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Answered,
}

/// Completes the properties of all schemas; those of requests are named.
pub(super) fn complete_schemas(document: &mut OpenApi, of_requests: &BTreeSet<String>) {
    let Some(components) = &mut document.components else { return };
    for (name, schema) in &mut components.schemas {
        let way = if of_requests.contains(name) { Way::Sent } else { Way::Answered };
        complete_schema(name, way, schema);
    }
}

fn complete_schema(owner: &str, way: Way, schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            for (name, property) in &mut object.properties {
                complete_property(owner, name, way, property);
            }
        }
        RefOr::T(Schema::AllOf(all)) => {
            all.items.iter_mut().for_each(|part| complete_schema(owner, way, part));
        }
        _ => {}
    }
}

fn complete_property(owner: &str, name: &str, way: Way, property: &mut RefOr<Schema>) {
    match property {
        RefOr::T(Schema::Object(object)) => {
            describe(owner, name, way, &mut object.description);
            give_form(owner, name, way, object);
        }
        RefOr::T(Schema::Array(array)) => {
            describe(owner, name, way, &mut array.description);
            if let (Way::Sent, Some(words)) = (way, forms::words(owner, name)) {
                // More could only name one twice.
                array.max_items = Some(words.len());
            }
            if let ArrayItems::RefOrSchema(items) = &mut array.items
                && let RefOr::T(Schema::Object(item)) = &mut **items
            {
                give_form(owner, name, way, item);
            }
        }
        _ => {}
    }
}

fn describe(owner: &str, name: &str, way: Way, description: &mut Option<String>) {
    if way == Way::Answered {
        if description.is_none() {
            *description = forms::meaning(name).map(str::to_owned);
        }
    } else if let Some(words) = forms::words(owner, name) {
        name_words(words, description);
    }
}

/// Adds the words to a description that does not name all of them.
fn name_words(words: &[&str], description: &mut Option<String>) {
    let said = description.take().unwrap_or_default();
    let are_named = words.iter().all(|word| said.contains(&format!("`{word}`")));
    let said = if are_named { said } else { format!("{said} {}.", forms::listed(words)) };
    *description = Some(said.trim_start().to_owned());
}

/// What a text is made of. What its own schema says of that stays.
fn give_form(owner: &str, name: &str, way: Way, object: &mut Object) {
    let is_free = object.enum_values.is_none() && object.pattern.is_none();
    if !is_text(object) || !is_free || object.format.is_some() {
        return;
    }
    match (forms::words(owner, name), way) {
        (Some(words), Way::Answered) => object.enum_values = Some(enumerated(words, object)),
        (Some(words), Way::Sent) => {
            object.pattern = Some(format!("^({})$", forms::in_any_case(words)));
        }
        (None, Way::Answered) => {}
        (None, Way::Sent) => object.pattern = forms::pattern(owner, name),
    }
}

fn is_text(object: &Object) -> bool {
    match &object.schema_type {
        SchemaType::Type(kind) => *kind == Type::String,
        SchemaType::Array(kinds) => kinds.contains(&Type::String),
        SchemaType::AnyValue => false,
    }
}

fn enumerated(words: &[&str], object: &Object) -> Vec<Value> {
    let may_be_null =
        matches!(&object.schema_type, SchemaType::Array(kinds) if kinds.contains(&Type::Null));
    let null = may_be_null.then_some(Value::Null);
    words.iter().map(|word| json!(word)).chain(null).collect()
}

/// Completes the parameters of an operation that are in its path or query.
pub(super) fn complete_parameters(path: &str, operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        match parameter.parameter_in {
            ParameterIn::Path => complete_path(path, parameter),
            ParameterIn::Query => complete_query(path, parameter),
            ParameterIn::Header | ParameterIn::Cookie | ParameterIn::QueryString => {}
        }
    }
}

fn complete_path(path: &str, parameter: &mut Parameter) {
    if let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema {
        give_form(path, &parameter.name, Way::Sent, object);
    }
}

fn complete_query(path: &str, parameter: &mut Parameter) {
    let name = &parameter.name;
    let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema else { return };
    if let Some(words) = forms::words(path, name) {
        name_words(words, &mut parameter.description);
        let word = forms::in_any_case(words);
        object.pattern = Some(format!("^({word})(,({word}))*$"));
    } else if forms::is_time(name) {
        object.format = Some(SchemaFormat::KnownFormat(KnownFormat::DateTime));
    } else {
        give_form(path, name, Way::Sent, object);
    }
}
