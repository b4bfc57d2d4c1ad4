use engage_domain::{Actor, CaseId, Participant, PersonId};
use engage_repository::ParticipantView;

/// A person of a case whose proof was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CasePerson {
    /// The customer of the case. In some access modes, whoever knows its number counts as the
    /// customer.
    Customer,
    /// A participant, as the case has them.
    Participant(Participant),
}

impl CasePerson {
    /// Returns the person as the author of a change.
    pub fn to_actor(&self) -> Actor {
        match self {
            Self::Customer => Actor::Customer,
            Self::Participant(participant) => Actor::Participant(participant.to_ref()),
        }
    }

    /// Returns the id of the person of a case.
    pub fn id(&self, case: CaseId) -> PersonId {
        match self {
            Self::Customer => PersonId::of_customer(case),
            Self::Participant(participant) => participant.id,
        }
    }

    /// Returns the part of the conversation that the person may read, or `None` if that is all of
    /// it.
    pub fn view(&self) -> Option<ParticipantView> {
        match self {
            Self::Customer => None,
            Self::Participant(participant) => Some(ParticipantView::of(participant)),
        }
    }
}
