//! Completes what the description says about the roles of staff and the scopes of machines.

use engage_domain::Role;
use engage_domain::staff::ServiceScope;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;

use super::operations::roles;

const SCHEME: &str = "staffToken";

/// States the role that an operation requires, in words too, and the scopes that open it to machines.
/// Handlers declare both as one text. The lowest role is omitted, since every person has it.
pub(super) fn complete(operation: &mut Operation) {
    let Some(declared) = roles(operation, SCHEME) else { return };
    let mut words = declared.iter().flat_map(|text| text.split(' ')).map(str::to_owned);
    let mut required: Vec<_> = words.next().into_iter().collect();
    required.retain(|role| role != Role::Agent.as_str());
    let role = required.first().map(|role| format!("Requires the role `{role}`."));
    let scopes: Vec<_> = words.collect();
    let said = operation.description.take();
    let parts: Vec<_> = role.into_iter().chain(said).chain([of_machines(&scopes)]).collect();
    operation.description = Some(parts.join(" "));
    operation.security = Some(vec![SecurityRequirement::new(SCHEME, required)]);
}

/// Says which scopes open an operation to machines.
fn of_machines(scopes: &[String]) -> String {
    let quoted: Vec<_> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
    match &quoted[..] {
        [] => "Not for `SERVICE` members.".to_owned(),
        [scope] => format!("A `SERVICE` member needs the scope {scope}."),
        all if all.len() == ServiceScope::ALL.len() => {
            "A `SERVICE` member needs any scope.".to_owned()
        }
        some => format!("A `SERVICE` member needs one of the scopes {}.", some.join(", ")),
    }
}
