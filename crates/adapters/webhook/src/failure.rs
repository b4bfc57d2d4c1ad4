//! Maps requests without a response to delivery errors.

use std::error::Error;

use engage_notifier::NotifyError;

use crate::{Blocked, GuardError};

/// Maximum length of a cause in characters. The remote side controls parts of it, such as the names
/// in its certificate.
const LONGEST_CAUSE: usize = 200;

/// Returns the error of a delivery to a blocked URL.
pub(crate) fn blocked(blocked: Blocked) -> NotifyError {
    NotifyError::rejected(format!("blocked address: the URL {blocked}"))
}

/// Maps the error of a request that got no response.
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
    let what = if error.is_connect() { "cannot connect to the endpoint" } else { "no response" };
    NotifyError::transient(format!("{what}: {}", explained(root_cause(error))))
}

/// Rewords errors of the HTTP client that are hard to understand.
fn explained(cause: String) -> String {
    let meaning = match cause.as_str() {
        "message head is too large" => {
            "the response headers have more than 100 lines or more than 400 KiB"
        }
        "invalid HTTP version parsed" => {
            "it does not support HTTP/1.1; endpoints that support HTTP/2 only cannot be called"
        }
        cause if cause.contains("NoApplicationProtocol") => {
            "it does not offer HTTP/1.1; endpoints that support HTTP/2 only cannot be called"
        }
        _ => return cause,
    };
    meaning.to_owned()
}

/// Returns the innermost error. The outer ones add nothing but the URL.
fn root_cause(error: &reqwest::Error) -> String {
    sources(error).last().map(one_line).unwrap_or_default()
}

/// Iterates over the sources of an error, from the outermost to the innermost.
fn sources(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&error| error.source())
}

fn one_line(error: &(dyn Error + 'static)) -> String {
    let line = error.to_string().replace(char::is_control, " ");
    line.chars().take(LONGEST_CAUSE).collect()
}
