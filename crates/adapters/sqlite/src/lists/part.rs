//! Which part of the cases that fit, and in which order.

use std::collections::BTreeSet;

use engage_domain::Status;
use engage_repository::{
    CaseListing, CasePosition, CaseSort, ListSize, PartStart, SearchField, SearchQuery, SortOrder,
};

use super::criteria::{
    push_classification, push_is_met, push_others, push_restricted, push_search,
};
use super::summary_row::{PartColumns, SUMMARY_COLUMNS};
use crate::search::{query_text, term_query_text};
use crate::sql::Sql;

type PartSql = Sql<PartColumns>;

/// Selects a part of a list, and one case more.
pub(super) fn select(listing: &CaseListing) -> PartSql {
    let (limit, offset) = (listing.sought(), listing.skipped());
    let place = if listing.sort == CaseSort::Relevance { "part.value" } else { "0" };
    let mut sql = Sql::new(&format!("SELECT {SUMMARY_COLUMNS}, {place} FROM ("));
    let enough = limit.saturating_add(offset);
    match way(listing) {
        ListPlan::Gather => push_gathered(&mut sql, listing),
        ListPlan::GoThrough => push_gone_through(&mut sql, listing, false, enough),
        ListPlan::GoThroughEachStatus => push_gone_through(&mut sql, listing, true, enough),
    }
    push_order(&mut sql, listing, "");
    sql.push(" LIMIT ").bind(limit).push(" OFFSET ").bind(offset).push(
        ") part JOIN cases c USING (number_year, number_sequence, number_prefix) \
         LEFT JOIN staff ON staff.id = c.assigned_to",
    );
    push_order(&mut sql, listing, "part.");
    sql
}

/// How a part is come by.
#[derive(Clone, Copy)]
enum ListPlan {
    /// All that fit are gathered and sorted.
    Gather,
    /// All cases are gone through in the order of the list.
    GoThrough,
    /// The cases of each status that is wanted are gone through in the order of the list: there
    /// is an index by status and number.
    GoThroughEachStatus,
}

fn way(listing: &CaseListing) -> ListPlan {
    let CaseListing { filter, sort, size, .. } = listing;
    let has_index = *sort == CaseSort::CaseNumber && !filter.status.is_empty();
    if has_index && *size != ListSize::Small {
        ListPlan::GoThroughEachStatus
    } else if listing.is_gone_through() {
        ListPlan::GoThrough
    } else {
        ListPlan::Gather
    }
}

/// All that fit; a limit keeps SQLite from going through them in order.
fn push_gathered(sql: &mut PartSql, listing: &CaseListing) {
    let filter = &listing.filter;
    sql.push("SELECT * FROM (SELECT c.number_year, c.number_sequence, c.number_prefix, ");
    match (listing.sort, &filter.search) {
        (CaseSort::Relevance, Some(search)) => push_relevance(sql, search),
        (sort, _) => {
            sql.push(value_of(sort));
        }
    }
    sql.push(" AS value FROM cases c WHERE true");
    push_classification(sql, filter);
    push_others(sql, filter);
    push_search(sql, filter);
    sql.push(" LIMIT -1) c WHERE true");
    push_after(sql, listing, "value");
}

/// The best place where the search is met.
fn push_relevance(sql: &mut PartSql, search: &SearchQuery) {
    sql.push("CASE");
    if let Some((place, term)) = search.whole() {
        sql.push(" WHEN ");
        push_is_met(sql, term_query_text(term, *place));
        sql.push(&format!(" THEN {}", SearchField::Whole as i64));
    }
    for place in SearchField::TELLING {
        sql.push(" WHEN ");
        push_is_met(sql, query_text(search.expression(), place));
        sql.push(&format!(" THEN {}", place as i64));
    }
    sql.push(" ELSE 0 END");
}

/// The first that fit, out of all in their order, or out of those of each status.
fn push_gone_through(sql: &mut PartSql, listing: &CaseListing, each_status: bool, enough: i64) {
    sql.push("SELECT * FROM (");
    if each_status {
        let wanted: BTreeSet<_> = listing.filter.status.iter().copied().collect();
        for (place, status) in wanted.into_iter().enumerate() {
            sql.push(if place == 0 { "" } else { " UNION ALL " }).push("SELECT * FROM (");
            push_walk(sql, listing, enough, Some(status));
            sql.push(")");
        }
    } else {
        push_walk(sql, listing, enough, None);
    }
    sql.push(") walk");
}

fn push_walk(sql: &mut PartSql, listing: &CaseListing, enough: i64, status: Option<Status>) {
    let filter = &listing.filter;
    let value = value_of(listing.sort);
    sql.push("SELECT c.number_year, c.number_sequence, c.number_prefix, ");
    sql.push(value).push(" AS value FROM cases c WHERE true");
    if let Some(status) = status {
        sql.push(" AND c.status_rank = ").bind(status as i64);
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
    if !is_by_number {
        sql.bind(*at).push(", ");
    }
    sql.bind(i64::from(number.year())).push(", ");
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
