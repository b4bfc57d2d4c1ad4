//! Operations and schemas with special treatment.

use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, Operation, ParameterIn, PathItem};
use utoipa::openapi::{Object, Ref, RefOr};

/// Pages. Everything below these paths is excluded.
const PAGES: [&str; 5] = ["/support", "/docs", "/book", "/favicon.ico", "/robots.txt"];

pub(super) fn is_page(path: &str) -> bool {
    let is_below = |page: &&str| path.strip_prefix(*page).is_some_and(|rest| rest.starts_with('/'));
    PAGES.iter().any(|page| path == *page || is_below(page))
}

pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    with_methods(item).map(|(_, operation)| operation)
}

pub(super) fn with_methods(
    item: &mut PathItem,
) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let offered = [
        (HttpMethod::Get, get),
        (HttpMethod::Put, put),
        (HttpMethod::Post, post),
        (HttpMethod::Delete, delete),
        (HttpMethod::Patch, patch),
    ];
    offered.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The operation whose response contains one result per case.
pub(super) const BULK: &str = "/api/internal/support/cases/bulk";

/// Id of the operation by which staff open a case, whose response contains its version.
pub(super) const OPEN_BY_STAFF: &str = "open_case_by_staff";

/// Restricts a schema to a single value.
pub(super) fn constant(mut object: Object, value: Value) -> Object {
    // Extensions are serialized next to the standard keywords, which lack `const`.
    object.extensions.get_or_insert_default().insert("const".to_owned(), value);
    object
}

/// Returns true if a schema is that of a file's content.
pub(super) fn is_file(schema: &Ref) -> bool {
    schema.ref_location.ends_with("/FileBody")
}

/// Returns true if an operation reads a request header.
pub(super) fn has_header(operation: &Operation, name: &str) -> bool {
    operation.parameters.iter().flatten().any(|parameter| {
        let RefOr::T(parameter) = parameter else { return false };
        parameter.name == name && matches!(parameter.parameter_in, ParameterIn::Header)
    })
}

/// Returns the roles of which an operation requires one, or `None` if it does not use the security
/// scheme. No roles means any role.
pub(super) fn roles(operation: &Operation, scheme: &str) -> Option<Vec<String>> {
    // The requirement does not expose its roles otherwise.
    let requirements = serde_json::to_value(&operation.security).ok()?;
    let roles = requirements.as_array()?.iter().find_map(|one| one.get(scheme))?;
    serde_json::from_value(roles.clone()).ok()
}
