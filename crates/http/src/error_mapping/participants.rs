//! Maps the errors about participants.

use engage_application::{InviteError, RotateAccessError};
use engage_domain::case::{
    AddParticipantError, ComeBackError, EndParticipationError, NameParticipantError,
};

use super::too_soon;
use crate::error::ApiError;

impl From<AddParticipantError> for ApiError {
    fn from(error: AddParticipantError) -> Self {
        not_added(error, "email")
    }
}

impl From<InviteError> for ApiError {
    fn from(error: InviteError) -> Self {
        const FIELD: &str = "participantEmail";
        match error {
            InviteError::Refused(error) => not_added(error, FIELD),
            InviteError::RefusedAddress => Self::invalid(FIELD, error.to_string()),
            InviteError::TooManyNew { retry_after } => too_soon(
                "You have added as many new people to your cases as you may within a day",
                retry_after,
            ),
        }
    }
}

fn not_added(error: AddParticipantError, field: &'static str) -> ApiError {
    match error {
        AddParticipantError::InvalidTransition(refusal) => refusal.into(),
        AddParticipantError::WrongActor(error) => error.into(),
        AddParticipantError::TooMany { most } => ApiError::LimitReached {
            reason: "The case has as many participants as it may have",
            limit: most,
        },
        AddParticipantError::IsCustomer
        | AddParticipantError::IsStaff
        | AddParticipantError::IsAutomatic
        | AddParticipantError::HasLeft
        | AddParticipantError::WasRemoved => ApiError::invalid(field, error.to_string()),
    }
}

impl From<EndParticipationError> for ApiError {
    fn from(error: EndParticipationError) -> Self {
        match error {
            EndParticipationError::WrongActor(error) => error.into(),
            EndParticipationError::NotFound(id) => Self::ParticipantNotFound(id.to_string()),
        }
    }
}

impl From<NameParticipantError> for ApiError {
    fn from(error: NameParticipantError) -> Self {
        match error {
            NameParticipantError::InvalidTransition(refusal) => refusal.into(),
            NameParticipantError::WrongActor(error) => error.into(),
            NameParticipantError::NotFound(id) => Self::ParticipantNotFound(id.to_string()),
        }
    }
}

impl From<ComeBackError> for ApiError {
    fn from(error: ComeBackError) -> Self {
        match error {
            ComeBackError::InvalidTransition(refusal) => refusal.into(),
            ComeBackError::WrongActor(error) => error.into(),
        }
    }
}

impl From<RotateAccessError> for ApiError {
    fn from(error: RotateAccessError) -> Self {
        match error {
            RotateAccessError::PersonNotFound(id) => Self::ParticipantNotFound(id.to_string()),
        }
    }
}
