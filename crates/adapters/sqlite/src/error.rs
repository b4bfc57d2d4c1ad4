//! Violations of constraints, as SQLite reports them.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Returns whether a statement violated a unique constraint. `columns` names it as SQLite does.
pub(crate) fn violates(error: &DieselError, columns: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information)
            if information.message().ends_with(columns)
    )
}
