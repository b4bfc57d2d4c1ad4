//! The case: what is known of it, and the rules by which it changes.

mod apply_due_action;
mod assign;
mod cancel;
mod correct;
mod counted_replies;
mod customer;
mod draft;
mod erase;
mod escalate;
mod facts;
mod lifecycle;
mod number;
mod open;
mod policies;
mod reply;
mod reply_policy;
mod resolution_pause;
mod status;
mod update;
mod version;

pub use assign::{AssignError, AssignRequest};
pub use correct::CorrectRequest;
pub use counted_replies::CountedReplies;
pub use customer::Customer;
pub use escalate::{EscalateError, EscalateRequest};
pub use facts::{Assignment, CaseFacts};
pub use lifecycle::LifecyclePolicy;
pub use number::{CaseNumber, CaseNumberError, CaseNumberPrefix};
pub use open::OpenRequest;
pub use policies::Policies;
pub use reply::{ReplyError, ReplyRequest};
pub use reply_policy::ReplyPolicy;
pub use status::{Action, InvalidTransition, Status};
pub use update::{UpdateError, UpdateRequest};
pub use version::Version;

use crate::actor::Actor;
use crate::event::Event;
use crate::id::{EventId, UpdateId};
use crate::time::Timestamp;

/// A customer-support case.
///
/// It is opened by [`Case::open`] and changed by the methods below, each of which leaves this value
/// as it is and answers with a [`Decision`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    facts: CaseFacts,
}

/// What a change comes to: the case as it will be, and the event that says what happened.
///
/// The two belong together: a store keeps both or neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The case as it will be.
    pub case: Case,
    /// What happened.
    pub event: Event,
}

/// Who changes a case, when, and the ids that the change may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The present time. Where it lies before the case's last activity, as on a machine whose
    /// clock is behind, that counts as the present.
    pub at: Timestamp,
    /// Who does it.
    pub actor: Actor,
    /// The id of the event.
    pub event_id: EventId,
    /// The ids of the entries in the conversation, of which a change writes at most two.
    pub update_ids: [UpdateId; 2],
}

impl Case {
    /// The case that a store kept.
    pub fn from_facts(facts: CaseFacts) -> Self {
        Self { facts }
    }

    /// Everything that is known of the case.
    pub fn facts(&self) -> &CaseFacts {
        &self.facts
    }

    /// Everything that is known of the case, for a store to keep.
    pub fn into_facts(self) -> CaseFacts {
        self.facts
    }

    /// Names the case to people.
    pub fn number(&self) -> &CaseNumber {
        &self.facts.number
    }

    /// Where the case stands.
    pub fn status(&self) -> Status {
        self.facts.status
    }

    /// How many changes the case has seen.
    pub fn version(&self) -> Version {
        self.facts.version
    }
}
