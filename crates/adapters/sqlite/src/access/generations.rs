//! Generations of proofs as they are written.

use diesel::prelude::*;
use engage_domain::PersonId;
use engage_repository::RotatedAccess;
use engage_sql::AccessRow;
use engage_sql::schema::cases;

use crate::error::WorkResult;

/// Starts new generations in a row.
pub(super) fn write_generations(
    connection: &mut SqliteConnection,
    row: &AccessRow,
    person: Option<PersonId>,
) -> WorkResult<RotatedAccess> {
    let (rotated, columns) = row.rotate(person)?;
    if let Some(columns) = columns {
        diesel::update(cases::table.find(row.id)).set(columns).execute(connection)?;
    }
    Ok(rotated)
}
