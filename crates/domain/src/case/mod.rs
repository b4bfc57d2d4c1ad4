//! Cases and the rules by which they change.

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
mod first_response;
mod lifecycle;
mod number;
mod open;
mod policies;
mod reply;
mod reply_policy;
mod resolution_pause;
mod status;
mod transitions;
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
pub use status::Status;
pub use transitions::{Action, InvalidTransition};
pub use update::{UpdateError, UpdateRequest};
pub use version::Version;

use crate::actor::Actor;
use crate::event::Event;
use crate::id::{EventId, UpdateId};
use crate::time::Timestamp;

/// A customer-support case.
///
/// [`Case::open`] opens a case and the methods below change it. Each of them leaves this value
/// unchanged and returns a [`Decision`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    facts: CaseFacts,
}

/// Result of a change: the new state of the case and the event that describes the change.
///
/// A store commits both or neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// New state of the case.
    pub case: Case,
    /// Event that describes the change.
    pub event: Event,
}

/// Time and actor of a change, with the ids that it may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Current time. If it is before the last activity of the case, for example on a machine whose
    /// clock is behind, the last activity is used instead.
    pub at: Timestamp,
    /// Actor of the change.
    pub actor: Actor,
    /// Id of the event.
    pub event_id: EventId,
    /// Ids for the entries in the conversation. A change writes at most two.
    pub update_ids: [UpdateId; 2],
}

impl Case {
    /// Restores a case from stored facts.
    pub fn from_facts(facts: CaseFacts) -> Self {
        Self { facts }
    }

    /// Returns all facts about the case.
    pub fn facts(&self) -> &CaseFacts {
        &self.facts
    }

    /// Converts the case to its facts, for storage.
    pub fn into_facts(self) -> CaseFacts {
        self.facts
    }

    /// Returns the number by which people refer to the case.
    pub fn number(&self) -> &CaseNumber {
        &self.facts.number
    }

    /// Returns the status.
    pub fn status(&self) -> Status {
        self.facts.status
    }

    /// Returns the version, which counts the changes to the case.
    pub fn version(&self) -> Version {
        self.facts.version
    }
}
