//! Cases, for reading.

use async_trait::async_trait;
use diesel::prelude::*;
use engage_domain::{CaseNumber, Department};
use engage_repository::{
    CaseDetails, CaseFilter, CaseListing, CasePart, CaseProgress, CaseQueries, LISTED_ESCALATIONS,
    RepositoryError, UpdatesWanted,
};
use engage_sql::schema::{cases, escalations, events, staff};
use engage_sql::{
    CaseRow, EscalationRow, GenerationsRow, TagsRow, departments, has_number, select_departments,
    staff_ref,
};

use crate::conversation::{Scope, load_updates};
use crate::error::WorkResult;
use crate::store::SqliteStore;

#[async_trait]
impl CaseQueries for SqliteStore {
    async fn find_case_progress(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<Option<CaseProgress>, RepositoryError> {
        let (number, wanted) = (number.clone(), *updates);
        self.at_one_moment(move |connection| {
            let Some((case, _, generations, tags)) = find_case(connection, &number)? else {
                return Ok(None);
            };
            let public_updates =
                load_updates(connection, case.id, Scope::Public(wanted.view), &wanted)?;
            Ok(Some(CaseProgress {
                case: case.into_case(tags.read()?)?,
                public_updates,
                generations: generations.read()?,
            }))
        })
        .await
    }

    async fn find_case_details(
        &self,
        number: &CaseNumber,
        updates: &UpdatesWanted,
    ) -> Result<Option<CaseDetails>, RepositoryError> {
        let (number, wanted) = (number.clone(), *updates);
        self.at_one_moment(move |connection| {
            let Some((case, assignee, _, tags)) = find_case(connection, &number)? else {
                return Ok(None);
            };
            let updates = load_updates(connection, case.id, Scope::All, &wanted)?;
            let escalations: Vec<EscalationRow> = escalations::table
                .inner_join(
                    events::table.on(events::case_id
                        .eq(escalations::case_id)
                        .and(events::sequence.eq(escalations::sequence))),
                )
                .filter(escalations::case_id.eq(case.id))
                .order_by(escalations::sequence.desc())
                .limit(LISTED_ESCALATIONS.into())
                .select((
                    escalations::reason,
                    escalations::level,
                    escalations::previous_urgency,
                    escalations::new_urgency,
                    events::timestamp,
                    events::actor_kind,
                    events::actor_id,
                    events::actor_name,
                ))
                .load(connection)?;
            Ok(Some(CaseDetails {
                case: case.into_case(tags.read()?)?,
                assignee: staff_ref(assignee)?,
                updates,
                escalations: escalations
                    .into_iter()
                    .rev()
                    .map(EscalationRow::into_escalation)
                    .collect::<Result<_, _>>()?,
            }))
        })
        .await
    }

    async fn list_departments(&self) -> Result<Vec<Department>, RepositoryError> {
        let select = select_departments();
        let names: Vec<String> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        departments(&names)
    }

    async fn list_cases(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        self.list(listing).await
    }

    async fn count_cases(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        self.count(filter).await
    }
}

impl SqliteStore {
    /// Reads in a transaction, so that all reads see the same state.
    pub(crate) async fn at_one_moment<T, F>(&self, read: F) -> Result<T, RepositoryError>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> WorkResult<T> + Send + 'static,
    {
        self.readers().read(move |connection| connection.transaction(read)).await
    }
}

/// A case, its assignee, the generations of the proofs of its people, and its tags.
type FoundCase = (CaseRow, Option<(String, String)>, GenerationsRow, TagsRow);

fn find_case(
    connection: &mut SqliteConnection,
    number: &CaseNumber,
) -> QueryResult<Option<FoundCase>> {
    let Some(has_number) = has_number(number) else { return Ok(None) };
    cases::table
        .left_join(staff::table)
        .filter(has_number)
        .select((
            CaseRow::as_select(),
            (staff::id, staff::name).nullable(),
            GenerationsRow::as_select(),
            TagsRow::as_select(),
        ))
        .first(connection)
        .optional()
}
