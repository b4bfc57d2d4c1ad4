//! Violations of constraints, as PostgreSQL reports them.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

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
