//! Lookups that treat a name without records like one that does not exist.

use engage_outbound::{DnsResolver, ResolveError};

use super::super::finding::Finding;

/// Returns the texts of a name: none if it does not exist.
pub(super) async fn texts(resolver: &DnsResolver, name: &str) -> Result<Vec<String>, ResolveError> {
    match resolver.texts(name).await {
        Err(error) if !error.is_temporary() => Ok(Vec::new()),
        found => found,
    }
}

/// Returns the finding that a record could not be looked up.
pub(super) fn unchecked(subject: &'static str, error: &ResolveError) -> Finding {
    Finding::warning(subject, format!("the record could not be checked: {error}"))
}
