//! Endpoints with which customers manage the participants of their cases, and participants leave.

pub(crate) mod add;
pub(crate) mod leave;
pub(crate) mod remove;

use engage_application::Changed;
use serde::Serialize;
use utoipa::ToSchema;

use crate::change_response::ChangeBody;
use crate::participant_body::PublicParticipantBody;

/// The participants after a change by the customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerParticipantsResponse {
    success: bool,
    #[schema(example = "Participants changed successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// All participants, including those who left or were removed.
    participants: Vec<PublicParticipantBody>,
}

impl ChangeBody for CustomerParticipantsResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        let participants = case.facts().participants.iter();
        Self {
            success: true,
            message: match event {
                Some(_) => "Participants changed successfully",
                None => "Nothing to change",
            },
            case_number: case.number().to_string(),
            participants: participants.map(PublicParticipantBody::to_customer).collect(),
        }
    }
}
