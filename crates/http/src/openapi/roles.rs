//! Completes what the description says about the roles of staff.

use engage_domain::Role;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;

use super::operations::roles;

const SCHEME: &str = "staffToken";

/// States the role that an operation requires, in words too. Handlers declare the role of their
/// permission. The lowest role is omitted, since every member has it.
pub(super) fn complete(operation: &mut Operation) {
    let Some(mut required) = roles(operation, SCHEME) else { return };
    required.retain(|role| role != Role::Agent.as_str());
    if let Some(role) = required.first() {
        let mut text = format!("Requires the role `{role}`.");
        if let Some(rest) = &operation.description {
            text = format!("{text} {rest}");
        }
        operation.description = Some(text);
    }
    operation.security = Some(vec![SecurityRequirement::new(SCHEME, required)]);
}
