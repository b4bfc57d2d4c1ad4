//! Statements that erase the personal data of a case.

use std::sync::LazyLock;

use engage_domain::Template;
use engage_domain::contact::{ERASED_EMAIL, ERASED_PHONE};
use engage_domain::text::ERASED;
use engage_repository::Erasure;

use crate::access_end::end_access;
use crate::db_id::DbId;
use crate::statement::Statement;
use crate::value::Value;

/// The generations are kept while there are participants, whose revoked proofs would be valid without
/// them.
const PARTICIPANT_PROOFS: &str =
    "UPDATE cases SET participant_generations = NULL WHERE id = ? AND participants IS NULL";

const UPDATES: &str =
    "UPDATE updates SET message = ?, person_name = NULL WHERE case_id = ? AND sequence < ?";

const ESCALATIONS: &str = "UPDATE escalations SET reason = ? WHERE case_id = ? AND sequence < ?";

/// The condition that a notification is of an earlier event of a case. Access codes belong to the first
/// event.
pub const IS_ERASED: &str =
    "notifications.event_id IN (SELECT id FROM events WHERE case_id = ? AND sequence < ?)";

/// Addresses of the customer and of participants. A template that this program does not know may be for
/// them, too.
///
/// An event tells its customer once by each template, but possibly several participants by the same one.
/// The same message to the same address exists once for an event, so each of theirs gets a placeholder of
/// its own.
static ADDRESSES: LazyLock<String> = LazyLock::new(|| {
    let names = |is_listed: fn(&Template) -> bool| {
        let listed = Template::ALL.iter().filter(|template| is_listed(template));
        let listed: Vec<_> = listed.map(|template| format!("'{template}'")).collect();
        listed.join(", ")
    };
    let of_customer = names(|template| template.is_for_customer());
    let of_others = names(|template| !template.is_for_people_of_case());
    format!(
        "UPDATE notifications SET address = CASE WHEN channel <> 'EMAIL' THEN ?
            WHEN template IN ({of_customer}) THEN ?
            ELSE 'erased-' || {{id}} || '@erased.invalid' END
        WHERE channel <> 'WEBHOOK' AND template NOT IN ({of_others}) AND "
    )
});

const ERRORS: &str = "UPDATE notifications SET last_error = ? WHERE last_error IS NOT NULL AND ";

const RESPONSES: &str = "DELETE FROM idempotency_keys WHERE case_id = ? AND version < ?";

const PARTICIPANT_CODES: &str = "DELETE FROM participant_codes WHERE case_id = ?";

const PARTICIPANT_ADDRESSES: &str = "DELETE FROM case_participant_addresses WHERE case_id = ?";

const FORMER_ADDRESSES: &str = "DELETE FROM case_former_addresses WHERE case_id = ?";

/// Values in the audit log. The entries stay.
const AUDIT: &str = "DELETE FROM audit_values WHERE case_id = ?";

/// Client addresses of changes, and what callers passed on in traces.
const ORIGINS: &str =
    "UPDATE events SET address = NULL, tracestate = NULL WHERE case_id = ? AND sequence < ?";

/// Returns the statements of an erasure that are the same in both databases. The first one locks the
/// case. `id` is the SQL of a notification's id as hexadecimal digits.
pub fn erase_statements(erasure: &Erasure, id: &str) -> [Statement<()>; 13] {
    let case = || Value::from(DbId::from(erasure.case));
    let before = || Value::from(i64::from(erasure.before.get()));
    let erased = || Value::from(ERASED);
    let of_case = |statement: &str| format!("{statement}{IS_ERASED}");
    let addresses = of_case(&ADDRESSES.replace("{id}", id));
    let nobody = [ERASED_PHONE.into(), ERASED_EMAIL.into(), case(), before()];
    let [proofs, codes] = end_access(erasure.case);
    [
        proofs,
        Statement::prepared(UPDATES, [erased(), case(), before()]),
        Statement::prepared(ESCALATIONS, [erased(), case(), before()]),
        Statement::prepared(&addresses, nobody),
        Statement::prepared(&of_case(ERRORS), [erased(), case(), before()]),
        Statement::prepared(RESPONSES, [case(), before()]),
        codes,
        Statement::prepared(PARTICIPANT_PROOFS, [case()]),
        Statement::prepared(PARTICIPANT_CODES, [case()]),
        Statement::prepared(PARTICIPANT_ADDRESSES, [case()]),
        Statement::prepared(FORMER_ADDRESSES, [case()]),
        Statement::prepared(AUDIT, [case()]),
        Statement::prepared(ORIGINS, [case(), before()]),
    ]
}
