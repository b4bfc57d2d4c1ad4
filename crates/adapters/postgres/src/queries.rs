//! Cases, for reading.

use async_trait::async_trait;
use diesel::OptionalExtension;
use diesel_async::RunQueryDsl;
use engage_domain::{CaseNumber, Department};
use engage_repository::{
    CaseDetails, CaseFilter, CaseListing, CasePart, CaseProgress, CaseQueries, RepositoryError,
    UpdatesWanted,
};
use engage_sql::{departments, select_departments, staff_ref};

use crate::details::{self, Scope, SelectedCase};
use crate::store::PostgresStore;

#[async_trait]
impl CaseQueries for PostgresStore {
    async fn find_case_progress(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<Option<CaseProgress>, RepositoryError> {
        let Some(mut found) =
            self.select_case(number, Scope::Public(updates.view), updates).await?
        else {
            return Ok(None);
        };
        let public_updates = found.take_updates(updates)?;
        Ok(Some(CaseProgress {
            case: found.case.into_case(found.tags.read()?)?,
            public_updates,
            generations: found.generations.read()?,
        }))
    }

    async fn find_case_details(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<Option<CaseDetails>, RepositoryError> {
        let Some(mut found) = self.select_case(number, Scope::All, updates).await? else {
            return Ok(None);
        };
        let (updates, escalations) = (found.take_updates(updates)?, found.take_escalations()?);
        Ok(Some(CaseDetails {
            case: found.case.into_case(found.tags.read()?)?,
            assignee: staff_ref(found.assignee)?,
            updates,
            escalations,
        }))
    }

    async fn list_departments(&self) -> Result<Vec<Department>, RepositoryError> {
        let select = select_departments();
        let names: Vec<String> = self.connections().run(async |c| select.load(c).await).await?;
        departments(&names)
    }

    async fn list_cases(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        self.list(listing).await
    }

    async fn count_cases(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        self.count(filter).await
    }
}

impl PostgresStore {
    async fn select_case(
        &self,
        number: &CaseNumber,
        scope: Scope,
        updates: &UpdatesWanted,
    ) -> Result<Option<SelectedCase>, RepositoryError> {
        let Some(select) = details::select(number, scope, updates) else { return Ok(None) };
        let found = async |c: &mut _| select.get_result(c).await.optional();
        self.connections().run(found).await
    }
}
