//! Joining of two contacts that are the same person.

use thiserror::Error;

use super::emails::{ContactEmails, ContactEmailsError};
use super::person::{Contact, ContactOrganization};
use crate::text::Notes;

/// Error returned when two contacts cannot be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MergeContactsError {
    /// Both are the same contact.
    #[error("must be another contact")]
    Same,
    /// Together they have more than [`ContactEmails::MOST`] addresses. Remove some first.
    #[error("must leave at most {} addresses: remove some first", ContactEmails::MOST)]
    TooManyEmails,
    /// Their notes together are too long. Shorten them first.
    #[error("must leave notes of at most 5,000 characters: shorten them first")]
    NotesTooLong,
}

impl Contact {
    /// Returns this contact with the addresses of another one, which is the same person and is
    /// deleted afterwards.
    ///
    /// A property of this contact wins. One that it lacks is taken from the other contact. Notes are
    /// joined.
    pub fn merged_with(self, other: Self) -> Result<Self, MergeContactsError> {
        if self.id == other.id {
            return Err(MergeContactsError::Same);
        }
        let emails = self.emails.iter().chain(&other.emails).cloned();
        let emails = ContactEmails::new(emails).map_err(|error| match error {
            ContactEmailsError::TooMany => MergeContactsError::TooManyEmails,
            // An address has one contact, so only a store that lost this rule gets here.
            ContactEmailsError::Repeated => MergeContactsError::Same,
        })?;
        let organization = match self.organization {
            ContactOrganization::ByDomain => other.organization,
            set => set,
        };
        Ok(Self {
            version: self.version.next(),
            emails,
            phone: self.phone.or(other.phone),
            organization,
            locale: self.locale.or(other.locale),
            time_zone: self.time_zone.or(other.time_zone),
            notes: joined(self.notes, other.notes)?,
            ..self
        })
    }
}

fn joined(one: Option<Notes>, other: Option<Notes>) -> Result<Option<Notes>, MergeContactsError> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => {
            let text = format!("{one}\n\n{other}");
            text.parse().map(Some).map_err(|_| MergeContactsError::NotesTooLong)
        }
        (one, other) => Ok(one.or(other)),
    }
}
