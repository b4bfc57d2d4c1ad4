use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use engage_domain::{EventType, Permission};

use crate::openapi::is_page;

use super::{Value, all_operations, document, json, resolve, words};

/// The folder whose routes omit a prefix of the path, and the prefix.
const SCOPE: (&str, &str) = ("staff/", "/api/internal");

/// Returns the routes in the attributes of the handlers.
fn routes_in_source() -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    each_source(&root, &mut |path, text| {
        let place = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
        let prefix = if place.starts_with(SCOPE.0) { SCOPE.1 } else { "" };
        for line in text.lines() {
            routes.extend(route_in(line).map(|(method, path)| format!("{method} {prefix}{path}")));
            // Routes defined in other ways would be missing in the description, and here.
            for hidden in [".route(", "web::resource(", "#[route(", "#[routes]"] {
                assert!(!line.contains(hidden), "{place}: {line}");
            }
        }
    });
    routes
}

/// Returns the method and path of an attribute.
fn route_in(line: &str) -> Option<(&'static str, &str)> {
    ["get", "post", "put", "patch", "delete", "head", "options"].into_iter().find_map(|method| {
        let attribute =
            line.trim().strip_prefix("#[")?.strip_prefix(method)?.strip_prefix("(\"")?;
        Some((method, attribute.split('"').next()?))
    })
}

/// Visits every source file except tests.
pub(super) fn each_source(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        if path.is_dir() {
            each_source(&path, see);
        } else if path.extension().is_some_and(|end| end == "rs") {
            see(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn the_description_lists_exactly_the_served_routes_except_pages() {
    let document = document();
    let operations = all_operations(&document).into_iter();
    let described: BTreeSet<_> =
        operations.map(|(method, path, _)| format!("{method} {path}")).collect();
    let mut served = routes_in_source();
    let is_page = |route: &String| route.split_once(' ').is_some_and(|(_, path)| is_page(path));
    assert!(served.iter().any(is_page));
    served.retain(|route| !is_page(route));
    assert!(!served.is_empty());
    let missing: Vec<_> = served.difference(&described).collect();
    assert!(missing.is_empty(), "served, but not described: {missing:?}");
    let unknown: Vec<_> = described.difference(&served).collect();
    assert!(unknown.is_empty(), "described, but no handler has it: {unknown:?}");
}

#[test]
fn every_operation_has_a_name_a_summary_a_description_and_a_tag() {
    let document = document();
    let tags = document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap());
    let (tags, mut names, mut used) = (words(tags), BTreeSet::new(), BTreeSet::new());
    for (method, path, operation) in all_operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{name} twice");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty(), "{method} {path} has no summary");
        let description = operation["description"].as_str().unwrap_or_default();
        assert!(!description.is_empty(), "{method} {path} has no description");
        let own = operation["tags"].as_array().unwrap();
        assert_eq!(own.len(), 1, "{method} {path}");
        assert!(tags.contains(own[0].as_str().unwrap()), "{method} {path}: {own:?}");
        used.insert(own[0].as_str().unwrap().to_owned());
    }
    assert_eq!(tags, used);
}

#[test]
fn every_operation_declares_its_security() {
    let document = document();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    for (method, path, operation) in all_operations(&document) {
        // Public operations state that they need no security.
        let ways = operation["security"].as_array().unwrap();
        for scheme in ways.iter().flat_map(|way| way.as_object().unwrap().keys()) {
            assert!(schemes.contains_key(scheme), "{method} {path}: {scheme}");
        }
        let is_internal = path.starts_with("/api/internal/");
        let needs_token = matches!(&ways[..], [only] if only["staffToken"].is_array());
        assert_eq!(needs_token, is_internal, "{method} {path}");
        for role in ways.iter().flat_map(|way| way["staffToken"].as_array().into_iter().flatten()) {
            let described = format!("Requires the role `{}`.", role.as_str().unwrap());
            let description = operation["description"].as_str().unwrap();
            assert!(description.contains(&described), "{method} {path}: {role}");
        }
    }
}

/// Returns the text between two others, if both occur in this order.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

/// Returns the permissions that the handlers in a file declare, each with the one they require.
fn permissions_in(text: &str) -> Vec<(&str, &str)> {
    let handlers = text.split("#[utoipa::path(").skip(1);
    let permissions = handlers.map(|handler| {
        let declared = between(handler, "security((\"staffToken\" = [", "::ROLE]))").unwrap();
        let (_, function) = handler.split_once("pub(crate) async fn ").unwrap();
        let (signature, _) = function.split_once('{').unwrap();
        let required = match between(signature, "Staff<", ">") {
            Some(required) => required,
            None if signature.contains("TokensInPath") => "ManageOwnTokens",
            None => panic!("no permission in {signature}"),
        };
        (declared, required)
    });
    permissions.collect()
}

#[test]
fn every_handler_for_staff_declares_the_permission_that_it_requires() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/staff");
    let mut handlers = 0;
    each_source(&root, &mut |path, text| {
        for (declared, required) in permissions_in(text) {
            assert_eq!(declared, required, "{}", path.display());
            handlers += 1;
        }
    });
    let document = document();
    let all = all_operations(&document).into_iter();
    assert_eq!(handlers, all.filter(|(_, path, _)| path.starts_with(SCOPE.1)).count());
}

#[test]
fn a_permission_that_depends_on_the_data_is_described_with_its_role() {
    let document = document();
    for (place, permission, operations) in [
        ("get /api/internal/staff", Permission::ManageStaff, 1),
        ("/history", Permission::SeeChangeOrigins, 1),
        ("/tokens", Permission::ManageTokensOfOthers, 3),
        ("/tokens/{tokenId}", Permission::ManageTokensOfOthers, 1),
        ("/tokens/{tokenId}/rotate", Permission::ManageTokensOfOthers, 1),
    ] {
        let mut found = all_operations(&document);
        found.retain(|(method, path, _)| format!("{method} {path}").ends_with(place));
        assert_eq!(found.len(), operations, "{place}");
        for (_, _, operation) in found {
            let description = operation["description"].as_str().unwrap();
            let role = format!("`{}`", permission.required_role());
            assert!(description.contains(&role), "{place}: {description}");
        }
    }
}

/// Returns the errors that an operation must declare, given its path and input.
fn errors_to_expect(method: &str, path: &str, operation: &Value) -> Vec<&'static str> {
    let mut expected = vec!["500", "503"];
    if path.starts_with("/api/") && method != "get" {
        expected.push("403");
    }
    if path.starts_with("/api/internal/") {
        expected.push("401");
    }
    let takes = |place: &str| {
        let parameters = operation["parameters"].as_array();
        parameters.is_some_and(|all| all.iter().any(|parameter| parameter["in"] == place))
    };
    if path.starts_with("/api/support/") || path.starts_with("/api/internal/") {
        expected.extend(["400", "408", "413", "429"]);
    }
    // A path parameter names something that may not exist.
    if takes("path") {
        expected.push("404");
    }
    let body = &operation["requestBody"]["content"];
    if body.is_object() {
        expected.extend(["400", "408", "413"]);
    }
    if body.get("application/json").is_some() || body.get("multipart/form-data").is_some() {
        expected.push("415");
    }
    expected
}

#[test]
fn every_operation_declares_its_possible_errors() {
    let document = document();
    for (method, path, operation) in all_operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        for status in errors_to_expect(method, path, operation) {
            assert!(responses.contains_key(status), "{method} {path} does not name {status}");
        }
        for (status, response) in responses {
            let said = resolve(response, &document)["description"].as_str().unwrap_or_default();
            assert_ne!(said, "", "{method} {path} {status}");
            let is_error = status.starts_with(['4', '5']);
            // An unhealthy service returns a report, not an error.
            if is_error && path != "/health" {
                let place = response["$ref"].as_str().unwrap_or_default();
                assert!(place.starts_with("#/components/responses/"), "{method} {path} {status}");
            }
        }
    }
}

#[test]
fn every_parameter_has_a_description() {
    let document = document();
    for (method, path, operation) in all_operations(&document) {
        let mut in_path = BTreeSet::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let explained = parameter["description"].as_str().unwrap_or_default();
            assert!(!explained.is_empty(), "{method} {path}: {name} is not explained");
            let kinds = &parameter["schema"]["type"];
            assert!(!kinds.is_array(), "{method} {path}: {name} may be of several types");
            if parameter["in"] == "path" {
                assert_eq!(parameter["required"], true, "{method} {path}: {name}");
                in_path.insert(name.to_owned());
            }
        }
        let named = path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'));
        assert_eq!(words(named), in_path, "{method} {path}");
    }
}

#[test]
fn path_parameters_have_consistent_names() {
    let document = document();
    let names: BTreeSet<_> = all_operations(&document)
        .iter()
        .flat_map(|(_, path, _)| {
            path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}'))
        })
        .collect();
    let all = [
        "attachmentId",
        "caseNumber",
        "contactId",
        "erasureId",
        "notificationId",
        "organizationId",
        "participantId",
        "staffId",
        "tagId",
        "tokenId",
        "webhookId",
    ];
    assert_eq!(names, all.into_iter().collect());
}

#[test]
fn webhook_requests_are_described_for_each_event_type() {
    let document = document();
    let webhooks = document["webhooks"].as_object().unwrap();
    let types = EventType::SPELLINGS.iter().copied().chain(["webhook.test"]);
    assert_eq!(words(webhooks.keys().map(String::as_str)), words(types));
    for (name, item) in webhooks {
        let operation = &item["post"];
        assert_eq!(operation["tags"], json!(["Webhooks"]), "{name}");
        let headers = operation["parameters"].as_array().unwrap().iter();
        let headers = words(headers.map(|header| header["name"].as_str().unwrap()));
        let signed = ["webhook-id", "webhook-signature", "webhook-timestamp"];
        assert_eq!(headers, words(signed.into_iter().chain(["traceparent", "tracestate"])));
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let properties = &resolve(schema, &document)["properties"];
        let fits = ["type", "timestamp", "data"].iter().all(|name| properties[*name].is_object());
        assert!(fits, "{name}: {properties}");
    }
}
