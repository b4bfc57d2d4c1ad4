//! Case numbers as three columns.

use std::num::TryFromIntError;

use diesel::dsl::{And, Eq};
use diesel::prelude::*;
use engage_domain::CaseNumber;

use crate::column::parse;
use crate::error::InvalidColumn;
use crate::schema::cases;

/// Reads a case number from its columns: prefix, year, sequence.
pub fn case_number(prefix: &str, year: i32, sequence: i64) -> Result<CaseNumber, InvalidColumn> {
    let invalid = InvalidColumn { column: "case number" };
    let prefix = parse(prefix, "number_prefix")?;
    match (year.try_into(), sequence.try_into()) {
        (Ok(year), Ok(sequence)) => CaseNumber::new(prefix, year, sequence).map_err(|_| invalid),
        _ => Err(invalid),
    }
}

/// Returns the columns of a case number. Fails if the sequence exceeds 63 bits, which no stored one
/// does.
pub fn number_columns(number: &CaseNumber) -> Result<(String, i32, i64), TryFromIntError> {
    Ok((number.prefix().to_string(), i32::from(number.year()), number.sequence().try_into()?))
}

/// The condition that a case has a number.
pub type HasNumber = And<
    And<Eq<cases::number_year, i32>, Eq<cases::number_sequence, i64>>,
    Eq<cases::number_prefix, String>,
>;

/// Returns the condition that a case has this number, or nothing if no case can have it.
pub fn has_number(number: &CaseNumber) -> Option<HasNumber> {
    let (prefix, year, sequence) = number_columns(number).ok()?;
    let year_and_sequence = cases::number_year.eq(year).and(cases::number_sequence.eq(sequence));
    Some(year_and_sequence.and(cases::number_prefix.eq(prefix)))
}
