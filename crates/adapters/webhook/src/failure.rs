//! What it means that there is no answer.

use std::error::Error;

use engage_notifier::NotifyError;

use crate::{Blocked, GuardError};

/// The longest account of a cause, in characters: the other side can add to it, as with the names
/// in its certificate.
const LONGEST_CAUSE: usize = 200;

/// The refusal of a message to a URL that may not be called.
pub(crate) fn blocked(blocked: Blocked) -> NotifyError {
    NotifyError::rejected(format!("blocked address: the URL {blocked}"))
}

/// Why a request got no answer.
pub(crate) fn no_response(error: &reqwest::Error) -> NotifyError {
    let refusal = sources(error).find_map(|source| source.downcast_ref());
    match refusal {
        Some(GuardError::Blocked(why)) => return blocked(*why),
        Some(GuardError::Unresolved(cause)) => {
            let cause = one_line(cause);
            return NotifyError::transient(format!("the host's name cannot be resolved: {cause}"));
        }
        None => {}
    }
    let what = if error.is_connect() { "cannot connect to the endpoint" } else { "no answer" };
    NotifyError::transient(format!("{what}: {}", explained(root_cause(error))))
}

/// In other words what the HTTP client says of receivers that work otherwise.
fn explained(cause: String) -> String {
    let meaning = match cause.as_str() {
        "message head is too large" => {
            "the head of its answer has more than 100 lines, or more than 400 KiB"
        }
        "invalid HTTP version parsed" => {
            "it does not speak HTTP/1.1; one that speaks HTTP/2 only cannot be called"
        }
        cause if cause.contains("NoApplicationProtocol") => {
            "it does not offer HTTP/1.1; one that speaks HTTP/2 only cannot be called"
        }
        _ => return cause,
    };
    meaning.to_owned()
}

/// The innermost error: those around it say only that there is one, and name the URL.
fn root_cause(error: &reqwest::Error) -> String {
    sources(error).last().map(one_line).unwrap_or_default()
}

/// What an error comes from, from the outermost inwards.
fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&error| error.source())
}

fn one_line(error: &(dyn Error + 'static)) -> String {
    let line = error.to_string().replace(char::is_control, " ");
    line.chars().take(LONGEST_CAUSE).collect()
}
