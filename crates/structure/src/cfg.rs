//! Determines which items are part of the production code.

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// Checks whether an item with these attributes is part of any build other than tests.
pub(crate) fn is_production(attributes: &[Attribute]) -> bool {
    !attributes.iter().any(|attribute| is_test_function(attribute) || is_for_tests_only(attribute))
}

/// Checks for attributes such as `#[test]` and `#[tokio::test]`.
fn is_test_function(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|name| name.ident == "test")
}

fn is_for_tests_only(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.parse_args().is_ok_and(|condition| holds(&condition) == Some(false))
}

/// Checks whether a condition holds outside tests. Returns nothing if that depends on something
/// else, such as a feature.
fn holds(condition: &Meta) -> Option<bool> {
    match condition {
        Meta::Path(path) if path.is_ident("test") => Some(false),
        Meta::List(list) => {
            let parts = list
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .unwrap_or_default();
            let mut parts = parts.iter().map(holds);
            if list.path.is_ident("not") {
                parts.next().flatten().map(|part| !part)
            } else if list.path.is_ident("all") {
                settled(parts, false)
            } else if list.path.is_ident("any") {
                settled(parts, true)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Returns `deciding` if any part has that value, the opposite if all parts do, and otherwise
/// nothing.
fn settled(parts: impl Iterator<Item = Option<bool>>, deciding: bool) -> Option<bool> {
    let parts: Vec<_> = parts.collect();
    if parts.contains(&Some(deciding)) {
        return Some(deciding);
    }
    if parts.contains(&None) { None } else { Some(!deciding) }
}
