//! Statements that revise what was stored of a case before.

use engage_domain::contact::{ERASED_EMAIL, ERASED_PHONE};
use engage_domain::text::ERASED;
use engage_domain::{Address, CaseId, EmailAddress, PersonId, Template};
use engage_repository::{CaseFilter, PeopleErasure, Revision};

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

/// By a former address an erasure of the person finds the case.
const FORMER_ADDRESS: &str = "
    INSERT INTO case_former_addresses (case_id, address) VALUES (?, ?) ON CONFLICT DO NOTHING";

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
    for address in &revision.former_addresses {
        if let Address::Email(email) = address {
            let values = [id(), email.normalized().into()];
            statements.push(Statement::prepared(FORMER_ADDRESS, values));
        }
    }
    if let Some((update, text)) = revision.redaction.iter().find_map(|one| one.update.as_ref()) {
        let (text, update) = (text.as_str(), DbId::from(*update));
        let values = [text.into(), id(), update.into()];
        statements.push(Statement::prepared(ESCALATION, values));
        let values = [text.into(), update.into(), id()];
        statements.push(Statement::prepared(UPDATE, values));
    }
    let of_redaction = revision.redaction.iter().flat_map(|redaction| &redaction.responses);
    let of_people = revision.people.iter().flat_map(|people| &people.responses);
    for (piece, replacement) in of_redaction.chain(of_people) {
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

const UPDATES_OF_PERSON: &str = "
    UPDATE updates SET message = ?, person_name = NULL WHERE case_id = ? AND person_id = ?";

/// Client addresses, and what callers passed on in traces.
const ORIGINS: &str =
    "UPDATE events SET address = NULL, tracestate = NULL WHERE case_id = ? AND person_id = ?";

const CODES: &str = "DELETE FROM participant_codes WHERE case_id = ? AND person_id = ?";

const FORGET_FORMER: &str = "DELETE FROM case_former_addresses WHERE case_id = ? AND address = ?";

const ATTEMPTS: &str = "
    UPDATE delivery_attempts SET reason = ?
    WHERE reason IS NOT NULL AND notification_id IN (SELECT id FROM notifications WHERE ";

/// Cancels notifications that were not delivered. The others keep their times and their state.
const NOTIFICATIONS: &str = "
    UPDATE notifications
    SET status = CASE WHEN status IN ('PENDING', 'IN_FLIGHT', 'DEAD') THEN 'CANCELLED' ELSE status END,
        finished_at = coalesce(finished_at, {now}), held_back_at = NULL,
        last_error = CASE WHEN last_error IS NULL THEN NULL ELSE ? END, address = ";

/// The same message to the same address exists once for an event, so each notification to a participant
/// gets a placeholder of its own.
const PLACEHOLDER: &str =
    "CASE WHEN channel <> 'EMAIL' THEN ? ELSE 'erased-' || {id} || '@erased.invalid' END WHERE ";

const TO_PERSON: &str = "person_id = ? AND event_id IN (SELECT id FROM events WHERE case_id = ?)";

const TO_FORMER: &str = "channel = 'EMAIL' AND lower(address) = ? AND person_id IS NULL
    AND event_id IN (SELECT id FROM events WHERE case_id = ?)";

/// Expressions of a database in the statements of an erasure of people.
#[derive(Debug, Clone, Copy)]
pub struct ErasureSpelling<'a> {
    /// SQL of a notification's id as hexadecimal digits.
    pub id: &'a str,
    /// SQL of the current time.
    pub now: &'a str,
}

/// Returns the statements that erase people from a case and are the same in both databases. Snapshots,
/// files and search words are left to each store.
pub fn people_erasure_statements(
    case: CaseId,
    erasure: &PeopleErasure,
    spelling: ErasureSpelling<'_>,
) -> Vec<Statement<()>> {
    let mut statements = Vec::new();
    for person in &erasure.people {
        statements.extend(of_person(case, *person, erasure, spelling));
    }
    for address in &erasure.former_addresses {
        let id = DbId::from(case).into();
        statements.push(Statement::prepared(FORGET_FORMER, [id, address.normalized().into()]));
        for form in address_forms(address) {
            statements.extend(to_former(case, &form, spelling));
        }
    }
    statements
}

fn of_person(
    case: CaseId,
    person: PersonId,
    erasure: &PeopleErasure,
    spelling: ErasureSpelling<'_>,
) -> [Statement<()>; 5] {
    let id = || Value::from(DbId::from(case));
    let person = || Value::from(DbId::from(person));
    let text = erasure.text.as_str();
    let notifications = NOTIFICATIONS.replace("{now}", spelling.now);
    let placeholder = PLACEHOLDER.replace("{id}", spelling.id);
    let notifications = format!("{notifications}{placeholder}{TO_PERSON}");
    let values = [ERASED.into(), ERASED_PHONE.into(), person(), id()];
    [
        Statement::prepared(UPDATES_OF_PERSON, [text.into(), id(), person()]),
        Statement::prepared(ORIGINS, [id(), person()]),
        Statement::prepared(CODES, [id(), person()]),
        Statement::prepared(&format!("{ATTEMPTS}{TO_PERSON})"), [ERASED.into(), person(), id()]),
        Statement::prepared(&notifications, values),
    ]
}

/// Returns the statements about the notifications to an address that the customer had.
fn to_former(case: CaseId, address: &str, spelling: ErasureSpelling<'_>) -> [Statement<()>; 2] {
    let id = || Value::from(DbId::from(case));
    let to_customer = || {
        let templates = Template::ALL.iter().filter(|template| template.is_for_customer());
        templates.map(|template| template.as_str())
    };
    let mut attempts = Statement::new("");
    attempts
        .push_with(&format!("{ATTEMPTS}{TO_FORMER}"), [ERASED.into(), address.into(), id()])
        .push(" AND template IN ")
        .push_list(to_customer())
        .push(")");
    let notifications = NOTIFICATIONS.replace("{now}", spelling.now);
    let mut addresses = Statement::new("");
    addresses
        .push_with(&format!("{notifications}? WHERE "), [ERASED.into(), ERASED_EMAIL.into()])
        .push_with(TO_FORMER, [address.into(), id()])
        .push(" AND template IN ")
        .push_list(to_customer());
    [attempts, addresses]
}

/// Returns an address in lower case with its domain in each form, as it may have been stored.
pub(crate) fn address_forms(address: &EmailAddress) -> Vec<String> {
    let of_person = Some(vec![address.clone()]);
    let filter = CaseFilter { person_email: of_person, ..CaseFilter::default() };
    filter.person_addresses().unwrap_or_default()
}
