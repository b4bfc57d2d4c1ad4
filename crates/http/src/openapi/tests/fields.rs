use std::collections::BTreeSet;

use engage_domain::event::EventSubtype;
use engage_domain::{Actor, EventType, ParticipantRef, PersonId};
use engage_notifier::ActorSnapshot;

use super::examples::assembled;
use super::{Value, all_operations, document, json, openapi_document, resolve, words};
use crate::openapi::schemas_of_requests;

/// Forms defined by another service.
const FOREIGN: &[&str] = &["SmsStatusForm"];

/// A property of a schema.
struct Property<'a> {
    owner: &'a str,
    name: &'a str,
    schema: &'a Value,
}

impl Property<'_> {
    fn place(&self) -> String {
        format!("{}.{}", self.owner, self.name)
    }
}

fn collect<'a>(owner: &'a str, schema: &'a Value, found: &mut Vec<Property<'a>>) {
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        found.push(Property { owner, name, schema });
    }
    for part in ["allOf", "oneOf", "anyOf"] {
        let parts = schema[part].as_array().into_iter().flatten();
        parts.for_each(|schema| collect(owner, schema, found));
    }
}

fn all_properties(document: &Value) -> Vec<Property<'_>> {
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        collect(name, schema, &mut found);
    }
    assert!(found.len() > 200, "{}", found.len());
    found
}

fn properties_of_requests(document: &Value) -> Vec<Property<'_>> {
    let of_requests = schemas_of_requests(&openapi_document());
    let mut found = all_properties(document);
    found.retain(|property| of_requests.contains(property.owner));
    assert!(found.len() > 50, "{}", found.len());
    found
}

fn property<'a>(document: &'a Value, owner: &str, name: &str) -> &'a Value {
    &document["components"]["schemas"][owner]["properties"][name]
}

/// Returns true if a property or the schema it refers to has a description.
fn is_explained(schema: &Value, document: &Value) -> bool {
    let says = |schema: &Value| schema["description"].as_str().is_some_and(|text| !text.is_empty());
    let referred = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next());
    let choices = schema["oneOf"].as_array();
    says(schema)
        || referred.is_some_and(|name| says(&document["components"]["schemas"][name]))
        || choices.is_some_and(|all| all.iter().any(|choice| is_explained(choice, document)))
}

fn is_text(schema: &Value) -> bool {
    let kind = &schema["type"];
    kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("string")))
}

/// Returns true if a text in a request has a limit or a format, or is no text.
fn is_bounded(schema: &Value) -> bool {
    let schema = schema.get("items").unwrap_or(schema);
    // A reference to an enumeration is limited by its values.
    let ways = ["maxLength", "enum", "format", "pattern", "contentEncoding", "contentMediaType"];
    !is_text(schema) || ways.iter().any(|way| schema.get(*way).is_some())
}

#[test]
fn every_property_has_a_description() {
    let document = document();
    let found = all_properties(&document);
    let silent = found.iter().filter(|property| !is_explained(property.schema, &document));
    let silent: Vec<_> = silent.map(Property::place).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn every_text_of_a_request_has_a_limit_or_a_form() {
    let document = document();
    let found = properties_of_requests(&document);
    let loose = found.iter().filter(|one| !FOREIGN.contains(&one.owner) && !is_bounded(one.schema));
    let loose: Vec<_> = loose.map(Property::place).collect();
    assert!(loose.is_empty(), "{loose:#?}");
}

#[test]
fn every_list_of_a_request_has_a_limit() {
    let document = document();
    let found = properties_of_requests(&document);
    let lists = found.iter().filter(|property| property.schema.get("items").is_some());
    let endless: Vec<_> =
        lists.filter(|list| !list.schema["maxItems"].is_u64()).map(Property::place).collect();
    assert!(endless.is_empty(), "{endless:#?}");
}

#[test]
fn every_parameter_of_a_path_has_a_form_and_an_example() {
    let document = document();
    let (mut loose, mut seen) = (Vec::new(), 0);
    for (method, path, operation) in all_operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] != "path" {
                continue;
            }
            seen += 1;
            if parameter["schema"]["pattern"].is_null() || parameter["example"].is_null() {
                loose.push(format!("{method} {path} {}", parameter["name"]));
            }
        }
    }
    assert!(seen > 20, "{seen}");
    assert!(loose.is_empty(), "{loose:#?}");
}

#[test]
fn every_body_of_a_request_has_an_example() {
    let document = document();
    let mut missing = Vec::new();
    for (method, path, operation) in all_operations(&document) {
        let contents = operation["requestBody"]["content"].as_object();
        for (kind, content) in contents.into_iter().flatten() {
            let body = assembled(&content["schema"], &document).unwrap_or_default();
            let is_shown_whole = content["example"].is_string();
            if !is_shown_whole && body.as_object().is_none_or(serde_json::Map::is_empty) {
                missing.push(format!("{method} {path} {kind}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_property_of_a_request_has_an_example() {
    let document = document();
    let found = properties_of_requests(&document);
    let missing = found.iter().filter(|property| {
        let is_shown_whole =
            document["components"]["schemas"][property.owner].get("example").is_some();
        !is_shown_whole && assembled(property.schema, &document).is_none()
    });
    let missing: Vec<_> = missing.map(Property::place).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Returns true if a schema is an object without additional properties.
fn is_closed(schema: &Value) -> bool {
    schema["additionalProperties"] == json!(false)
}

#[test]
fn request_schemas_are_closed_and_response_schemas_are_open() {
    let document = document();
    let of_requests = schemas_of_requests(&openapi_document());
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if schema.get("properties").is_none() {
            continue;
        }
        let is_ours_to_close = of_requests.contains(name) && !FOREIGN.contains(&name.as_str());
        assert_eq!(is_closed(schema), is_ours_to_close, "{name}");
    }
}

#[test]
fn the_kinds_of_actors_are_described() {
    let document = document();
    let kinds = property(&document, "ActorSnapshot", "kind");
    let kinds = resolve(kinds, &document)["enum"].as_array().unwrap();
    let kinds: BTreeSet<_> = words(kinds.iter().map(|kind| kind.as_str().unwrap()));
    let name = "Sam".parse().unwrap();
    let staff =
        engage_domain::StaffRef { id: "sam".parse().unwrap(), name: "Sam".parse().unwrap() };
    let participant = ParticipantRef { id: PersonId::from_u128(1), name: None };
    let participant = Actor::Participant(participant);
    let all = [Actor::Customer, participant, Actor::Staff(staff), Actor::System];
    let made = all.map(|actor| ActorSnapshot::new(&actor, &name).kind);
    assert_eq!(kinds, made.into_iter().collect());
}

#[test]
fn the_list_of_event_types_can_hold_all_types() {
    let document = document();
    let types = property(&document, "RegisterWebhookRequest", "eventTypes");
    assert_eq!(types["maxItems"], EventType::ALL.len() + EventSubtype::ALL.len());
}

#[test]
fn success_distinguishes_responses_from_errors() {
    let document = document();
    let mut seen = 0;
    for one in all_properties(&document).iter().filter(|one| one.name == "success") {
        seen += 1;
        let is_error = one.owner.ends_with("Error") || one.owner == "ErrorBody";
        assert_eq!(one.schema["const"], json!(!is_error), "{}", one.owner);
    }
    assert!(seen > 50, "{seen}");
}

/// Visits every schema.
fn each_schema(value: &Value, see: &mut impl FnMut(&Value)) {
    match value {
        Value::Object(object) => {
            see(value);
            object.values().for_each(|inner| each_schema(inner, see));
        }
        Value::Array(items) => items.iter().for_each(|item| each_schema(item, see)),
        _ => {}
    }
}

#[test]
fn formats_are_those_of_the_registry() {
    let known = [
        "binary",
        "byte",
        "date-time",
        "email",
        "idn-email",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "uri",
        "double",
    ];
    each_schema(&document(), &mut |schema| {
        if let Some(format) = schema["format"].as_str() {
            assert!(known.contains(&format), "{schema}");
        }
    });
}

#[test]
fn an_object_without_named_properties_allows_any() {
    let mut seen = 0;
    each_schema(&document(), &mut |schema| {
        if schema["type"] == "object" && schema.get("properties").is_none() {
            seen += 1;
            assert!(schema.get("additionalProperties").is_some(), "{schema}");
        }
    });
    assert!(seen > 3, "{seen}");
}
