//! Tests that the check finds deviations.

use serde_json::json;

use super::*;

fn description() -> Description {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let content = |name: &str| json!({"application/json": {"schema": reference(name)}});
    Description::new(json!({
        "paths": {
            "/things/{id}": {
                "get": {"responses": {
                    "200": {"content": content("Thing"), "headers": {"ETag": {"$ref": "#/components/headers/ETag"}, "RateLimit": {}}},
                    "404": {"$ref": "#/components/responses/NotFound"},
                }},
                "delete": {"responses": {"204": {"headers": {"ETag": {}}}}},
            },
            "/things/all": {"get": {"responses": {
                "200": {
                    "content": {"text/csv": {"schema": {"type": "string"}}},
                    "headers": {"ETag": {}},
                },
            }}},
        },
        "components": {"headers": {"ETag": {"required": true}}, "responses": {
            "NotFound": {"content": content("ErrorBody"), "headers": {"ETag": {}}},
        }, "schemas": {
            "Part": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
            },
            "Thing": {"allOf": [
                reference("Part"),
                {
                    "type": "object",
                    "required": ["name", "made"],
                    "properties": {
                        "name": {"type": ["string", "null"]},
                        "made": {"type": "string", "format": "date-time"},
                        "inner": {
                            "type": "object",
                            "properties": {"size": {"type": "integer"}},
                        },
                    },
                },
            ]},
            "ErrorBody": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": {"type": "string"}},
            },
        }},
    }))
}

/// Builds a response to this request, as the server of the description above would return it.
fn response(method: Method, path: &str, status: u16, body: &Value) -> Exchange {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
    headers.insert("etag", "\"1\"".parse().unwrap());
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Exchange { method, path: path.to_owned(), status, headers, body }
}

fn thing() -> Value {
    json!({"id": "1", "name": null, "made": "2025-01-29T10:00:00Z", "inner": {"size": 1}})
}

fn misfit(exchange: &Exchange) -> String {
    exchange.fits(&description()).expect_err("a misfit")
}

#[test]
fn a_described_response_fits() {
    let error = json!({"error": "no"});
    for (method, path, status, body) in [
        (Method::GET, "/things/1", 200, thing()),
        (Method::HEAD, "/things/1", 200, Value::Null),
        (Method::GET, "/things/1", 404, error.clone()),
        (Method::DELETE, "/things/1", 204, Value::Null),
        (Method::PUT, "/things/1", 405, error.clone()),
        (Method::GET, "/nothing", 404, error.clone()),
        (Method::GET, "/things/", 404, error),
    ] {
        assert_eq!(response(method, path, status, &body).fits(&description()), Ok(()));
    }
}

#[test]
fn an_undescribed_status_is_found() {
    let found = misfit(&response(Method::GET, "/things/1", 409, &json!({"error": "no"})));
    assert!(found.contains("409"), "{found}");
    let found = misfit(&response(Method::GET, "/nothing", 200, &thing()));
    assert!(found.contains("no such operation"), "{found}");
    let found = misfit(&response(Method::GET, "/nothing", 404, &json!({"message": "no"})));
    assert!(found.contains("error"), "{found}");
}

#[test]
fn a_missing_wrong_or_undescribed_property_is_found() {
    for (name, value, told) in [
        ("name", None, "\"name\" is a required property"),
        ("id", None, "\"id\" is a required property"),
        ("id", Some(json!(7)), "at \"/id\""),
        ("made", Some(json!("yesterday")), "at \"/made\""),
        ("colour", Some(json!("red")), "'colour'"),
        ("inner", Some(json!({"size": 1, "weight": 2})), "'weight'"),
    ] {
        let mut thing = thing();
        match value {
            Some(value) => thing[name] = value,
            None => drop(thing.as_object_mut().unwrap().remove(name)),
        }
        let found = misfit(&response(Method::GET, "/things/1", 200, &thing));
        assert!(found.contains(told), "{found}");
    }
}

#[test]
fn an_undescribed_content_type_body_or_header_is_found() {
    let found = misfit(&response(Method::GET, "/things/all", 200, &thing()));
    assert!(found.contains("application/json is not described"), "{found}");
    let found = misfit(&response(Method::DELETE, "/things/1", 204, &thing()));
    assert!(found.contains("a body that is not described"), "{found}");
    let found = misfit(&response(Method::GET, "/things/1", 200, &Value::Null));
    assert!(found.contains("no JSON"), "{found}");
    let mut without_tag = response(Method::GET, "/things/1", 200, &thing());
    without_tag.headers.remove("etag");
    assert!(misfit(&without_tag).contains("ETag"));
    let mut with_more = response(Method::GET, "/things/1", 200, &thing());
    with_more.headers.insert("ratelimit", "1".parse().unwrap());
    assert_eq!(with_more.fits(&description()), Ok(()));
    with_more.headers.insert("retry-after", "1".parse().unwrap());
    assert!(misfit(&with_more).contains("retry-after is not described"));
}

#[test]
fn a_content_type_can_have_undescribed_parameters() {
    for (kind, described, is_one) in [
        ("text/csv; charset=utf-8; header=present", "text/csv", true),
        ("text/plain; version=0.0.4", "text/plain; version=0.0.4", true),
        ("text/plain", "text/plain; version=0.0.4", false),
        ("image/png", "*/*", true),
        ("text/html", "text/csv", false),
    ] {
        assert_eq!(is_of(kind, described), is_one, "{kind} {described}");
    }
}
