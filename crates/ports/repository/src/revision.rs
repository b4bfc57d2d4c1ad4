use engage_domain::{Address, AttachmentId, EmailAddress, EventId, Message, PersonId, UpdateId};

/// Changes to what was stored of a case before, committed with a change of the case.
///
/// A corrected address ends the access of the old one, and a redaction removes a text wherever it was
/// stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision {
    /// If set, a new generation of proofs of ownership starts, and the one-time code is deleted.
    pub ends_access: bool,
    /// If set, a new generation of proofs of ownership starts because the customer's address was proven.
    /// Proofs of the generation before that came to the address stay valid.
    pub proves_customer: bool,
    /// Addresses that no longer are those of a person of the case.
    pub former_addresses: Vec<Address>,
    /// If set, the search words are extracted again from the case and its conversation.
    pub renews_words: bool,
    /// Redaction, if something is redacted.
    pub redaction: Option<StoredRedaction>,
    /// Erasure of people who are not the customer, if anybody is erased.
    pub people: Option<PeopleErasure>,
}

/// Stored data that a redaction replaces and removes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredRedaction {
    /// Snapshots of earlier events without the redacted part.
    pub snapshots: Vec<(EventId, String)>,
    /// Update with its new text.
    pub update: Option<(UpdateId, Message)>,
    /// Removed file.
    pub attachment: Option<AttachmentId>,
    /// Pieces of JSON to replace in stored responses to requests, each with its replacement.
    pub responses: Vec<(String, String)>,
}

/// Stored data of people who are not the customer of a case, which their erasure replaces and removes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleErasure {
    /// Participants who are erased.
    pub people: Vec<PersonId>,
    /// Addresses of the erased people that the customer of the case had before a correction.
    pub former_addresses: Vec<EmailAddress>,
    /// Text that replaces what the participants wrote.
    pub text: Message,
    /// Snapshots of earlier events without the people.
    pub snapshots: Vec<(EventId, String)>,
    /// Pieces of JSON to replace in stored responses to requests, each with its replacement.
    pub responses: Vec<(String, String)>,
}

impl Revision {
    /// Checks whether something stored is removed for ever.
    pub fn removes_data(&self) -> bool {
        self.redaction.is_some() || self.people.is_some()
    }

    /// Checks whether there is nothing to revise.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
