//! Lists of cases.
//!
//! The cases of a short list are gathered and sorted. For a long one, all cases are walked in order
//! until a part is full. SQLite has no statistics by which it could choose the faster way, so the
//! statements leave it no choice.

mod criteria;
mod part;

use diesel::prelude::*;
use engage_repository::{CaseFilter, CaseListing, CasePart, RepositoryError};
use engage_sql::ListedRow;

use crate::store::SqliteStore;

impl SqliteStore {
    pub(crate) async fn count(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        let count = criteria::count(filter);
        let total: i64 = self.readers().read(move |c| Ok(count.get_result(c)?)).await?;
        total.try_into().map_err(RepositoryError::internal)
    }

    pub(crate) async fn list(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        let select = part::select(listing);
        let rows: Vec<ListedRow> = self.readers().read(move |c| Ok(select.load(c)?)).await?;
        let found = rows.into_iter().map(ListedRow::into_found).collect::<Result<_, _>>()?;
        Ok(CasePart::cut(found, listing))
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::{Integer, Text};
    use engage_domain::sla::SlaTimerState;
    use engage_domain::{EmailAddress, Source, Status, Timestamp};
    use engage_repository::{AssigneeFilter, OrganizationAddresses};

    use super::*;
    use crate::sql::Sql;

    fn filters() -> [(CaseFilter, &'static str); 9] {
        let every = CaseFilter::default;
        let time = Some(Timestamp::from_millis(1_700_000_000_000));
        [
            (
                CaseFilter { customer_email: vec!["a@b.example".parse().unwrap()], ..every() },
                "cases_customer_email",
            ),
            (
                CaseFilter {
                    customer_email: vec!["a@b.example".parse().unwrap()],
                    status: vec![Status::Open],
                    assigned_to: vec![AssigneeFilter::Unassigned],
                    updated_from: time,
                    ..every()
                },
                "cases_customer_email",
            ),
            (
                CaseFilter { organization: vec!["Acme".parse().unwrap()], ..every() },
                "cases_customer_organization",
            ),
            (
                CaseFilter { project: vec!["Relaunch".parse().unwrap()], ..every() },
                "cases_client_or_project_name",
            ),
            (
                CaseFilter {
                    sla_state: vec![SlaTimerState::Breached, SlaTimerState::Warning],
                    ..every()
                },
                "cases_alerts",
            ),
            (CaseFilter { source: vec![Source::Staff, Source::Email], ..every() }, "cases_source"),
            (CaseFilter { updated_from: time, ..every() }, "cases_last_activity"),
            (CaseFilter { updated_to: time, ..every() }, "cases_last_activity"),
            (CaseFilter { due_before: time, ..every() }, "cases_status"),
        ]
    }

    #[tokio::test]
    async fn the_cases_of_a_person_are_found_by_indexes() {
        let store = SqliteStore::in_memory().unwrap();
        let address: Vec<EmailAddress> = vec!["a@b.example".parse().unwrap()];
        let filter = CaseFilter {
            person_email: Some(address.clone()),
            status: vec![Status::Open],
            updated_from: Some(Timestamp::from_millis(1_700_000_000_000)),
            ..CaseFilter::default()
        };
        let participant =
            CaseFilter { participant_email: address.clone(), ..CaseFilter::default() };
        let people = OrganizationAddresses {
            domains: vec!["b.example".parse().unwrap()],
            elsewhere: vec!["a@c.example".parse().unwrap()],
            excepted: address,
        };
        let colleagues = CaseFilter {
            organization_people: Some(people),
            status: vec![Status::Open],
            ..CaseFilter::default()
        };
        for (filter, indexes) in [
            (
                colleagues,
                vec![
                    "cases_customer_domain",
                    "cases_customer_email",
                    "case_participant_addresses_domain",
                    "case_participant_addresses_address",
                ],
            ),
            (filter, vec!["cases_customer_email", "case_participant_addresses_address"]),
            (participant, vec!["case_participant_addresses_address"]),
        ] {
            let plan = plan(&store, &filter).await;
            let scans =
                |step: &String| ["SCAN c ", "SCAN person "].iter().any(|s| step.starts_with(s));
            assert!(!plan.iter().any(scans), "{plan:?}");
            for index in indexes {
                assert!(plan.iter().any(|step| step.contains(index)), "{index}: {plan:?}");
            }
        }
    }

    async fn plan(store: &SqliteStore, filter: &CaseFilter) -> Vec<String> {
        let mut explain: Sql<(Integer, Integer, Integer, Text)> =
            Sql::new("EXPLAIN QUERY PLAN SELECT count(*) FROM cases c WHERE true");
        criteria::push_indexed(&mut explain, filter);
        let read = store.readers().read(move |c| Ok(explain.load::<(i32, i32, i32, String)>(c)?));
        read.await.unwrap().into_iter().map(|(.., step)| step).collect()
    }

    #[tokio::test]
    async fn what_fits_a_filter_is_found_by_an_index() {
        let store = SqliteStore::in_memory().unwrap();
        for (filter, index) in filters() {
            let plan = plan(&store, &filter).await;
            assert!(plan[0].contains(index), "{plan:?}");
        }
    }
}
