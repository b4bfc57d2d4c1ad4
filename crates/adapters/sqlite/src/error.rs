//! Errors of work on a connection, and violations of constraints as SQLite reports them.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use engage_repository::{RepositoryError, UniqueConstraint};
use engage_sql::{InvalidColumn, repository_error, unique_error};

/// Error of work on a connection. Unlike a [`RepositoryError`], it is converted from those of diesel.
#[derive(Debug)]
pub(crate) struct WorkError(pub(crate) RepositoryError);

/// The result of work on a connection.
pub(crate) type WorkResult<T> = Result<T, WorkError>;

impl From<DieselError> for WorkError {
    fn from(error: DieselError) -> Self {
        Self(repository_error(error))
    }
}

impl From<InvalidColumn> for WorkError {
    fn from(error: InvalidColumn) -> Self {
        Self(error.into())
    }
}

impl From<RepositoryError> for WorkError {
    fn from(error: RepositoryError) -> Self {
        Self(error)
    }
}

impl From<WorkError> for RepositoryError {
    fn from(error: WorkError) -> Self {
        error.0
    }
}

/// Converts an error of a statement that may violate unique constraints, each named by its columns.
pub(crate) fn duplicate(error: DieselError, constraints: &[(&str, UniqueConstraint)]) -> WorkError {
    unique_error(error, constraints, violates).into()
}

/// Returns whether a statement violated a unique constraint. `columns` names it as SQLite does.
pub(crate) fn violates(error: &DieselError, columns: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information)
            if information.message().ends_with(columns)
    )
}
