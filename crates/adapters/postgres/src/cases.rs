//! Cases, to be changed.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::CaseNumber;
use engage_repository::{CaseRepository, ChangeSet, RepositoryError, StoredCase};

use crate::case_rows::{CaseRow, access_generation, number_columns};
use crate::schema::{cases, staff};
use crate::staff_rows::StaffRow;
use crate::store::PostgresStore;

#[async_trait]
impl CaseRepository for PostgresStore {
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        let Ok((prefix, year, sequence)) = number_columns(number) else { return Ok(None) };
        let select = cases::table
            .left_join(staff::table)
            .filter(cases::number_year.eq(year))
            .filter(cases::number_sequence.eq(sequence))
            .filter(cases::number_prefix.eq(prefix))
            .select((
                CaseRow::as_select(),
                Option::<StaffRow>::as_select(),
                cases::access_generation,
            ));
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<(CaseRow, Option<StaffRow>, i32)> = self.connections().run(found).await?;
        let Some((case, assignee, generation)) = found else { return Ok(None) };
        Ok(Some(StoredCase {
            case: case.into_case()?,
            assignee: assignee.map(StaffRow::into_member).transpose()?,
            access_generation: access_generation(generation)?,
        }))
    }

    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        if change_set.base_version().is_none() {
            self.note_taken(change_set.case.number());
        }
        self.commits().commit(&change_set).await
    }
}
