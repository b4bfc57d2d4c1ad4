//! Parts of lists of cases.

use std::collections::BTreeSet;

use diesel::pg::Pg;
use engage_repository::{CaseFilter, CaseListing, CaseSort, ListSize, SearchField, SearchQuery};
use engage_sql::{ListedColumnTypes, after_start, begin_part, end_part, order_by, sort_column};

use super::criteria::{push_gathered, push_sources, push_walked};
use crate::search::{query_text, term_text};
use crate::sql::{Sql, Value, push_criteria};

type PartSql = Sql<ListedColumnTypes<Pg>>;

/// Selects a part of a list, and one more case.
pub(super) fn select(listing: &CaseListing) -> PartSql {
    let mut sql = begin_part(listing);
    let enough = listing.sought().saturating_add(listing.skipped());
    match plan(listing) {
        ListPlan::Gather => push_gather(&mut sql, listing),
        ListPlan::Walk => push_walks(&mut sql, listing, None, enough),
        ListPlan::WalkEach(column) => push_walks(&mut sql, listing, Some(column), enough),
    }
    end_part(&mut sql, listing);
    // Without criteria there are only a few texts, and the same plan is best for all values.
    if listing.filter == CaseFilter::default() { sql.prepare_once() } else { sql }
}

/// The plan by which a part is selected.
#[derive(Clone, Copy)]
enum ListPlan {
    /// Gathers and sorts all cases that match.
    Gather,
    /// Walks all cases in the order of the list.
    Walk,
    /// Walks the cases of each requested value of a column in the order of the list.
    WalkEach(IndexedColumn),
}

/// A column that an index starts with before the column of an order.
#[derive(Clone, Copy)]
enum IndexedColumn {
    Status,
    CustomerType,
    Urgency,
}

fn plan(listing: &CaseListing) -> ListPlan {
    match indexed_column(&listing.filter, listing.sort) {
        Some(column) if listing.size != ListSize::Small => ListPlan::WalkEach(column),
        _ if listing.is_gone_through() => ListPlan::Walk,
        _ => ListPlan::Gather,
    }
}

fn indexed_column(filter: &CaseFilter, sort: CaseSort) -> Option<IndexedColumn> {
    match sort {
        CaseSort::CreatedAt
        | CaseSort::LastActivity
        | CaseSort::EstimatedResolution
        | CaseSort::CaseNumber => (!filter.status.is_empty()).then_some(IndexedColumn::Status),
        CaseSort::PriorityScore if !filter.customer_type.is_empty() => {
            Some(IndexedColumn::CustomerType)
        }
        CaseSort::PriorityScore => (!filter.urgency.is_empty()).then_some(IndexedColumn::Urgency),
        CaseSort::Urgency | CaseSort::Status | CaseSort::Relevance => None,
    }
}

/// Selects all cases that match. `OFFSET 0` keeps the server from walking them in order.
fn push_gather(sql: &mut PartSql, listing: &CaseListing) {
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
            sql.push(sort_column(sort));
        }
    }
    sql.push(" AS value FROM ");
    push_sources(sql, filter);
    if filter.is_only_search() && !is_in_words {
        sql.push(" JOIN cases c ON c.id = s.case_id");
    }
    sql.push(" WHERE true");
    push_gathered(sql, filter);
    sql.push(" OFFSET 0) c WHERE true");
    push_criteria(sql, after_start(listing, "value"));
}

/// Returns whether an order needs only the number and the search words of a case.
fn is_by_words(sort: CaseSort) -> bool {
    matches!(sort, CaseSort::Relevance | CaseSort::CaseNumber)
}

/// Selects the best field in which the search is found.
fn push_relevance(sql: &mut PartSql, search: &SearchQuery) {
    sql.push("CASE");
    if let Some((field, term)) = search.whole() {
        sql.push(" WHEN s.words @@ ").bind(term_text(term, *field));
        sql.push(&format!("::tsquery THEN {}", SearchField::Whole as i32));
    }
    for field in SearchField::TELLING {
        sql.push(" WHEN s.words @@ ").bind(query_text(search.expression(), field));
        sql.push(&format!("::tsquery THEN {}", field as i32));
    }
    sql.push(" ELSE 0 END");
}

/// Selects the first cases that match, of all cases or of those of each value of a column.
fn push_walks(
    sql: &mut PartSql,
    listing: &CaseListing,
    column: Option<IndexedColumn>,
    enough: i64,
) {
    sql.push("SELECT * FROM (");
    match column {
        None => push_walk(sql, listing, enough, None),
        Some(column) => {
            for (place, value) in values(&listing.filter, column).into_iter().enumerate() {
                sql.push(if place == 0 { "(" } else { " UNION ALL (" });
                push_walk(sql, listing, enough, Some((column, value)));
                sql.push(")");
            }
        }
    }
    sql.push(") walk");
}

/// Returns the requested values of a column, without repetitions.
fn values(filter: &CaseFilter, column: IndexedColumn) -> Vec<Value> {
    match column {
        IndexedColumn::Status => distinct(&filter.status, |status| (status as i32).into()),
        IndexedColumn::CustomerType => {
            distinct(&filter.customer_type, |kind| kind.to_string().into())
        }
        IndexedColumn::Urgency => distinct(&filter.urgency, |urgency| (urgency as i32).into()),
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
    only: Option<(IndexedColumn, Value)>,
) {
    let filter = &listing.filter;
    let value = sort_column(listing.sort);
    sql.push("SELECT c.number_year, c.number_sequence, c.number_prefix, ");
    sql.push(value).push(" AS value FROM cases c");
    if filter.search.is_some() {
        // `OFFSET 0` keeps the server from starting with the index of words.
        sql.push(
            " CROSS JOIN LATERAL (SELECT words FROM case_search \
             WHERE case_search.case_id = c.id OFFSET 0) s",
        );
    }
    sql.push(" WHERE true");
    if let Some((column, value)) = only {
        sql.push(match column {
            IndexedColumn::Status => " AND c.status_rank = ",
            IndexedColumn::CustomerType => " AND c.customer_type = ",
            IndexedColumn::Urgency => " AND c.urgency_rank = ",
        });
        sql.bind(value);
    }
    push_walked(sql, filter);
    push_criteria(sql, after_start(listing, value));
    sql.push(&order_by(listing, value, "c.")).push(" LIMIT ").bind(enough);
}
