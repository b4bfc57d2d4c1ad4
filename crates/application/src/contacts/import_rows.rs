//! Rows of an import, and its result.

use engage_domain::contact::{Locale, TimeZoneName};
use engage_domain::{EmailAddress, Notes, OrganizationId, PersonName, PhoneNumber};

/// A contact to import. What is `None` stays as it is if the address has a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Line of the row in its file, from 1.
    pub line: u64,
    /// Address by which the contact is found, or which it gets.
    pub email: EmailAddress,
    /// Name of the person. A new contact needs one.
    pub name: Option<PersonName>,
    /// Telephone number.
    pub phone: Option<PhoneNumber>,
    /// Organization of the person.
    pub organization: Option<OrganizationId>,
    /// Language of the person.
    pub locale: Option<Locale>,
    /// Time zone of the person.
    pub time_zone: Option<TimeZoneName>,
    /// Notes of staff.
    pub notes: Option<Notes>,
}

/// A problem with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    /// Line of the row in its file, from 1.
    pub line: u64,
    /// Column of the value. Empty if the problem is with the whole row.
    pub field: &'static str,
    /// Description of the problem. Preceded by the name of the column, it is a sentence.
    pub message: String,
}

/// The result of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportTotals {
    /// Number of contacts that were added.
    pub created: u64,
    /// Number of rows whose address already had a contact.
    pub updated: u64,
    /// Number of rows that were not imported.
    pub failed: u64,
    /// The first problems, at most [`MOST_PROBLEMS`](crate::ContactImport::MOST_PROBLEMS).
    pub problems: Vec<ImportProblem>,
}
