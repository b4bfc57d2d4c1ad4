//! Which cases fit.

use diesel::sql_types::{BigInt, Text};
use engage_domain::{CustomerType, IssueType, SlaTimerState, Status, Urgency};
use engage_repository::{CaseFilter, SearchExpression, SearchField, SearchQuery, spellings};

use crate::db_timestamp::DbTimestamp;
use crate::search::query_text;
use crate::sql::Sql;

/// Counts the cases that fit.
pub(super) fn count(filter: &CaseFilter) -> Sql<BigInt> {
    let mut sql = Sql::new("SELECT count(*) FROM ");
    push_sources(&mut sql, filter);
    sql.push(" WHERE true");
    if !filter.is_only_search() {
        push_classification(&mut sql, filter);
        push_others(&mut sql, filter);
    }
    if *filter == CaseFilter::default() {
        // True of all. By this index the cases come in the order in which the table has them, which
        // makes counting them several times faster than by the smallest one.
        sql.push(" AND c.created_at > '-infinity'");
    }
    push_gathered_search(&mut sql, filter);
    sql
}

/// The tables that the criteria are about: `c` has the cases, but where a search is all there is,
/// and `s` the words where there is one.
pub(super) fn push_sources<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let Some(search) = &filter.search else {
        sql.push("cases c");
        return;
    };
    if search.assigned().is_empty() {
        sql.push("case_search s");
    } else {
        push_found(sql, search);
        sql.push(" found JOIN case_search s USING (case_id)");
    }
    if !filter.is_only_search() {
        sql.push(" JOIN cases c ON c.id = s.case_id");
    }
}

/// What is left to fit of a search by the tables of [`push_sources`].
pub(super) fn push_gathered_search<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    if filter.search.as_ref().is_some_and(|search| search.assigned().is_empty()) {
        push_search(sql, filter);
    }
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
            push_ranks(sql, "c.status_rank", Status::ALL, |status| status as i32);
        }
        push_restricted(sql, filter);
        return;
    }
    push_texts(sql, "c.customer_type", or_all(customer_type, CustomerType::ALL));
    push_texts(sql, "c.issue_type", or_all(issue_type, IssueType::ALL));
    push_ranks(sql, "c.urgency_rank", or_all(urgency, Urgency::ALL), |urgency| urgency as i32);
    push_ranks(sql, "c.status_rank", or_all(status, Status::ALL), |status| status as i32);
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
        push_ranks(sql, "c.urgency_rank", &filter.urgency, |urgency| urgency as i32);
    }
    if !filter.status.is_empty() {
        push_ranks(sql, "c.status_rank", &filter.status, |status| status as i32);
    }
    push_people(sql, filter);
}

fn or_all<'a, T>(wanted: &'a [T], all: &'a [T]) -> &'a [T] {
    if wanted.is_empty() { all } else { wanted }
}

fn push_texts<T, V: ToString>(sql: &mut Sql<T>, column: &str, wanted: &[V]) {
    sql.push(&format!(" AND {column} = ANY(")).bind(texts(wanted)).push(")");
}

fn texts<V: ToString>(wanted: &[V]) -> Vec<String> {
    wanted.iter().map(ToString::to_string).collect()
}

fn push_ranks<T, V: Copy>(sql: &mut Sql<T>, column: &str, wanted: &[V], rank: impl Fn(V) -> i32) {
    let wanted: Vec<_> = wanted.iter().copied().map(rank).collect();
    sql.push(&format!(" AND {column} = ANY(")).bind(wanted).push(")");
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
            sql.push(" AND (c.assigned_to IS NULL OR c.assigned_to = ANY(");
            sql.bind(texts(&members)).push("))");
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
            sql.push(condition).bind(DbTimestamp(time));
        }
    }
    push_text(sql, "c.customer_email", filter.customer_addresses());
    push_text(sql, "c.customer_organization", spellings(&filter.organization));
    push_text(sql, "c.client_or_project_name", spellings(&filter.project));
    push_sla_state(sql, &filter.sla_state);
    if let Some(before) = filter.due_before {
        push_due(sql, DbTimestamp(before));
    }
}

/// Adds that a column has one of these texts. Its index has small letters of ASCII, and no nulls.
fn push_text<T>(sql: &mut Sql<T>, column: &str, wanted: Vec<String>) {
    if !wanted.is_empty() {
        let small = format!("lower({column} COLLATE \"C\")");
        sql.push(&format!(" AND {column} IS NOT NULL AND {small} = ANY(")).bind(wanted).push(")");
    }
}

/// Adds that a service target is due before a time and that its clock runs.
fn push_due<T>(sql: &mut Sql<T>, before: DbTimestamp) {
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

pub(super) fn push_search<T>(sql: &mut Sql<T>, filter: &CaseFilter) {
    let Some(search) = &filter.search else { return };
    sql.push(" AND (");
    push_is_met(sql, search.expression());
    for assigned in search.assigned() {
        sql.push(" OR c.assigned_to = ANY(").bind(texts(&assigned.members)).push(")");
        if let Some(rest) = &assigned.rest {
            sql.push(" AND ");
            push_is_met(sql, rest);
        }
    }
    sql.push(")");
}

fn push_is_met<T>(sql: &mut Sql<T>, search: &SearchExpression) {
    let anywhere = query_text(search, SearchField::Conversation);
    sql.push("s.words @@ ").bind(anywhere).push("::tsquery");
}

/// The cases that a search finds, by indexes: those that have its words, and those of the members
/// of staff who are named in it.
fn push_found<T>(sql: &mut Sql<T>, search: &SearchQuery) {
    sql.push("(SELECT case_id FROM case_search s WHERE ");
    push_is_met(sql, search.expression());
    for assigned in search.assigned() {
        sql.push(" UNION SELECT c.id FROM cases c");
        if assigned.rest.is_some() {
            sql.push(" JOIN case_search s ON s.case_id = c.id");
        }
        sql.push(" WHERE c.assigned_to = ANY(").bind(texts(&assigned.members)).push(")");
        if let Some(rest) = &assigned.rest {
            sql.push(" AND ");
            push_is_met(sql, rest);
        }
    }
    sql.push(")");
}
