//! Generations of proofs as they are written, and what else writes have in common.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use engage_domain::PersonId;
use engage_repository::RotatedAccess;
use engage_sql::AccessRow;
use engage_sql::schema::cases;

/// Starts new generations in a locked row.
pub(super) async fn write_generations(
    connection: &mut AsyncPgConnection,
    row: &AccessRow,
    person: Option<PersonId>,
) -> QueryResult<RotatedAccess> {
    let (rotated, columns) = row.rotate(person).map_err(unreadable)?;
    if let Some(columns) = columns {
        diesel::update(cases::table.find(row.id)).set(columns).execute(connection).await?;
    }
    Ok(rotated)
}

/// Returns the error of a transaction in which a column cannot be read.
pub(super) fn unreadable(
    error: impl std::error::Error + Send + Sync + 'static,
) -> diesel::result::Error {
    diesel::result::Error::DeserializationError(Box::new(error))
}
