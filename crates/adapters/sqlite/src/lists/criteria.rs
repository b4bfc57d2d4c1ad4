//! Which cases fit.

use diesel::sql_types::{BigInt, Text};
use engage_domain::{CustomerType, IssueType, SlaTimerState, Status, Urgency};
use engage_repository::{CaseFilter, SearchField, spellings};

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
    if filter.is_of_a_customer() {
        // Without statistics SQLite would take the index of these criteria, which most cases may fit.
        push_each(sql, filter, "+c.");
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
    push_people(sql, filter, "c.");
}

/// The same criteria, each only where it says something.
pub(super) fn push_restricted<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    push_each(sql, filter, "c.");
}

/// Adds these criteria about columns of a table. A `+` before it keeps SQLite from their indexes.
fn push_each<T>(sql: &mut Sql<T>, filter: &CaseFilter, table: &str) {
    let column = |name| format!("{table}{name}");
    if !filter.customer_type.is_empty() {
        push_texts(sql, &column("customer_type"), &filter.customer_type);
    }
    if !filter.issue_type.is_empty() {
        push_texts(sql, &column("issue_type"), &filter.issue_type);
    }
    if !filter.urgency.is_empty() {
        push_ranks(sql, &column("urgency_rank"), &filter.urgency, |urgency| urgency as i64);
    }
    if !filter.status.is_empty() {
        push_ranks(sql, &column("status_rank"), &filter.status, |status| status as i64);
    }
    push_people(sql, filter, table);
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

fn push_people<T>(sql: &mut Sql<T>, filter: &CaseFilter, table: &str) {
    if !filter.department.is_empty() {
        push_texts(sql, &format!("{table}department"), &filter.department);
    }
    let assignee = format!("{table}assigned_to");
    let (members, or_nobody) = filter.assignees();
    match (members.is_empty(), or_nobody) {
        (true, false) => {}
        (true, true) => {
            sql.push(&format!(" AND {assignee} IS NULL"));
        }
        (false, false) => push_texts(sql, &assignee, &members),
        (false, true) => {
            let members = members.into_iter().map(ToString::to_string);
            sql.push(&format!(" AND ({assignee} IS NULL OR {assignee} IN "));
            sql.bind_list(members).push(")");
        }
    }
}

pub(super) fn push_others<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    for (condition, time) in [
        (" AND c.created_at >= ", filter.created_from),
        (" AND c.created_at < ", filter.created_to),
        (" AND c.last_activity >= ", filter.updated_from),
        (" AND c.last_activity < ", filter.updated_to),
    ] {
        if let Some(time) = time {
            sql.push(condition).bind(time.as_millis());
        }
    }
    push_text(sql, "c.customer_email", filter.customer_addresses());
    push_text(sql, "c.customer_organization", spellings(&filter.organization));
    push_text(sql, "c.client_or_project_name", spellings(&filter.project));
    push_sla_state(sql, &filter.sla_state);
    if let Some(before) = filter.due_before {
        push_due(sql, before.as_millis());
    }
}

/// Adds that a column has one of these texts. Its index has small letters of ASCII, and no nulls.
fn push_text<T>(sql: &mut Sql<T>, column: &str, wanted: Vec<String>) {
    if !wanted.is_empty() {
        // One value, since a statement can have too many of them.
        let wanted = serde_json::Value::from(wanted).to_string();
        sql.push(&format!(" AND {column} IS NOT NULL AND lower({column}) IN "));
        sql.push("(SELECT value FROM json_each(").bind(wanted).push("))");
    }
}

/// Adds that a service target is due before a time and that its clock runs.
fn push_due<T>(sql: &mut Sql<T>, before: i64) {
    sql.push(" AND c.status_rank IN (0, 1, 2, 3) AND (");
    sql.push(WAITS).push(" AND c.first_response_due < ").bind(before);
    sql.push(" OR c.status_rank < 2 AND c.estimated_resolution < ").bind(before).push(")");
}

/// Adds that the worse state of both clocks is one of these, as
/// [`engage_repository::CaseSummary::sla_state`] has it.
fn push_sla_state<T>(sql: &mut Sql<T>, wanted: &[SlaTimerState]) {
    let is_told =
        |state: &SlaTimerState| matches!(state, SlaTimerState::Breached | SlaTimerState::Warning);
    if wanted.is_empty() {
        return;
    }
    if wanted.iter().all(is_told) {
        // The condition of the index of such cases.
        sql.push(" AND (c.first_response_alert IS NOT NULL OR c.resolution_alert IS NOT NULL)");
    }
    let ways: Vec<_> = wanted.iter().map(|state| sla_condition(*state)).collect();
    sql.push(&format!(" AND ({})", ways.join(" OR ")));
}

/// The condition that somebody waits for a first answer.
const WAITS: &str = "(c.status_rank < 4 AND c.first_response IS NULL \
    AND c.first_response_ended_at IS NULL)";

/// The condition that a target was missed.
const BREACHED: &str = "(coalesce(c.first_response_alert, '') = 'BREACH' \
    OR coalesce(c.resolution_alert, '') = 'BREACH')";

fn sla_condition(state: SlaTimerState) -> String {
    let warned = format!(
        "({WAITS} AND coalesce(c.first_response_alert, '') = 'WARNING' \
         OR c.status_rank < 2 AND coalesce(c.resolution_alert, '') = 'WARNING')"
    );
    let otherwise = match state {
        SlaTimerState::Breached => return BREACHED.to_owned(),
        SlaTimerState::Warning => warned,
        SlaTimerState::Pending => format!("(c.status_rank < 2 OR {WAITS}) AND NOT {warned}"),
        SlaTimerState::Paused => format!("c.status_rank IN (2, 3) AND NOT {WAITS}"),
        SlaTimerState::Cancelled => {
            "(c.status_rank = 6 OR c.status_rank IN (4, 5) AND c.first_response IS NULL)".to_owned()
        }
        SlaTimerState::Met => "c.status_rank IN (4, 5) AND c.first_response IS NOT NULL".to_owned(),
    };
    format!("(NOT {BREACHED} AND {otherwise})")
}

/// Selects the departments of cases, each read from the index once.
pub(super) fn departments() -> Sql<Text> {
    Sql::new(
        "WITH RECURSIVE found (name) AS (
            SELECT min(department) FROM cases WHERE department IS NOT NULL
            UNION ALL
            SELECT (SELECT min(cases.department) FROM cases
                WHERE cases.department > found.name)
            FROM found WHERE found.name IS NOT NULL
        ) SELECT name FROM found WHERE name IS NOT NULL",
    )
}

/// The cases that have the words of a search, and those of the members of staff who are named in it.
pub(super) fn push_search<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let Some(search) = &filter.search else { return };
    sql.push(" AND c.id IN (");
    push_found(sql, query_text(search.expression(), SearchField::Conversation));
    for assigned in search.assigned() {
        sql.push(" UNION ALL SELECT id FROM cases WHERE assigned_to IN ");
        sql.bind_list(assigned.members.iter().map(ToString::to_string));
        if let Some(rest) = &assigned.rest {
            sql.push(" AND id IN (");
            push_found(sql, query_text(rest, SearchField::Conversation));
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
