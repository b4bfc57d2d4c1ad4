//! Queries that are the same in both databases. The stores add the columns to select.

use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;
use engage_domain::CaseId;

use crate::db_id::DbId;
use crate::schema::{case_search, cases, events};

/// Finds the events of a case after a version, in order.
#[auto_type(no_type_alias)]
pub fn events_after(case: DbId<CaseId>, version: i64, limit: i64) -> _ {
    events::table
        .filter(events::case_id.eq(case))
        .filter(events::sequence.gt(version))
        .order_by(events::sequence)
        .limit(limit)
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
