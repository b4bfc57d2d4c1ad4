//! Conversions of single columns to values of the domain.

use std::num::NonZeroU32;
use std::time::Duration;

use engage_domain::EmailAddress;
use engage_domain::contact::ABSENT_EMAIL;
use engage_domain::text::FromStored;
use engage_repository::AccessGeneration;

use crate::error::InvalidColumn;

/// Parses a stored text.
pub fn parse<T: FromStored>(text: &str, column: &'static str) -> Result<T, InvalidColumn> {
    T::from_stored(text).map_err(|_| InvalidColumn { column })
}

/// Parses a stored text that may be null.
pub fn parse_option<T: FromStored>(
    text: Option<&str>,
    column: &'static str,
) -> Result<Option<T>, InvalidColumn> {
    text.map(|text| parse(text, column)).transpose()
}

/// Reads the address of a customer, or [`ABSENT_EMAIL`] as none.
pub(crate) fn customer_email(text: &str) -> Result<Option<EmailAddress>, InvalidColumn> {
    if text == ABSENT_EMAIL { Ok(None) } else { parse(text, "customer_email").map(Some) }
}

/// Returns the address of a customer as it is stored. The column is not null, for programs of
/// earlier releases, which know only customers with an address.
pub(crate) fn stored_email(email: Option<&EmailAddress>) -> String {
    email.map_or_else(|| ABSENT_EMAIL.to_owned(), ToString::to_string)
}

/// Narrows a stored number and passes it to the domain's own check.
pub fn checked<N, M: TryFrom<N>, T>(
    number: N,
    check: impl FnOnce(M) -> Option<T>,
    column: &'static str,
) -> Result<T, InvalidColumn> {
    M::try_from(number).ok().and_then(check).ok_or(InvalidColumn { column })
}

/// Reads bytes of a fixed length, such as a hash.
pub(crate) fn octets<const N: usize>(
    bytes: &[u8],
    column: &'static str,
) -> Result<[u8; N], InvalidColumn> {
    bytes.try_into().map_err(|_| InvalidColumn { column })
}

/// Reads the generation of a case's proofs of ownership.
pub fn access_generation(stored: i32) -> Result<AccessGeneration, InvalidColumn> {
    checked(stored, |count| Some(AccessGeneration(count)), "access_generation")
}

/// Converts a duration to milliseconds, as columns and statements use it.
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Converts a count to the type of its column. The largest value stands for counts beyond it.
pub fn count_column(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Returns the limit and the offset of a page.
pub fn limit_and_offset(page: NonZeroU32, limit: NonZeroU32) -> (i64, i64) {
    let limit = i64::from(limit.get());
    (limit, i64::from(page.get() - 1).saturating_mul(limit))
}
