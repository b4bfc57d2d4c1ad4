//! Cases, for changes.

use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use engage_domain::CaseNumber;
use engage_repository::{CaseRepository, ChangeSet, RepositoryError, StoredCase};
use engage_sql::schema::{cases, staff};
use engage_sql::{
    CaseRow, GenerationsRow, StaffRow, StoredCaseRow, TagsRow, has_number, stored_case,
};

use crate::store::PostgresStore;

#[async_trait]
impl CaseRepository for PostgresStore {
    async fn find_case(&self, number: &CaseNumber) -> Result<Option<StoredCase>, RepositoryError> {
        let Some(has_number) = has_number(number) else { return Ok(None) };
        let select = cases::table.left_join(staff::table).filter(has_number).select((
            CaseRow::as_select(),
            Option::<StaffRow>::as_select(),
            GenerationsRow::as_select(),
            TagsRow::as_select(),
        ));
        let found = async |c: &mut _| select.first(c).await.optional();
        let found: Option<StoredCaseRow> = self.connections().run(found).await?;
        found.map(stored_case).transpose()
    }

    async fn commit(&self, change_set: ChangeSet) -> Result<(), RepositoryError> {
        if change_set.base_version().is_none() {
            self.note_taken(change_set.case.number());
        }
        self.commits().commit(&change_set).await
    }
}
