//! Which part of the cases that fit, and in which order.

use std::collections::BTreeSet;

use engage_domain::Timestamp;
use engage_repository::{
    CaseFilter, CaseListing, CasePosition, CaseSort, ListSize, PartStart, SearchField, SearchQuery,
    SortOrder,
};

use super::criteria::{
    push_classification, push_gathered_search, push_others, push_restricted, push_search,
    push_sources,
};
use super::summary_row::{PartColumns, SUMMARY_COLUMNS};
use crate::db_timestamp::DbTimestamp;
use crate::search::{query_text, term_text};
use crate::sql::{Sql, Value};

type PartSql = Sql<PartColumns>;

/// Selects a part of a list, and one case more.
pub(super) fn select(listing: &CaseListing) -> PartSql {
    let (limit, offset) = (listing.sought(), listing.skipped());
    let place = if listing.sort == CaseSort::Relevance { "part.value" } else { "0" };
    let mut sql = Sql::new(&format!("SELECT {SUMMARY_COLUMNS}, {place} FROM ("));
    let enough = limit.saturating_add(offset);
    match way(listing) {
        ListPlan::Gather => push_gathered(&mut sql, listing),
        ListPlan::GoThrough => push_gone_through(&mut sql, listing, None, enough),
        ListPlan::GoThroughEach(criterion) => {
            push_gone_through(&mut sql, listing, Some(criterion), enough);
        }
    }
    push_order(&mut sql, listing, "");
    sql.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset).push(
        ") part JOIN cases c USING (number_year, number_sequence, number_prefix) \
         LEFT JOIN staff ON staff.id = c.assigned_to",
    );
    push_order(&mut sql, listing, "part.");
    // Without criteria the text is one of a few, and the same plan is best for all values.
    if listing.filter == CaseFilter::default() { sql.prepare_once() } else { sql }
}

/// How a part is come by.
#[derive(Clone, Copy)]
enum ListPlan {
    /// All that fit are gathered and sorted.
    Gather,
    /// All cases are gone through in the order of the list.
    GoThrough,
    /// The cases of each value that is wanted are gone through in the order of the list.
    GoThroughEach(Criterion),
}

/// A criterion each of whose values has an index of its own for an order.
#[derive(Clone, Copy)]
enum Criterion {
    Status,
    CustomerType,
    Urgency,
}

fn way(listing: &CaseListing) -> ListPlan {
    match criterion_with_order(&listing.filter, listing.sort) {
        Some(criterion) if listing.size != ListSize::Small => ListPlan::GoThroughEach(criterion),
        _ if listing.is_gone_through() => ListPlan::GoThrough,
        _ => ListPlan::Gather,
    }
}

fn criterion_with_order(filter: &CaseFilter, sort: CaseSort) -> Option<Criterion> {
    match sort {
        CaseSort::CreatedAt
        | CaseSort::LastActivity
        | CaseSort::EstimatedResolution
        | CaseSort::CaseNumber => (!filter.status.is_empty()).then_some(Criterion::Status),
        CaseSort::PriorityScore if !filter.customer_type.is_empty() => {
            Some(Criterion::CustomerType)
        }
        CaseSort::PriorityScore => (!filter.urgency.is_empty()).then_some(Criterion::Urgency),
        CaseSort::Urgency | CaseSort::Status | CaseSort::Relevance => None,
    }
}

/// All that fit; `OFFSET 0` keeps the server from going through them in order.
fn push_gathered(sql: &mut PartSql, listing: &CaseListing) {
    let filter = &listing.filter;
    let is_in_words = filter.is_only_search() && is_by_words(listing.sort);
    let table = if is_in_words { "s" } else { "c" };
    sql.push("SELECT * FROM (SELECT ");
    for column in ["number_year", "number_sequence", "number_prefix"] {
        sql.push(table).push(".").push(column).push(", ");
    }
    match (listing.sort, &filter.search) {
        (CaseSort::Relevance, Some(search)) => push_relevance(sql, search),
        (sort, _) => {
            sql.push(value_of(sort));
        }
    }
    sql.push(" AS value FROM ");
    push_sources(sql, filter);
    if filter.is_only_search() && !is_in_words {
        sql.push(" JOIN cases c ON c.id = s.case_id");
    }
    sql.push(" WHERE true");
    push_classification(sql, filter);
    push_others(sql, filter);
    push_gathered_search(sql, filter);
    sql.push(" OFFSET 0) c WHERE true");
    push_after(sql, listing, "value");
}

/// Whether an order asks nothing of a case but its number and its words.
fn is_by_words(sort: CaseSort) -> bool {
    matches!(sort, CaseSort::Relevance | CaseSort::CaseNumber)
}

/// The best place where the search is met.
fn push_relevance(sql: &mut PartSql, search: &SearchQuery) {
    sql.push("CASE");
    if let Some((place, term)) = search.whole() {
        sql.push(" WHEN s.words @@ ").bind(term_text(term, *place));
        sql.push(&format!("::tsquery THEN {}", SearchField::Whole as i32));
    }
    for place in SearchField::TELLING {
        sql.push(" WHEN s.words @@ ").bind(query_text(search.expression(), place));
        sql.push(&format!("::tsquery THEN {}", place as i32));
    }
    sql.push(" ELSE 0 END");
}

/// The first that fit, out of all in their order, or out of those of each value of a criterion.
fn push_gone_through(
    sql: &mut PartSql,
    listing: &CaseListing,
    criterion: Option<Criterion>,
    enough: i64,
) {
    sql.push("SELECT * FROM (");
    match criterion {
        None => push_walk(sql, listing, enough, None),
        Some(criterion) => {
            for (place, value) in values(&listing.filter, criterion).into_iter().enumerate() {
                sql.push(if place == 0 { "(" } else { " UNION ALL (" });
                push_walk(sql, listing, enough, Some((criterion, value)));
                sql.push(")");
            }
        }
    }
    sql.push(") walk");
}

/// The values of a criterion that are wanted, each once.
fn values(filter: &CaseFilter, criterion: Criterion) -> Vec<Value> {
    match criterion {
        Criterion::Status => distinct(&filter.status, |status| (status as i32).into()),
        Criterion::CustomerType => distinct(&filter.customer_type, |kind| kind.to_string().into()),
        Criterion::Urgency => distinct(&filter.urgency, |urgency| (urgency as i32).into()),
    }
}

fn distinct<V: Ord + Copy>(wanted: &[V], value: impl Fn(V) -> Value) -> Vec<Value> {
    let wanted: BTreeSet<_> = wanted.iter().copied().collect();
    wanted.into_iter().map(value).collect()
}

fn push_walk(
    sql: &mut PartSql,
    listing: &CaseListing,
    enough: i64,
    only: Option<(Criterion, Value)>,
) {
    let filter = &listing.filter;
    let value = value_of(listing.sort);
    sql.push("SELECT c.number_year, c.number_sequence, c.number_prefix, ");
    sql.push(value).push(" AS value FROM cases c");
    if filter.search.is_some() {
        // `OFFSET 0` keeps the server from asking the index of words first.
        sql.push(
            " CROSS JOIN LATERAL (SELECT words FROM case_search \
             WHERE case_search.case_id = c.id OFFSET 0) s",
        );
    }
    sql.push(" WHERE true");
    if let Some((criterion, value)) = only {
        sql.push(match criterion {
            Criterion::Status => " AND c.status_rank = ",
            Criterion::CustomerType => " AND c.customer_type = ",
            Criterion::Urgency => " AND c.urgency_rank = ",
        });
        sql.bind(value);
    }
    push_restricted(sql, filter);
    push_others(sql, filter);
    push_search(sql, filter);
    push_after(sql, listing, value);
    push_order_by(
        sql,
        listing.order,
        (listing.sort != CaseSort::CaseNumber).then_some(value),
        "c.",
    );
    sql.push(" LIMIT ").bind(enough);
}

/// The column that a list is sorted by before its number.
fn value_of(sort: CaseSort) -> &'static str {
    match sort {
        CaseSort::CreatedAt => "c.created_at",
        CaseSort::LastActivity => "c.last_activity",
        CaseSort::Urgency => "c.urgency_rank",
        CaseSort::PriorityScore => "c.priority_score",
        CaseSort::EstimatedResolution => "c.estimated_resolution",
        CaseSort::Status => "c.status_rank",
        CaseSort::CaseNumber | CaseSort::Relevance => "0",
    }
}

fn push_after(sql: &mut PartSql, listing: &CaseListing, value: &str) {
    let PartStart::After(CasePosition { value: at, number }) = &listing.start else { return };
    let is_by_number = listing.sort == CaseSort::CaseNumber;
    let beyond = match listing.order {
        SortOrder::Ascending => ">",
        SortOrder::Descending => "<",
    };
    sql.push(" AND (");
    if !is_by_number {
        sql.push(value).push(", ");
    }
    sql.push(&format!("c.number_year, c.number_sequence, c.number_prefix) {beyond} ("));
    match listing.sort {
        CaseSort::CaseNumber => {}
        CaseSort::CreatedAt | CaseSort::LastActivity | CaseSort::EstimatedResolution => {
            sql.bind(DbTimestamp(Timestamp::from_millis(*at))).push(", ");
        }
        CaseSort::Urgency | CaseSort::PriorityScore | CaseSort::Status | CaseSort::Relevance => {
            let beyond_all = if *at < 0 { i32::MIN } else { i32::MAX };
            sql.bind(i32::try_from(*at).unwrap_or(beyond_all)).push(", ");
        }
    }
    sql.bind(i32::from(number.year())).push(", ");
    // A case number fits 63 bits.
    sql.bind(i64::try_from(number.sequence()).unwrap_or(i64::MAX)).push(", ");
    sql.bind(number.prefix().to_string()).push(")");
}

/// Sorts what has the columns of a part.
fn push_order(sql: &mut PartSql, listing: &CaseListing, table: &str) {
    let value = format!("{table}value");
    let value = (listing.sort != CaseSort::CaseNumber).then_some(value.as_str());
    push_order_by(sql, listing.order, value, table);
}

fn push_order_by(sql: &mut PartSql, order: SortOrder, value: Option<&str>, table: &str) {
    let direction = match order {
        SortOrder::Ascending => "ASC",
        SortOrder::Descending => "DESC",
    };
    sql.push(" ORDER BY ");
    if let Some(value) = value {
        sql.push(&format!("{value} {direction}, "));
    }
    sql.push(&format!(
        "{table}number_year {direction}, {table}number_sequence {direction}, \
         {table}number_prefix {direction}"
    ));
}
