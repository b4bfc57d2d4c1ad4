//! From the history of a case to what an erasure of people other than its customer removes.

use std::collections::BTreeSet;

use engage_domain::case::ErasePeopleRequest;
use engage_domain::event::{Change, Quote, RedactedPart, Redaction, RedactionMark};
use engage_domain::text::{ERASED, quotes};
use engage_domain::{
    AttachmentId, Case, EmailAddress, ErasureCounts, Message, Participant, PersonId, UpdateId,
};
use engage_notifier::{ErasedPeople, Snapshot, UpdateSnapshot};
use engage_repository::{PeopleErasure, RepositoryError};

use crate::revision_plan::json_field;

/// People who are about to be erased from a case of somebody else, as they were found.
#[derive(Debug)]
pub(crate) struct FoundPeople {
    /// The people, and the redactions of what they wrote.
    pub(crate) request: ErasePeopleRequest,
    /// Addresses that the customer had before a correction.
    former_addresses: Vec<EmailAddress>,
    /// Snapshots of all events so far.
    snapshots: Vec<Snapshot>,
}

impl FoundPeople {
    /// Finds the participants of a case, whatever their state, and the former customers, who have one
    /// of these addresses. Returns `None` if there are none.
    pub(crate) fn find(
        case: &Case,
        snapshots: Vec<Snapshot>,
        addresses: &[EmailAddress],
    ) -> Option<Self> {
        let participants = case.facts().participants.iter();
        let theirs = participants.filter(|one| addresses.contains(&one.email));
        let people: Vec<_> = theirs.map(|one| one.id).collect();
        let was_customer = |address: &&EmailAddress| {
            let mut customers = snapshots.iter().map(|one| &one.data.case.customer_info.email);
            customers.any(|email| email.as_ref() == Some(*address))
        };
        let former_addresses: Vec<_> = addresses.iter().filter(was_customer).cloned().collect();
        if people.is_empty() && former_addresses.is_empty() {
            return None;
        }
        let redactions = redactions(&snapshots, &people);
        let request = ErasePeopleRequest { people, redactions };
        Some(Self { request, former_addresses, snapshots })
    }

    /// Returns the numbers of what is erased.
    pub(crate) fn counts(&self) -> ErasureCounts {
        count(&self.request.redactions)
    }

    /// Returns the files of the people.
    pub(crate) fn files(&self) -> Vec<AttachmentId> {
        let files = self.updates().flat_map(|update| &update.attachments);
        files.map(|file| file.id).collect()
    }

    /// Returns what is replaced and removed of what was stored. The mark replaces what was written.
    pub(crate) fn into_stored(
        self,
        mark: &RedactionMark,
    ) -> Result<PeopleErasure, RepositoryError> {
        let responses = self.responses(mark)?;
        let Self { request, former_addresses, snapshots } = self;
        let people = request.people;
        let erased = ErasedPeople { people: &people, former_addresses: &former_addresses, mark };
        let mut stored = Vec::new();
        for mut snapshot in snapshots {
            let id = snapshot.data.event.id;
            if snapshot.erase_people(&erased) {
                let text = snapshot.into_stored_json().map_err(RepositoryError::internal)?;
                stored.push((id, text));
            }
        }
        let text = Message::redacted(mark);
        Ok(PeopleErasure { people, former_addresses, text, snapshots: stored, responses })
    }

    /// Returns what the people wrote.
    fn updates(&self) -> impl Iterator<Item = &UpdateSnapshot> {
        let updates = self.snapshots.iter().flat_map(|snapshot| &snapshot.data.event.updates);
        updates.filter(|update| is_by(update, &self.request.people))
    }

    /// Returns the pieces of JSON by which stored responses name the people and repeat what they
    /// wrote, each with its replacement.
    fn responses(&self, mark: &RedactionMark) -> Result<Vec<(String, String)>, RepositoryError> {
        let mut pieces = BTreeSet::new();
        for participant in self.participants() {
            let email = participant.erased().email;
            pieces.insert(("email", participant.email.to_string(), email.to_string()));
            let name = participant.name.iter();
            pieces.extend(name.map(|name| ("name", name.to_string(), ERASED.to_owned())));
        }
        for email in self.former_spellings() {
            pieces.insert(("email", email.to_string(), EmailAddress::erased().to_string()));
        }
        for update in self.updates() {
            let message = update.message.to_string();
            pieces.insert(("message", message, mark.as_str().to_owned()));
            let names = update.attachments.iter().map(|file| file.filename.to_string());
            pieces.extend(names.map(|name| ("filename", name, ERASED.to_owned())));
        }
        let pieces = pieces.iter().map(|(field, text, replacement)| {
            Ok((json_field(field, text)?, json_field(field, replacement)?))
        });
        pieces.collect()
    }

    /// Returns the people in each state that they had, with each of their names.
    fn participants(&self) -> impl Iterator<Item = &Participant> {
        let changes = self.snapshots.iter().flat_map(|snapshot| &snapshot.data.event.changes);
        let participants = changes.flat_map(|change| match change {
            Change::Participant { from, to } => [from.as_deref(), Some(&**to)],
            _ => [None, None],
        });
        participants.flatten().filter(|one| self.request.people.contains(&one.id))
    }

    /// Returns the former addresses of the customer as they were written.
    fn former_spellings(&self) -> impl Iterator<Item = &EmailAddress> {
        let customers = self.snapshots.iter().map(|one| &one.data.case.customer_info.email);
        customers.flatten().filter(|email| self.former_addresses.contains(email))
    }
}

/// Returns the numbers of what redactions of entries cover. An entry that quotes several counts once.
pub(crate) fn count<'a>(redactions: impl IntoIterator<Item = &'a Redaction>) -> ErasureCounts {
    let (mut entries, mut quoting) = (0, BTreeSet::<UpdateId>::new());
    for redaction in redactions {
        entries += 1;
        quoting.extend(redaction.quotes.iter().map(|quote| quote.update_id));
    }
    ErasureCounts { cases: 0, entries, quotes: quoting.len() as u64 }
}

fn is_by(update: &UpdateSnapshot, people: &[PersonId]) -> bool {
    update.person_id.is_some_and(|person| people.contains(&person))
}

/// Returns the redactions of what people wrote, each with the later entries of others that quote it.
fn redactions(snapshots: &[Snapshot], people: &[PersonId]) -> Vec<Redaction> {
    let updates: Vec<&UpdateSnapshot> =
        snapshots.iter().flat_map(|snapshot| &snapshot.data.event.updates).collect();
    let written = updates.iter().enumerate().filter(|(_, update)| is_by(update, people));
    let redaction = |(place, update): (usize, &&UpdateSnapshot)| {
        let later = updates[place + 1..].iter().filter(|later| !is_by(later, people));
        let quoting = later.filter(|later| quotes(later.message.as_str(), update.message.as_str()));
        let quotes = quoting.map(|later| Quote { update_id: later.id, at: later.timestamp });
        Redaction { part: RedactedPart::UpdateId(update.id), quotes: quotes.collect() }
    };
    written.map(redaction).collect()
}
