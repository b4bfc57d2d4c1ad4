//! Parts of lists of cases.

use std::collections::BTreeSet;

use diesel::sqlite::Sqlite;
use engage_domain::Status;
use engage_repository::{CaseListing, CaseSort, ListSize, SearchField, SearchQuery};
use engage_sql::{ListedColumnTypes, after_start, begin_part, end_part, order_by, sort_column};

use super::criteria::{push_gathered, push_is_found, push_walked};
use crate::search::{query_text, term_query_text};
use crate::sql::{Sql, push_criteria};

type PartSql = Sql<ListedColumnTypes<Sqlite>>;

/// Selects a part of a list, and one more case.
pub(super) fn select(listing: &CaseListing) -> PartSql {
    let mut sql = begin_part(listing);
    let enough = listing.sought().saturating_add(listing.skipped());
    match plan(listing) {
        ListPlan::Gather => push_gather(&mut sql, listing),
        ListPlan::Walk => push_walks(&mut sql, listing, false, enough),
        ListPlan::WalkEachStatus => push_walks(&mut sql, listing, true, enough),
    }
    end_part(&mut sql, listing);
    sql
}

/// The plan by which a part is selected.
#[derive(Clone, Copy)]
enum ListPlan {
    /// Gathers and sorts all cases that match.
    Gather,
    /// Walks all cases in the order of the list.
    Walk,
    /// Walks the cases of each requested status in the order of the list. There is an index by status
    /// and number.
    WalkEachStatus,
}

fn plan(listing: &CaseListing) -> ListPlan {
    let CaseListing { filter, sort, size, .. } = listing;
    let has_index = *sort == CaseSort::CaseNumber && !filter.status.is_empty();
    if has_index && *size != ListSize::Small {
        ListPlan::WalkEachStatus
    } else if listing.is_gone_through() {
        ListPlan::Walk
    } else {
        ListPlan::Gather
    }
}

/// Selects all cases that match. A limit keeps SQLite from walking them in order.
fn push_gather(sql: &mut PartSql, listing: &CaseListing) {
    let filter = &listing.filter;
    sql.push("SELECT * FROM (SELECT c.number_year, c.number_sequence, c.number_prefix, ");
    match (listing.sort, &filter.search) {
        (CaseSort::Relevance, Some(search)) => push_relevance(sql, search),
        (sort, _) => {
            sql.push(sort_column(sort));
        }
    }
    sql.push(" AS value FROM cases c WHERE true");
    push_gathered(sql, filter);
    sql.push(" LIMIT -1) c WHERE true");
    push_criteria(sql, after_start(listing, "value"));
}

/// Selects the best field in which the search is found.
fn push_relevance(sql: &mut PartSql, search: &SearchQuery) {
    sql.push("CASE");
    if let Some((field, term)) = search.whole() {
        sql.push(" WHEN ");
        push_is_found(sql, term_query_text(term, *field));
        sql.push(&format!(" THEN {}", SearchField::Whole as i64));
    }
    for field in SearchField::TELLING {
        sql.push(" WHEN ");
        push_is_found(sql, query_text(search.expression(), field));
        sql.push(&format!(" THEN {}", field as i64));
    }
    sql.push(" ELSE 0 END");
}

/// Selects the first cases that match, of all cases or of those of each status.
fn push_walks(sql: &mut PartSql, listing: &CaseListing, each_status: bool, enough: i64) {
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
    let value = sort_column(listing.sort);
    sql.push("SELECT c.number_year, c.number_sequence, c.number_prefix, ");
    sql.push(value).push(" AS value FROM cases c WHERE true");
    if let Some(status) = status {
        sql.push(" AND c.status_rank = ").bind(status as i64);
    }
    push_walked(sql, filter);
    push_criteria(sql, after_start(listing, value));
    sql.push(&order_by(listing, value, "c.")).push(" LIMIT ").bind(enough);
}
