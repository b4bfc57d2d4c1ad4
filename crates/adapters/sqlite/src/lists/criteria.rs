//! Which cases fit.

use diesel::sql_types::BigInt;
use engage_domain::{CustomerType, IssueType, Status, Urgency};
use engage_repository::{CaseFilter, SearchPlace};

use crate::search::query_text;
use crate::sql::Sql;

/// Counts the cases that fit.
pub(super) fn count(filter: &CaseFilter) -> Sql<BigInt> {
    let mut sql = Sql::new("SELECT count(*) FROM cases c WHERE true");
    push_classification(&mut sql, filter);
    push_others(&mut sql, filter);
    push_search(&mut sql, filter);
    sql
}

/// The criteria that have few values, all of them where there is one, so that an index can be used
/// whose first columns they are.
pub(super) fn push_classification<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    if !filter.is_classified() {
        return;
    }
    let CaseFilter { status, urgency, customer_type, issue_type, assigned_to, .. } = filter;
    if !assigned_to.is_empty() {
        // There is an index by assignee and status.
        if status.is_empty() {
            push_ranks(sql, "c.status_rank", Status::ALL, |status| status as i64);
        }
        push_restricted(sql, filter);
        return;
    }
    push_texts(sql, "c.customer_type", or_all(customer_type, CustomerType::ALL));
    push_texts(sql, "c.issue_type", or_all(issue_type, IssueType::ALL));
    push_ranks(sql, "c.urgency_rank", or_all(urgency, Urgency::ALL), |urgency| urgency as i64);
    push_ranks(sql, "c.status_rank", or_all(status, Status::ALL), |status| status as i64);
    push_people(sql, filter);
}

/// The same criteria, each only where it says something.
pub(super) fn push_restricted<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    if !filter.customer_type.is_empty() {
        push_texts(sql, "c.customer_type", &filter.customer_type);
    }
    if !filter.issue_type.is_empty() {
        push_texts(sql, "c.issue_type", &filter.issue_type);
    }
    if !filter.urgency.is_empty() {
        push_ranks(sql, "c.urgency_rank", &filter.urgency, |urgency| urgency as i64);
    }
    if !filter.status.is_empty() {
        push_ranks(sql, "c.status_rank", &filter.status, |status| status as i64);
    }
    push_people(sql, filter);
}

fn or_all<'a, T>(wanted: &'a [T], all: &'a [T]) -> &'a [T] {
    if wanted.is_empty() { all } else { wanted }
}

fn push_texts<T, V: ToString>(sql: &mut Sql<T>, column: &str, wanted: &[V]) {
    let wanted = wanted.iter().map(ToString::to_string);
    sql.push(&format!(" AND {column} IN ")).bind_list(wanted);
}

fn push_ranks<T, V: Copy>(sql: &mut Sql<T>, column: &str, wanted: &[V], rank: impl Fn(V) -> i64) {
    let wanted = wanted.iter().copied().map(rank);
    sql.push(&format!(" AND {column} IN ")).bind_list(wanted);
}

fn push_people<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    if !filter.department.is_empty() {
        push_texts(sql, "c.department", &filter.department);
    }
    let (members, or_nobody) = filter.assignees();
    match (members.is_empty(), or_nobody) {
        (true, false) => {}
        (true, true) => {
            sql.push(" AND c.assigned_to IS NULL");
        }
        (false, false) => push_texts(sql, "c.assigned_to", &members),
        (false, true) => {
            let members = members.into_iter().map(ToString::to_string);
            sql.push(" AND (c.assigned_to IS NULL OR c.assigned_to IN ");
            sql.bind_list(members).push(")");
        }
    }
}

pub(super) fn push_others<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    if let Some(from) = filter.created_from {
        sql.push(" AND c.created_at >= ").bind(from.as_millis());
    }
    if let Some(to) = filter.created_to {
        sql.push(" AND c.created_at < ").bind(to.as_millis());
    }
}

/// The cases that have the words of a search, and those of the members of staff who are named in it.
pub(super) fn push_search<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let Some(search) = &filter.search else { return };
    sql.push(" AND c.id IN (");
    push_found(sql, query_text(search.expression(), SearchPlace::Conversation));
    for assigned in search.assigned() {
        sql.push(" UNION ALL SELECT id FROM cases WHERE assigned_to IN ");
        sql.bind_list(assigned.members.iter().map(ToString::to_string));
        if let Some(rest) = &assigned.rest {
            sql.push(" AND id IN (");
            push_found(sql, query_text(rest, SearchPlace::Conversation));
            sql.push(")");
        }
    }
    sql.push(")");
}

/// Whether a case is met by a search in the language of FTS5.
pub(super) fn push_is_met<T>(sql: &mut Sql<T>, query: String) {
    sql.push("c.id IN (");
    push_found(sql, query);
    sql.push(")");
}

fn push_found<T>(sql: &mut Sql<T>, query: String) {
    sql.push(
        "SELECT case_id FROM case_search JOIN case_words \
         ON case_words.rowid = case_search.id WHERE case_words MATCH ",
    );
    sql.bind(query);
}
