//! Lists of cases.
//!
//! The cases of a short list are gathered and sorted. For a long one, all cases are walked in order
//! until a part is full. The statistics of the server do not cover how criteria and orders correlate,
//! by which it could choose the faster way, so the statements leave it no choice.

mod criteria;
mod part;

use diesel_async::RunQueryDsl;
use engage_repository::{CaseFilter, CaseListing, CasePart, RepositoryError};
use engage_sql::ListedRow;

use crate::store::PostgresStore;

impl PostgresStore {
    pub(crate) async fn count(&self, filter: &CaseFilter) -> Result<u64, RepositoryError> {
        let count = criteria::count(filter);
        let total: i64 = self.connections().run(async |c| count.get_result(c).await).await?;
        total.try_into().map_err(RepositoryError::internal)
    }

    pub(crate) async fn list(&self, listing: &CaseListing) -> Result<CasePart, RepositoryError> {
        let select = part::select(listing);
        let rows: Vec<ListedRow> = self.connections().run(async |c| select.load(c).await).await?;
        let found = rows.into_iter().map(ListedRow::into_found).collect::<Result<_, _>>()?;
        Ok(CasePart::cut(found, listing))
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::Text;
    use engage_domain::sla::SlaTimerState;
    use engage_domain::{Source, Timestamp};
    use engage_outbound::DnsResolver;
    use engage_repository::OrganizationAddresses;
    use engage_sql::CaseCriteria;
    use engage_testkit::postgres::cluster;

    use super::*;
    use crate::sql::Sql;

    fn filters() -> [(CaseFilter, &'static str); 14] {
        let every = CaseFilter::default;
        let of_organization = || CaseFilter {
            organization_people: Some(OrganizationAddresses {
                domains: vec!["b.example".parse().unwrap()],
                elsewhere: vec!["a@c.example".parse().unwrap()],
                excepted: vec!["a@b.example".parse().unwrap()],
            }),
            ..every()
        };
        let time = Some(Timestamp::from_millis(1_700_000_000_000));
        [
            (
                CaseFilter { customer_email: vec!["a@b.example".parse().unwrap()], ..every() },
                "cases_customer_email",
            ),
            (
                CaseFilter { participant_email: vec!["a@b.example".parse().unwrap()], ..every() },
                "case_participant_addresses_address",
            ),
            (
                CaseFilter { person_email: Some(vec!["a@b.example".parse().unwrap()]), ..every() },
                "cases_customer_email",
            ),
            (
                CaseFilter { person_email: Some(vec!["a@b.example".parse().unwrap()]), ..every() },
                "case_participant_addresses_address",
            ),
            (of_organization(), "cases_customer_domain"),
            (of_organization(), "cases_customer_email"),
            (of_organization(), "case_participant_addresses_domain"),
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

    #[tokio::test(flavor = "multi_thread")]
    async fn what_fits_a_filter_is_found_by_an_index() {
        let migrate =
            async |url: String| PostgresStore::migrate(&url, &DnsResolver::system()).await.unwrap();
        let store =
            PostgresStore::open(&cluster().database(migrate).await, 1, &DnsResolver::system())
                .await
                .unwrap();
        for (filter, index) in filters() {
            let mut explain: Sql<Text> =
                Sql::new("EXPLAIN SELECT count(*) FROM cases c WHERE true");
            criteria::push_indexed(&mut explain, CaseCriteria::new(&filter));
            let plan = store.connections().run(async |c| {
                // A table of so few rows would be scanned, one of many never is.
                diesel::sql_query("SET enable_seqscan = off").execute(c).await?;
                explain.load(c).await
            });
            let plan: Vec<String> = plan.await.unwrap();
            let plan = plan.join("\n");
            assert!(
                plan.contains(index) && plan.contains("Index Cond")
                    || plan.contains("cases_alerts"),
                "{index}: {plan}"
            );
        }
    }
}
