//! Participants of a case.

use crate::PersonName;
use crate::actor::{Actor, ParticipantRef};
use crate::contact::EmailAddress;
use crate::id::PersonId;
use crate::time::Timestamp;
use crate::update::Update;
use crate::visibility::Visibility;
use crate::wire::wire_enum;

wire_enum! {
    /// State of a participant.
    pub enum ParticipantState {
        /// Named by somebody who may not add participants, and not yet accepted.
        Proposed = "PROPOSED",
        /// Takes part.
        Active = "ACTIVE",
        /// Takes part, but mail to the address comes back.
        Bounced = "BOUNCED",
        /// Left the case. Only they and staff can bring them back.
        Left = "LEFT",
        /// Removed by the customer or staff.
        Removed = "REMOVED",
    }
}

wire_enum! {
    #[derive(Default)]
    /// Beginning of the part of a conversation that a participant may read.
    pub enum ReadsFrom {
        /// Entries from now on. The default.
        #[default]
        Now = "NOW",
        /// The whole conversation.
        Start = "START",
    }
}

/// A person other than the customer who takes or took part in a case.
///
/// Participants read the public entries from a time on, reply and send files. They neither escalate
/// nor cancel the case, nor add others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Participant {
    /// Id of the person within the case.
    pub id: PersonId,
    /// Name of the person, if it is known.
    pub name: Option<PersonName>,
    /// Address of the person. No two participants of a case have the same one.
    pub email: EmailAddress,
    /// State of the participation.
    pub state: ParticipantState,
    /// Actor who added the person, or brought them back.
    pub added_by: Actor,
    /// Time from which the person may read the conversation.
    pub reads_from: Timestamp,
    /// True once the person has acted with a proof that was sent to their address.
    #[cfg_attr(feature = "serde", serde(default))]
    pub proven: bool,
}

impl Participant {
    /// Maximum number of participants at a time.
    pub const MOST: usize = 20;

    /// Maximum number of participants of a case over time, because those who are gone are kept.
    pub const MOST_EVER: usize = 100;

    /// Returns the participant as the author of a change.
    pub fn to_ref(&self) -> ParticipantRef {
        ParticipantRef { id: self.id, name: self.name.clone() }
    }

    /// Returns the participant without their name and address, for history and for a case from which
    /// the person was erased.
    #[must_use]
    pub fn erased(&self) -> Self {
        let email = EmailAddress::erased_of(self.id);
        Self { name: None, email, added_by: self.added_by.clone(), ..*self }
    }

    /// Checks whether the person has neither left nor been removed. A proposed one counts as well.
    pub fn is_present(&self) -> bool {
        !matches!(self.state, ParticipantState::Left | ParticipantState::Removed)
    }

    /// Checks whether the person may read and reply.
    pub fn may_act(&self) -> bool {
        matches!(self.state, ParticipantState::Active | ParticipantState::Bounced)
    }

    /// Checks whether the person may hold an access token. Those who left may, since only they
    /// themselves and staff can bring them back.
    pub fn may_hold_token(&self) -> bool {
        self.may_act() || self.state == ParticipantState::Left
    }

    /// Checks whether the person may read an entry: a public one from the time on from which they
    /// read, or one of their own.
    pub fn may_read(&self, entry: &Update) -> bool {
        let is_own = entry.person_id == Some(self.id);
        let is_late_enough = entry.timestamp >= self.reads_from;
        self.may_act() && entry.visibility == Visibility::Public && (is_own || is_late_enough)
    }
}
