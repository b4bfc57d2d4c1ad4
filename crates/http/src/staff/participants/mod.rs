//! Endpoints with which staff manage the participants of a case.

pub(crate) mod add;
pub(crate) mod change;
pub(crate) mod list;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use engage_application::Changed;
use engage_domain::{PersonId, Version};
use serde::Serialize;
use utoipa::ToSchema;

use crate::change_response::ChangeBody;
use crate::error::ApiError;
use crate::participant_body::ParticipantBody;

/// The participant in the path.
pub(crate) struct ParticipantInPath(pub(crate) PersonId);

impl FromRequest for ParticipantInPath {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("participantId");
        let id = text.parse().map_err(|_| ApiError::ParticipantNotFound(text.trim().to_owned()));
        ready(id.map(Self))
    }
}

/// The participants after a change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParticipantsChangedResponse {
    success: bool,
    #[schema(example = "Participants changed successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// All participants, including those who left or were removed.
    participants: Vec<ParticipantBody>,
    /// Version of the case after the change.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
}

impl ChangeBody for ParticipantsChangedResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        let facts = case.facts();
        let body = |participant| ParticipantBody::new(participant, &facts.customer.name);
        Self {
            success: true,
            message: match event {
                Some(_) => "Participants changed successfully",
                None => "Nothing to change",
            },
            case_number: case.number().to_string(),
            participants: facts.participants.iter().map(body).collect(),
            version: facts.version,
        }
    }
}
