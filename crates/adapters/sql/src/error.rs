//! Failures of statements and of stored values.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use engage_repository::{RepositoryError, UniqueConstraint};

/// Converts the failure of a statement to the error that a port returns.
pub fn repository_error(error: DieselError) -> RepositoryError {
    match error {
        DieselError::DatabaseError(
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation,
            _,
        )
        | DieselError::NotFound
        | DieselError::QueryBuilderError(_)
        | DieselError::DeserializationError(_)
        | DieselError::SerializationError(_) => RepositoryError::internal(error),
        // All other errors are about the connection, a timeout, or the state of the server or file.
        _ => RepositoryError::unavailable(error),
    }
}

/// Converts an error of a statement that may violate unique constraints. `violates` tells whether it
/// violated the one that the database calls so.
pub fn unique_error(
    error: DieselError,
    constraints: &[(&str, UniqueConstraint)],
    violates: impl Fn(&DieselError, &str) -> bool,
) -> RepositoryError {
    match constraints.iter().find(|(name, _)| violates(&error, name)) {
        Some((_, constraint)) => RepositoryError::Duplicate { constraint: *constraint },
        None => repository_error(error),
    }
}

/// Error returned when the domain rejects a stored value. Another program has changed the table.
#[derive(Debug, thiserror::Error)]
#[error("the stored {column} is not valid")]
pub struct InvalidColumn {
    /// Name of the column, or of the group of columns that is read as one value.
    pub column: &'static str,
}

impl From<InvalidColumn> for RepositoryError {
    fn from(error: InvalidColumn) -> Self {
        Self::internal(error)
    }
}
