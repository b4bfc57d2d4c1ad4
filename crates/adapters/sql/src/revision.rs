//! Statements that revise what was stored of a case before.

use engage_domain::contact::{ERASED_EMAIL, ERASED_PHONE};
use engage_domain::{Address, CaseId, Template};
use engage_repository::Revision;

use crate::access_end::{end_access, end_unproven_access};
use crate::db_id::DbId;
use crate::statement::Statement;
use crate::value::Value;

const UPDATE: &str = "UPDATE updates SET message = ? WHERE id = ? AND case_id = ?";

/// Must come before [`UPDATE`], since it tells the reason of the escalation by its text from other
/// updates of the same event.
const ESCALATION: &str = "
    UPDATE escalations SET reason = ? WHERE case_id = ? AND EXISTS (
        SELECT 1 FROM updates
        WHERE updates.id = ? AND updates.case_id = escalations.case_id
            AND updates.sequence = escalations.sequence AND updates.message = escalations.reason
    )";

const RESPONSES: &str =
    "UPDATE idempotency_keys SET answer = replace(answer, ?, ?) WHERE case_id = ?";

/// The reason that staff see of cancelled notifications.
const REASON: &str = "the address is no longer that of the customer";

/// Returns the statements of a revision that are the same in both databases.
pub fn revision_statements(case: CaseId, revision: &Revision) -> Vec<Statement<()>> {
    let id = || Value::from(DbId::from(case));
    let mut statements = Vec::new();
    if revision.ends_access {
        statements.extend(end_access(case));
    }
    if revision.proves_customer {
        statements.push(end_unproven_access(case));
    }
    let Some(redaction) = &revision.redaction else { return statements };
    if let Some((update, text)) = &redaction.update {
        let (text, update) = (text.as_str(), DbId::from(*update));
        let values = [text.into(), id(), update.into()];
        statements.push(Statement::prepared(ESCALATION, values));
        let values = [text.into(), update.into(), id()];
        statements.push(Statement::prepared(UPDATE, values));
    }
    for (piece, replacement) in &redaction.responses {
        let values = [piece.as_str().into(), replacement.as_str().into(), id()];
        statements.push(Statement::prepared(RESPONSES, values));
    }
    statements
}

/// Returns the statement that cancels the notifications of a case to a former address of its customer,
/// and replaces the address. Those to participants are cancelled by person, when they leave. `now` is
/// the SQL of the current time.
pub fn cancel_former(case: CaseId, address: &Address, now: &str) -> Statement<()> {
    let to_customer = Template::ALL.iter().filter(|template| template.is_for_customer());
    let placeholder = match address {
        Address::Phone(_) => ERASED_PHONE,
        Address::Email(_) | Address::Webhook(_) => ERASED_EMAIL,
    };
    let mut statement = Statement::new("UPDATE notifications SET status = 'CANCELLED', ");
    statement
        .push(&format!("finished_at = coalesce(finished_at, {now}), "))
        .push_with("last_error = ?, address = ? ", [REASON.into(), placeholder.into()])
        .push("WHERE status IN ('PENDING', 'IN_FLIGHT', 'DEAD', 'CANCELLED') ")
        .push_with(
            "AND channel = ? AND address = ? ",
            [address.channel().as_str().into(), address.to_string().into()],
        )
        .push_with(
            "AND event_id IN (SELECT id FROM events WHERE case_id = ?) AND template IN ",
            [DbId::from(case).into()],
        )
        .push_list(to_customer.map(|template| template.as_str()));
    statement
}
