use super::{Value, all_operations, document, json, misfits, resolve, validator};

/// A part of the description that may have examples, with its location.
struct Described<'a> {
    place: String,
    schema: &'a Value,
    examples: Vec<&'a Value>,
}

fn examples_of(value: &Value) -> Vec<&Value> {
    let many = value["examples"].as_array().into_iter().flatten();
    let named = value["examples"].as_object().into_iter().flat_map(|named| named.values());
    value.get("example").into_iter().chain(many).chain(named.map(|one| &one["value"])).collect()
}

/// Collects a schema and everything below it.
fn all_schemas<'a>(place: String, schema: &'a Value, found: &mut Vec<Described<'a>>) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        all_schemas(format!("{place}.{name}"), property, found);
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(keyword) {
            all_schemas(format!("{place}.{keyword}"), inner, found);
        }
    }
    for keyword in ["oneOf", "allOf", "anyOf"] {
        for inner in schema[keyword].as_array().into_iter().flatten() {
            all_schemas(format!("{place}.{keyword}"), inner, found);
        }
    }
    found.push(Described { place, schema, examples: examples_of(schema) });
}

/// Returns everything with a schema: components, parameters and bodies.
fn everything(document: &Value) -> Vec<Described<'_>> {
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        all_schemas(name.clone(), schema, &mut found);
    }
    for (method, path, operation) in all_operations(document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let place = format!("{method} {path} {}", parameter["name"]);
            let schema = &parameter["schema"];
            found.push(Described { place, schema, examples: examples_of(parameter) });
        }
        let responses = operation["responses"].as_object().unwrap();
        let bodies = responses
            .iter()
            .map(|(status, response)| (status.as_str(), resolve(response, document)));
        for (what, body) in bodies.chain([("request", &operation["requestBody"])]) {
            for (kind, content) in body["content"].as_object().into_iter().flatten() {
                let place = format!("{method} {path} {what} {kind}");
                let schema = &content["schema"];
                found.push(Described { place, schema, examples: examples_of(content) });
            }
        }
    }
    found
}

#[test]
fn every_example_fits_its_schema() {
    let (document, mut problems, mut seen) = (document(), Vec::new(), 0);
    for Described { place, schema, examples } in everything(&document) {
        seen += examples.len();
        if examples.is_empty() {
            continue;
        }
        let validator = validator(schema, &document);
        for example in examples {
            problems.extend(validator.iter_errors(example).map(|e| format!("{place}: {e}")));
        }
    }
    assert!(seen > 100, "{seen}");
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Builds an example of a body from the examples of its properties.
pub(super) fn assembled(schema: &Value, document: &Value) -> Option<Value> {
    if let Some(example) = examples_of(schema).first() {
        return Some((*example).clone());
    }
    // Any bytes are a valid file.
    if schema["format"] == "binary" {
        return Some(json!("a file"));
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) {
        return assembled(&document["components"]["schemas"][name], document);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return choices.iter().find_map(|choice| assembled(choice, document));
    }
    if schema["items"].is_object() {
        return assembled(&schema["items"], document).map(|item| json!([item]));
    }
    let properties = schema["properties"].as_object()?.iter();
    let known = properties
        .filter_map(|(name, property)| Some((name.clone(), assembled(property, document)?)));
    Some(Value::Object(known.collect()))
}

#[test]
fn the_examples_of_required_properties_form_a_valid_request() {
    let (document, mut problems) = (document(), Vec::new());
    for (method, path, operation) in all_operations(&document) {
        let contents = operation["requestBody"]["content"].as_object();
        for (kind, content) in contents.into_iter().flatten() {
            let whole = Some(content["example"].clone()).filter(Value::is_string);
            let body = whole.or_else(|| assembled(&content["schema"], &document));
            let body = body.unwrap_or_default();
            for misfit in misfits(&body, &content["schema"], &document) {
                problems.push(format!("{method} {path} {kind}: {misfit} in {body}"));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn an_example_that_does_not_fit_is_found() {
    let document = json!({"components": {"schemas": {
        "Word": {"type": "string", "maxLength": 3},
        "Thing": {
            "type": "object",
            "required": ["word"],
            "properties": {"word": {"$ref": "#/components/schemas/Word"}},
        },
    }}});
    let thing = json!({"$ref": "#/components/schemas/Thing"});
    assert!(misfits(&json!({"word": "abc"}), &thing, &document).is_empty());
    assert_eq!(misfits(&json!({"word": "abcd"}), &thing, &document).len(), 1);
    assert_eq!(misfits(&json!({}), &thing, &document).len(), 1);
}
