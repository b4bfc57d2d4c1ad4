//! Participants in responses.

use engage_domain::PersonName;
use engage_domain::{Actor, Participant, ParticipantState, Timestamp};
use engage_notifier::ActorSnapshot;
use serde::Serialize;
use utoipa::ToSchema;

/// A participant of a case, as staff see them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipantBody {
    /// Id of the participant.
    #[schema(example = "per_01jjg00000e008000000000001")]
    id: String,
    /// Name of the participant, if it is known.
    #[schema(example = "Ann Lee")]
    name: Option<String>,
    /// E-mail address of the participant.
    #[schema(example = "ann@example.com")]
    email: String,
    #[schema(value_type = String, example = "ACTIVE")]
    state: ParticipantState,
    /// Person who added the participant, or brought them back.
    added_by: ActorSnapshot,
    /// Time from which the participant may read the conversation.
    #[schema(value_type = String, format = DateTime)]
    reads_from: Timestamp,
    /// True once the participant has acted with a proof that was sent to their address.
    proven: bool,
}

impl ParticipantBody {
    /// Builds the response for a participant. `customer` is the name of the case's customer.
    pub(crate) fn new(participant: &Participant, customer: &PersonName) -> Self {
        Self {
            id: participant.id.to_string(),
            name: participant.name.as_ref().map(ToString::to_string),
            email: participant.email.to_string(),
            state: participant.state,
            added_by: ActorSnapshot::new(&participant.added_by, customer),
            reads_from: participant.reads_from,
            proven: participant.proven,
        }
    }
}

/// A participant of a case, as its customer and the other participants see them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicParticipantBody {
    /// Id of the participant.
    #[schema(example = "per_01jjg00000e008000000000001")]
    id: String,
    /// Name of the participant, if it is known.
    #[schema(example = "Ann Lee")]
    name: Option<String>,
    /// E-mail address of the participant. Absent unless the reader is the customer and added them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, example = "ann@example.com")]
    email: Option<String>,
    #[schema(value_type = String, example = "ACTIVE")]
    state: ParticipantState,
}

impl PublicParticipantBody {
    /// Builds the response for the customer.
    pub(crate) fn to_customer(participant: &Participant) -> Self {
        let email = Some(participant.email.to_string());
        let is_customers = participant.added_by == Actor::Customer;
        Self { email: email.filter(|_| is_customers), ..Self::to_participant(participant) }
    }

    /// Builds the response for another participant.
    pub(crate) fn to_participant(participant: &Participant) -> Self {
        Self {
            id: participant.id.to_string(),
            name: participant.name.as_ref().map(ToString::to_string),
            email: None,
            state: participant.state,
        }
    }
}
