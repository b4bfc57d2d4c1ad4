//! Cases with a due action, as rows.

use diesel::dsl::{AsSelect, SqlTypeOf};
use diesel::prelude::*;
use engage_domain::CaseId;
use engage_repository::DueCase;

use crate::case_number::case_number;
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::cases;

/// A case whose next action has a time.
#[derive(Queryable, Selectable)]
#[diesel(table_name = cases)]
pub struct DueRow {
    id: DbId<CaseId>,
    number_prefix: String,
    number_year: i32,
    number_sequence: i64,
    #[diesel(select_expression = cases::next_target_at.assume_not_null())]
    due_at: DbTimestamp,
}

/// SQL types of the columns of a [`DueRow`].
pub type DueColumnTypes<DB> = SqlTypeOf<AsSelect<DueRow, DB>>;

impl DueRow {
    /// Converts the row to a due case.
    pub fn into_case(self) -> Result<DueCase, InvalidColumn> {
        Ok(DueCase {
            id: self.id.get(),
            number: case_number(&self.number_prefix, self.number_year, self.number_sequence)?,
            due_at: self.due_at.0,
        })
    }
}
