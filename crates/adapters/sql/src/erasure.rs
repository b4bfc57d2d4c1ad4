//! Statements that erase the personal data of a case.

use engage_domain::contact::{ERASED_EMAIL, ERASED_PHONE};
use engage_domain::text::ERASED;
use engage_repository::Erasure;

use crate::db_id::DbId;
use crate::statement::Statement;
use crate::value::Value;

const PROOFS: &str = "UPDATE cases SET access_generation = access_generation + 1 WHERE id = ?";

const UPDATES: &str =
    "UPDATE updates SET message = ?, person_name = NULL WHERE case_id = ? AND sequence < ?";

const ESCALATIONS: &str = "UPDATE escalations SET reason = ? WHERE case_id = ? AND sequence < ?";

/// The condition that a notification is of an earlier event of a case. Access codes belong to the first
/// event.
pub const IS_ERASED: &str =
    "notifications.event_id IN (SELECT id FROM events WHERE case_id = ? AND sequence < ?)";

const ADDRESSES: &str = "
    UPDATE notifications SET address = CASE channel WHEN 'EMAIL' THEN ? ELSE ? END
    WHERE channel <> 'WEBHOOK' AND template LIKE '%-customer' AND ";

const ERRORS: &str = "UPDATE notifications SET last_error = ? WHERE last_error IS NOT NULL AND ";

const RESPONSES: &str = "DELETE FROM idempotency_keys WHERE case_id = ? AND version < ?";

const CODES: &str = "DELETE FROM access_codes WHERE case_id = ?";

/// Values in the audit log. The entries stay.
const AUDIT: &str = "DELETE FROM audit_values WHERE case_id = ?";

/// Client addresses of changes, and what callers passed on in traces.
const ORIGINS: &str =
    "UPDATE events SET address = NULL, tracestate = NULL WHERE case_id = ? AND sequence < ?";

/// Returns the statements of an erasure that are the same in both databases. The first one locks the
/// case.
pub fn erase_statements(erasure: &Erasure) -> [Statement<()>; 9] {
    let case = || Value::from(DbId::from(erasure.case));
    let before = || Value::from(i64::from(erasure.before.get()));
    let erased = || Value::from(ERASED);
    let of_case = |statement: &str| format!("{statement}{IS_ERASED}");
    let nobody = [ERASED_EMAIL.into(), ERASED_PHONE.into(), case(), before()];
    [
        Statement::prepared(PROOFS, [case()]),
        Statement::prepared(UPDATES, [erased(), case(), before()]),
        Statement::prepared(ESCALATIONS, [erased(), case(), before()]),
        Statement::prepared(&of_case(ADDRESSES), nobody),
        Statement::prepared(&of_case(ERRORS), [erased(), case(), before()]),
        Statement::prepared(RESPONSES, [case(), before()]),
        Statement::prepared(CODES, [case()]),
        Statement::prepared(AUDIT, [case()]),
        Statement::prepared(ORIGINS, [case(), before()]),
    ]
}
