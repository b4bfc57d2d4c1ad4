//! Maps the errors of the use cases to the errors of the API.

mod participants;
mod tags;

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use engage_application::{
    AssignCaseError, CaseError, OnBehalfError, OpenCaseByStaffError, RedactCaseError, RedeemError,
    ReplayError, RetryError, SendTestError, StaffError, StoreFileError, TokenError,
    UpdateCaseError, WebhookError,
};
use engage_domain::case::{
    CancelError, CorrectError, EscalateError, InvalidTransition, ReplyError, UpdateError,
    WrongActor,
};
use engage_domain::{StaffId, Urgency};
use engage_identity::VerifierError;
use engage_repository::RepositoryError;

use crate::error::{ApiError, FieldProblem};
use crate::opening::no_contact;
use crate::staff::members::{NOT_OF_SERVICE, ONLY_OF_SERVICE};
use crate::validation::Validation;

impl<R> From<CaseError<R>> for ApiError
where
    R: Error + 'static,
    Self: From<R>,
{
    fn from(error: CaseError<R>) -> Self {
        match error {
            CaseError::NotFound(number) => Self::CaseNotFound(number.to_string()),
            CaseError::ProofRequired { accepts } => Self::ProofRequired { accepts },
            CaseError::Refused(refusal) => refusal.into(),
            CaseError::Revoked => Self::Unauthorized,
            CaseError::Stale { current } => Self::PreconditionFailed { current },
            CaseError::InProgress => Self::IdempotencyInProgress,
            CaseError::KeyReused => Self::IdempotencyKeyReused,
            CaseError::Busy => Self::Unavailable,
            CaseError::Repository(error) => error.into(),
        }
    }
}

impl From<Infallible> for ApiError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<InvalidTransition> for ApiError {
    fn from(refusal: InvalidTransition) -> Self {
        Self::InvalidTransition(refusal)
    }
}

/// The routes for customers are for participants as well. Otherwise each route has callers of one
/// kind, so that a wrong one is a fault of the server.
impl From<WrongActor> for ApiError {
    fn from(error: WrongActor) -> Self {
        match error {
            WrongActor::IsParticipant => Self::CustomerOnly,
            WrongActor::NotParticipating => Self::ParticipantOnly,
            WrongActor::NotStaff | WrongActor::NotCustomer => {
                tracing::error!(%error, "a route let the wrong caller change a case");
                Self::Internal
            }
        }
    }
}

impl From<CancelError> for ApiError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::InvalidTransition(refusal) => refusal.into(),
            CancelError::WrongActor(error) => error.into(),
        }
    }
}

impl From<CorrectError> for ApiError {
    fn from(error: CorrectError) -> Self {
        match error {
            CorrectError::InvalidTransition(refusal) => refusal.into(),
            CorrectError::WrongActor(error) => error.into(),
            CorrectError::NoContact => Self::Validation(vec![no_contact()]),
            CorrectError::IsParticipant => Self::invalid("email", error.to_string()),
        }
    }
}

impl From<RedactCaseError> for ApiError {
    fn from(error: RedactCaseError) -> Self {
        match error {
            RedactCaseError::UpdateNotFound(id) => Self::UpdateNotFound(id.to_string()),
            RedactCaseError::AttachmentNotFound(id) => Self::AttachmentNotFound(id.to_string()),
            RedactCaseError::WrongActor(error) => error.into(),
        }
    }
}

impl From<EscalateError> for ApiError {
    fn from(error: EscalateError) -> Self {
        match error {
            EscalateError::InvalidTransition(refusal) => refusal.into(),
            EscalateError::WrongActor(error) => error.into(),
            EscalateError::UrgencyLowered { current, .. } => Self::Validation(vec![FieldProblem {
                field: "newUrgency".into(),
                message: error.to_string(),
                allowed: Some(Urgency::SPELLINGS[current as usize..].to_vec()),
            }]),
            EscalateError::CoolingDown { retry_after } => {
                too_soon("The case was escalated a short while ago", retry_after)
            }
        }
    }
}

impl From<ReplyError> for ApiError {
    fn from(error: ReplyError) -> Self {
        match error {
            ReplyError::InvalidTransition(refusal) => refusal.into(),
            ReplyError::WrongActor(error) => error.into(),
            ReplyError::Empty => {
                let mut validation = Validation::default();
                validation.problem("message", error.to_string());
                validation.refusal()
            }
            ReplyError::TooMany { retry_after } => {
                too_soon("The case has had many replies in a short time", retry_after)
            }
            ReplyError::FilesTooLarge { most } => Self::CaseFilesTooLarge { limit: most },
        }
    }
}

/// Rounds the wait up, so that a client that waits exactly this long succeeds.
fn too_soon(reason: &'static str, retry_after: Duration) -> ApiError {
    let seconds = retry_after.as_millis().div_ceil(1000);
    ApiError::TooSoon { reason, retry_after_seconds: seconds.try_into().unwrap_or(u64::MAX) }
}

impl From<UpdateError> for ApiError {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::InvalidTransition(refusal) => refusal.into(),
            UpdateError::WrongActor(error) => error.into(),
            UpdateError::TooManyTags(error) => error.into(),
            UpdateError::Empty => Self::invalid(
                "message",
                "must be given, unless there is a statusChange, a file, or a tag to add or to remove",
            ),
        }
    }
}

impl From<AssignCaseError> for ApiError {
    fn from(error: AssignCaseError) -> Self {
        match error {
            AssignCaseError::StaffNotFound(id) => Self::StaffNotFound(id.to_string()),
            AssignCaseError::Machine(id) => Self::NotAssignable(id.to_string()),
            AssignCaseError::InvalidTransition(refusal) => refusal.into(),
            AssignCaseError::WrongActor(error) => error.into(),
        }
    }
}

impl From<OpenCaseByStaffError> for ApiError {
    fn from(error: OpenCaseByStaffError) -> Self {
        match error {
            OpenCaseByStaffError::NoContact => Self::Validation(vec![no_contact()]),
            OpenCaseByStaffError::StaffNotFound(id) => Self::StaffNotFound(id.to_string()),
            OpenCaseByStaffError::Machine(id) => Self::NotAssignable(id.to_string()),
            OpenCaseByStaffError::UploadNotFound(id) => Self::UploadNotFound(id.to_string()),
            OpenCaseByStaffError::UploadTaken => Self::UploadTaken,
            OpenCaseByStaffError::WrongActor(error) => error.into(),
        }
    }
}

impl From<StaffError> for ApiError {
    fn from(error: StaffError) -> Self {
        match error {
            StaffError::NotFound(id) => Self::StaffNotFound(id.to_string()),
            StaffError::IdReserved(_) => {
                let mut validation = Validation::default();
                let words = StaffId::RESERVED.join(" or ");
                validation.problem("id", format!("must not be {words}, which are reserved"));
                validation.refusal()
            }
            StaffError::IdTaken(id) => Self::Taken { field: "id", value: id.to_string() },
            StaffError::EmailTaken(email) => {
                Self::Taken { field: "email", value: email.to_string() }
            }
            StaffError::LastAdmin(id) => Self::LastAdmin(id.to_string()),
            StaffError::RoleFixed(id) => Self::RoleFixed(id.to_string()),
            StaffError::NotOfService(field) => Self::invalid(field, NOT_OF_SERVICE),
            StaffError::OnlyOfService(field) => Self::invalid(field, ONLY_OF_SERVICE),
            StaffError::NotRepresentable(id) => {
                let message = format!("must not name {id}, who is not a person among the staff");
                Self::invalid("actsFor", message)
            }
            StaffError::Repository(error) => error.into(),
        }
    }
}

impl From<OnBehalfError> for ApiError {
    fn from(error: OnBehalfError) -> Self {
        match error {
            OnBehalfError::NotPermitted { member, .. } | OnBehalfError::NotFound(member) => {
                Self::OnBehalfRefused(member.to_string())
            }
            OnBehalfError::Verifier(error) => error.into(),
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::StaffNotFound(id) => Self::StaffNotFound(id.to_string()),
            TokenError::NotFound(id) => Self::TokenNotFound(id.to_string()),
            TokenError::Expired => Self::invalid("expiresAt", "must be in the future"),
            TokenError::TooMany { most, .. } => Self::TooManyTokens { limit: most },
            TokenError::MakerIsVoid => Self::Unauthorized,
            TokenError::NotPermitted(permission) => {
                Self::Forbidden { required: permission.required_role() }
            }
            TokenError::AdminByClaim => Self::AdminByClaim,
            TokenError::NotRotatable(id) => Self::TokenNotRotatable(id.to_string()),
            TokenError::Repository(error) => error.into(),
        }
    }
}

impl From<StoreFileError> for ApiError {
    fn from(error: StoreFileError) -> Self {
        match error {
            StoreFileError::TooLarge { limit } => Self::FilesTooLarge { limit },
            StoreFileError::NoSpace => Self::StorageFull,
            // The client disconnected or was too slow.
            StoreFileError::Interrupted => Self::RequestTimeout,
            StoreFileError::Repository(error) => error.into(),
        }
    }
}

impl From<VerifierError> for ApiError {
    fn from(error: VerifierError) -> Self {
        let cause = error.causes();
        match error {
            VerifierError::Unavailable(_) => {
                tracing::warn!(%error, cause);
                Self::Unavailable
            }
            VerifierError::Internal(_) => {
                tracing::error!(%error, cause);
                Self::Internal
            }
        }
    }
}

impl From<UpdateCaseError> for ApiError {
    fn from(error: UpdateCaseError) -> Self {
        match error {
            UpdateCaseError::Update(error) => error.into(),
            UpdateCaseError::UploadNotFound(id) => Self::UploadNotFound(id.to_string()),
            UpdateCaseError::UploadTaken => Self::UploadTaken,
        }
    }
}

impl From<RetryError> for ApiError {
    fn from(error: RetryError) -> Self {
        match error {
            RetryError::NotFound(id) => Self::NotificationNotFound(id.to_string()),
            RetryError::NotDead(id) => Self::NotificationNotDead(id.to_string()),
            RetryError::Repository(error) => error.into(),
        }
    }
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Refused { reason } => Self::invalid("url", reason),
            WebhookError::NotFound(id) => Self::WebhookNotFound(id.to_string()),
            WebhookError::UrlTaken { url, other } => {
                Self::UrlTaken { url: url.to_string(), other: other.to_string() }
            }
            WebhookError::TooManyHeaders(error) => Self::invalid("headers", error.to_string()),
            WebhookError::TooManySecrets { retry_after } => Self::RateLimited {
                retry_after_seconds: retry_after
                    .as_millis()
                    .div_ceil(1000)
                    .try_into()
                    .unwrap_or(u64::MAX),
            },
            WebhookError::Repository(error) => error.into(),
        }
    }
}

impl From<SendTestError> for ApiError {
    fn from(error: SendTestError) -> Self {
        match error {
            SendTestError::NotFound(id) => Self::WebhookNotFound(id.to_string()),
            SendTestError::Failed(failure) => {
                Self::WebhookTestFailed { reason: failure.to_string() }
            }
            SendTestError::Repository(error) => error.into(),
        }
    }
}

impl From<RedeemError> for ApiError {
    fn from(error: RedeemError) -> Self {
        match error {
            RedeemError::Invalid => Self::AccessCodeInvalid,
            RedeemError::Busy => CaseError::<Infallible>::Busy.into(),
            RedeemError::Repository(error) => error.into(),
        }
    }
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::NotFound(id) => Self::WebhookNotFound(id.to_string()),
            ReplayError::NoSuchMessage(id) => Self::NotificationNotFound(id.to_string()),
            ReplayError::Repository(error) => error.into(),
        }
    }
}

impl From<RepositoryError> for ApiError {
    fn from(error: RepositoryError) -> Self {
        let cause = error.causes();
        match error {
            // The use cases retry conflicts. A conflict that gets here lost too many races.
            RepositoryError::Conflict
            | RepositoryError::Outdated
            | RepositoryError::Duplicate { .. } => {
                tracing::warn!(%error, "the change conflicted too often");
                Self::Unavailable
            }
            RepositoryError::Unavailable(_) => {
                tracing::warn!(%error, cause);
                Self::Unavailable
            }
            RepositoryError::Internal(_) => {
                tracing::error!(%error, cause);
                Self::Internal
            }
        }
    }
}
