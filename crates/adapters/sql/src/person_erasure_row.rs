//! Erasures of persons as rows.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use engage_domain::{ContactId, EmailAddress, ErasureCounts, ErasureId};
use engage_repository::{
    ClaimedErasure, ErasureKey, ErasureProgress, PersonErasure, RequestDigest, RequestedUnderKey,
};

use crate::column::{checked, count_column, parse};
use crate::db_id::DbId;
use crate::db_timestamp::DbTimestamp;
use crate::error::InvalidColumn;
use crate::schema::person_erasures;

/// An erasure of a person.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = person_erasures, treat_none_as_default_value = false)]
pub struct PersonErasureRow {
    /// Id of the erasure.
    pub id: DbId<ErasureId>,
    contact_id: Option<DbId<ContactId>>,
    requested_by: String,
    state: String,
    addresses: String,
    cases: i64,
    entries: i64,
    quotes: i64,
    begun: String,
    failures: i32,
    due_at: DbTimestamp,
    /// Number of the latest claim.
    pub claim: i64,
    key: Option<Vec<u8>>,
    digest: Option<Vec<u8>>,
    created_at: DbTimestamp,
}

/// The columns of progress. At the end of an erasure they remove the addresses.
#[derive(AsChangeset)]
#[diesel(table_name = person_erasures)]
pub struct ErasureProgressRow {
    state: String,
    cases: i64,
    entries: i64,
    quotes: i64,
    begun: String,
    failures: i32,
    due_at: DbTimestamp,
    /// `None` leaves the column as it is.
    addresses: Option<&'static str>,
}

/// Condition of erasures that are not finished. Written out, because a partial index is used only if its
/// condition is in the statement.
pub fn is_unfinished_erasure() -> SqlLiteral<Bool> {
    sql("state IN ('RUNNING', 'SECOND_PASS')")
}

impl PersonErasureRow {
    /// Converts a new erasure, which is due at once.
    pub fn new(erasure: &PersonErasure, key: Option<&ErasureKey>) -> Self {
        let addresses: Vec<_> = erasure.addresses.iter().map(EmailAddress::normalized).collect();
        Self {
            id: erasure.id.into(),
            contact_id: erasure.contact.map(DbId::from),
            requested_by: erasure.requested_by.to_string(),
            state: erasure.state.to_string(),
            addresses: addresses.join(","),
            cases: count(erasure.counts.cases),
            entries: count(erasure.counts.entries),
            quotes: count(erasure.counts.quotes),
            begun: String::new(),
            failures: 0,
            due_at: DbTimestamp(erasure.created_at),
            claim: 0,
            key: key.map(|key| key.key.0.to_vec()),
            digest: key.map(|key| key.digest.0.to_vec()),
            created_at: DbTimestamp(erasure.created_at),
        }
    }

    /// Converts the row to an erasure.
    pub fn into_erasure(self) -> Result<PersonErasure, InvalidColumn> {
        let addresses = self.addresses.split(',').filter(|address| !address.is_empty());
        let addresses: Result<_, _> =
            addresses.map(|address| parse(address, "addresses")).collect();
        Ok(PersonErasure {
            id: self.id.get(),
            contact: self.contact_id.map(DbId::get),
            requested_by: parse(&self.requested_by, "requested_by")?,
            state: parse(&self.state, "state")?,
            counts: ErasureCounts {
                cases: checked(self.cases, Some, "cases")?,
                entries: checked(self.entries, Some, "entries")?,
                quotes: checked(self.quotes, Some, "quotes")?,
            },
            addresses: addresses?,
            created_at: self.created_at.0,
        })
    }

    /// Converts the row to an erasure that was claimed.
    pub fn into_claimed(self) -> Result<ClaimedErasure, InvalidColumn> {
        let begun = self.begun.split(',').filter(|number| !number.is_empty());
        let begun = begun.map(|number| parse(number, "begun")).collect::<Result<_, _>>()?;
        let (claim, failures) = (self.claim + 1, checked(self.failures, Some, "failures")?);
        Ok(ClaimedErasure { erasure: self.into_erasure()?, claim, begun, failures })
    }

    /// Converts the row to that of a request whose key is used again.
    pub fn into_used_key(self) -> Result<RequestedUnderKey, InvalidColumn> {
        let digest = self.digest.and_then(|digest| digest.try_into().ok());
        let digest = RequestDigest(digest.ok_or(InvalidColumn { column: "digest" })?);
        Ok(RequestedUnderKey { id: self.id.get(), digest })
    }
}

impl From<&ErasureProgress> for ErasureProgressRow {
    fn from(progress: &ErasureProgress) -> Self {
        let begun: Vec<_> = progress.begun.iter().map(ToString::to_string).collect();
        Self {
            state: progress.state.to_string(),
            cases: count(progress.counts.cases),
            entries: count(progress.counts.entries),
            quotes: count(progress.counts.quotes),
            begun: begun.join(","),
            failures: count_column(progress.failures),
            due_at: DbTimestamp(progress.due_at),
            addresses: (!progress.state.is_unfinished()).then_some(""),
        }
    }
}

fn count(number: u64) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
