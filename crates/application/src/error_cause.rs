use engage_repository::RepositoryError;

/// Returns what the adapter met underneath, for the log; nothing if it met nothing.
pub(crate) fn cause_of(error: &RepositoryError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}
