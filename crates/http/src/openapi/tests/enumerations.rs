use engage_domain::event::Change;
use engage_domain::{Role, Status, Urgency};

use super::{Value, document, json};
use crate::openapi::enumerations::CHANGED_FIELDS;

/// Visits every enumeration in the description.
fn each_enumeration(place: &str, value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(object) => {
            if object.get("enum").is_some_and(Value::is_array) {
                see(place, value);
            }
            for (name, inner) in object {
                each_enumeration(&format!("{place}/{name}"), inner, see);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                each_enumeration(&format!("{place}/{number}"), item, see);
            }
        }
        _ => {}
    }
}

#[test]
fn every_enumeration_has_a_unique_name_and_one_declaration() {
    let (document, mut seen) = (document(), Vec::new());
    each_enumeration("", &document, &mut |place, schema| {
        let name = place.strip_prefix("/components/schemas/");
        assert!(name.is_some_and(|name| !name.contains('/')), "{place}: {schema}");
        assert!(!seen.contains(&schema["enum"]), "{place} is another one: {schema}");
        seen.push(schema["enum"].clone());
    });
    assert!(seen.len() > 20, "{}", seen.len());
}

#[test]
fn a_value_belongs_to_the_same_enumeration_everywhere() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    for (name, words, places) in [
        (
            "Urgency",
            Urgency::SPELLINGS,
            &[("OpenCaseRequest", "urgency"), ("CaseSummaryBody", "urgency")] as &[_],
        ),
        (
            "CaseStatus",
            Status::SPELLINGS,
            &[("UpdateCaseRequest", "statusChange"), ("UpdateCaseResponse", "status")],
        ),
        ("Role", Role::SPELLINGS, &[("AddStaffRequest", "role"), ("MemberBody", "role")]),
    ] {
        assert_eq!(schemas[name]["enum"], json!(words));
        for (owner, property) in places {
            let property = &schemas[*owner]["properties"][*property];
            let choices = property["oneOf"].as_array().into_iter().flatten();
            let found = choices.chain([property]).find_map(|choice| choice["$ref"].as_str());
            let wanted = format!("#/components/schemas/{name}");
            assert_eq!(found, Some(wanted.as_str()), "{owner}: {property}");
        }
    }
}

#[test]
fn the_changed_fields_are_those_of_the_domain() {
    let unknown = serde_json::from_str::<Change>(r#"{"field": "?"}"#).unwrap_err().to_string();
    let (_, known) = unknown.split_once("expected one of ").unwrap();
    let (known, _) = known.split_once(" at ").unwrap_or((known, ""));
    let known: Vec<_> = known.split(", ").map(|name| name.trim_matches('`')).collect();
    assert_eq!(known, CHANGED_FIELDS);
}
