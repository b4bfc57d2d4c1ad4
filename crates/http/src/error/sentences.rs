//! Parts of the sentences of errors.

use actix_web::http::Method;
use engage_domain::case::{Action, InvalidTransition};
use engage_domain::staff::ServiceScope;
use engage_domain::{CaseNumber, StaffId};

use crate::echo::shown;

pub(super) fn scope_sentence(scopes: &[ServiceScope]) -> String {
    let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    match &names[..] {
        [] => "SERVICE members cannot do this. Use the token of a person.".to_owned(),
        [one] => format!("This requires the scope {one}. Ask an administrator."),
        many => {
            format!("This requires one of the scopes {}. Ask an administrator.", many.join(", "))
        }
    }
}

/// Returns the name for use in a sentence. Text that cannot be such a name is not echoed.
pub(super) fn named(text: &str, is_one: impl FnOnce(&str) -> bool) -> String {
    if is_one(text) { shown(text) } else { "of that name".to_owned() }
}

pub(super) fn is_case(text: &str) -> bool {
    text.parse::<CaseNumber>().is_ok()
}

pub(super) fn is_staff(text: &str) -> bool {
    text.parse::<StaffId>().is_ok()
}

pub(super) fn seconds(count: u64) -> String {
    if count == 1 { "1 second".to_owned() } else { format!("{count} seconds") }
}

pub(super) fn list(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

/// Returns the sentence of the domain, with the field that makes the request legal if there is one.
pub(super) fn transition_sentence(refusal: InvalidTransition) -> String {
    match refusal {
        InvalidTransition { from, action: Action::WriteToCustomer } => {
            format!("A case that is {from} accepts only internal notes; set isInternal to true.")
        }
        _ => refusal.to_string(),
    }
}
