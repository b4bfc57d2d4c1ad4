use diesel::result::{DatabaseErrorKind, Error as DieselError};
use engage_repository::RepositoryError;

/// What a failed statement means to the caller.
pub(crate) fn repository_error(error: DieselError) -> RepositoryError {
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
        // What else PostgreSQL reports is about the connection, a time limit or the server's state.
        _ => RepositoryError::unavailable(error),
    }
}

/// Whether a statement failed on this unique constraint or index.
pub(crate) fn violates(error: &DieselError, constraint: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, information)
            if information.constraint_name() == Some(constraint)
    )
}

/// Whether a statement failed since what this foreign key refers to is not there.
pub(crate) fn refers_to_nothing(error: &DieselError, constraint: &str) -> bool {
    matches!(
        error,
        DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, information)
            if information.constraint_name() == Some(constraint)
    )
}

/// A stored value that the domain refuses: the table was changed by something else.
#[derive(Debug, thiserror::Error)]
#[error("the stored {column} is not valid")]
pub(crate) struct InvalidColumn {
    pub(crate) column: &'static str,
}

impl From<InvalidColumn> for RepositoryError {
    fn from(error: InvalidColumn) -> Self {
        Self::internal(error)
    }
}
