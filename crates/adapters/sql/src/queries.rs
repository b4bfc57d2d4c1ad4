//! Queries that are the same in both databases. The stores add the columns to select.

use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;
use engage_domain::{AttachmentId, CaseId};

use crate::case_number::HasNumber;
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::schema::{
    attachments, case_search, cases, events, idempotency_keys, staff, staff_tokens, updates,
    uploads,
};

/// Finds the tokens that have not expired and whose owners are active.
#[auto_type(no_type_alias)]
pub fn valid_tokens(now: DbTimestamp) -> _ {
    let not_expired = staff_tokens::expires_at.gt(now).or(staff_tokens::expires_at.is_null());
    staff_tokens::table
        .inner_join(staff::table)
        .filter(not_expired.assume_not_null())
        .filter(staff::deactivated_at.is_null())
}

/// Finds the response under an idempotency key, unless it has expired.
#[auto_type(no_type_alias)]
pub fn response_under(key: Vec<u8>, now: DbTimestamp) -> _ {
    idempotency_keys::table
        .filter(idempotency_keys::key.eq(key))
        .filter(idempotency_keys::expires_at.gt(now))
}

/// Finds the events of a case after a version, in order.
#[auto_type(no_type_alias)]
pub fn events_after(case: DbId<CaseId>, version: i64, limit: i64) -> _ {
    events::table
        .filter(events::case_id.eq(case))
        .filter(events::sequence.gt(version))
        .order_by(events::sequence)
        .limit(limit)
}

/// Finds the uploads of a member of staff that an update may take.
#[auto_type(no_type_alias)]
pub fn usable_uploads(ids: Vec<DbId<AttachmentId>>, by: String, since: DbTimestamp) -> _ {
    let taken = attachments::table.filter(attachments::id.eq(uploads::id));
    uploads::table
        .filter(uploads::id.eq_any(ids))
        .filter(uploads::uploaded_by.eq(by))
        .filter(uploads::created_at.ge(since))
        .filter(uploads::size.is_not_null())
        .filter(not(exists(taken)))
}

/// Finds a file of a public update of a case.
#[auto_type(no_type_alias)]
pub fn public_attachment(id: DbId<AttachmentId>, of_case: HasNumber) -> _ {
    attachments::table
        .inner_join(updates::table)
        .inner_join(cases::table.on(cases::id.eq(updates::case_id)))
        .filter(attachments::id.eq(id))
        .filter(updates::visibility.eq("PUBLIC"))
        .filter(of_case)
}

/// Sorts all cases, the oldest first.
#[auto_type(no_type_alias)]
pub fn oldest_cases() -> _ {
    cases::table.order_by((
        cases::created_at,
        cases::number_year,
        cases::number_sequence,
        cases::number_prefix,
    ))
}

/// Finds the cases without search words, the newest first.
#[auto_type(no_type_alias)]
pub fn unindexed_cases() -> _ {
    let words = case_search::table.filter(case_search::case_id.eq(cases::id));
    cases::table.filter(not(exists(words))).order_by((
        cases::created_at.desc(),
        cases::number_year.desc(),
        cases::number_sequence.desc(),
        cases::number_prefix.desc(),
    ))
}
