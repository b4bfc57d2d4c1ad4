//! Violations of constraints, as PostgreSQL reports them.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use engage_repository::{RepositoryError, UniqueConstraint};
use engage_sql::unique_error;

/// Converts an error of a statement that may violate these unique constraints or indexes.
pub(crate) fn duplicate(
    error: DieselError,
    constraints: &[(&str, UniqueConstraint)],
) -> RepositoryError {
    unique_error(error, constraints, violates)
}

/// Returns whether a statement violated this unique constraint or index.
pub(crate) fn violates(error: &DieselError, constraint: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information)
            if information.constraint_name() == Some(constraint)
    )
}

/// Returns whether a statement failed because the row that this foreign key refers to is missing.
pub(crate) fn refers_to_nothing(error: &DieselError, constraint: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, information)
            if information.constraint_name() == Some(constraint)
    )
}
