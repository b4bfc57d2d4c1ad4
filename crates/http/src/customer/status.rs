use std::num::NonZeroU32;

use actix_web::{HttpResponse, post, web};
use engage_application::{CasePerson, LookedUpCase};
use engage_domain::{
    CaseFacts, FirstMessageBy, PersonId, PersonName, Status, Timestamp, Update, Urgency, Visibility,
};
use engage_notifier::{ActorSnapshot, AttachmentSnapshot};
use engage_repository::UpdatesWanted;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case_number;
use super::proof::ProofHeaders;
use crate::body::JsonBody;
use crate::conversation::{ConversationPagination, LARGEST_PAGE, PAGE, read_cursor};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::participant_body::PublicParticipantBody;
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// The case to look up.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseStatusRequest {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// E-mail address that the case was opened with. If sent, it must match. The service may be
    /// configured to require it or `accessToken`.
    #[schema(max_length = 254, format = "email", example = "john@example.com")]
    email: Option<String>,
    /// Access token from the response that opened the case, or from a link in an e-mail. It can
    /// also be sent as a bearer token. If sent, it must be valid. The service may be configured to
    /// require it.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: Option<String>,
    /// Maximum number of updates to return, 50 by default.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100, example = 50)]
    limit: Option<i64>,
    /// Requests older updates: the `pagination.nextCursor` of an earlier response.
    #[schema(max_length = 12, example = "AQAAACoAAAAB")]
    cursor: Option<String>,
}

/// Status and conversation of a case.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseStatusResponse {
    success: bool,
    case: CaseProgressBody,
    /// Public updates, oldest first: the newest ones, or those before the cursor.
    updates: Vec<PublicUpdateBody>,
    pagination: ConversationPagination,
}

/// Status of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CaseProgressBody {
    #[schema(example = "CW-2025-001")]
    case_number: String,
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    #[schema(value_type = String, example = "HIGH")]
    urgency: Urgency,
    /// Subject of the case.
    #[schema(example = "Unable to access dashboard")]
    subject: String,
    /// Message that the case begins with. Absent if the reader is a participant who may not read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, example = "Detailed description of the issue...")]
    message: Option<String>,
    /// `STAFF` if staff wrote the message. Absent if it is the customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false, value_type = String, example = "STAFF")]
    message_by: Option<FirstMessageBy>,
    /// Time at which the case was opened.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Time of the last change to anything in this response.
    #[schema(value_type = String, format = DateTime)]
    last_updated: Timestamp,
    /// Estimated time of resolution.
    #[schema(value_type = String, format = DateTime)]
    estimated_resolution: Timestamp,
    /// Participants of the case. Absent if there are none. A participant sees who takes part at
    /// present; the customer also sees who left, was removed or is only proposed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    participants: Vec<PublicParticipantBody>,
}

/// A public update of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PublicUpdateBody {
    /// Time of the update.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// Author of the update.
    author: AuthorBody,
    /// True if the reader, or the customer if the case is read without a token, wrote the update.
    is_mine: bool,
    /// Text of the update.
    message: String,
    /// Always false here.
    is_internal: bool,
    /// Attached files. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    attachments: Vec<AttachmentSnapshot>,
}

/// Author of an update, as shown to customers.
#[derive(Serialize, ToSchema)]
struct AuthorBody {
    /// `CUSTOMER`, `PARTICIPANT`, `STAFF` or `SYSTEM`.
    #[schema(example = "STAFF")]
    kind: String,
    /// Display name of the author.
    #[schema(example = "Jane Smith")]
    name: String,
}

impl PublicUpdateBody {
    /// Builds the response for an update, which a person of the case reads. `customer` is the name of
    /// the case's customer.
    pub(super) fn new(update: &Update, reader: PersonId, customer: &PersonName) -> Self {
        let ActorSnapshot { kind, name, id: _, via: _ } =
            ActorSnapshot::new(&update.author, customer);
        Self {
            timestamp: update.timestamp,
            author: AuthorBody { kind, name },
            is_mine: update.person_id == Some(reader),
            message: update.message.to_string(),
            is_internal: update.visibility == Visibility::Internal,
            attachments: update.attachments.iter().map(AttachmentSnapshot::from).collect(),
        }
    }
}

impl CaseStatusResponse {
    fn new(LookedUpCase { progress, person }: &LookedUpCase, wanted: &UpdatesWanted) -> Self {
        let case = progress.case.facts();
        let page = &progress.public_updates;
        let reader = person.id(case.id);
        let body = |update| PublicUpdateBody::new(update, reader, &case.customer.name);
        let may_read_message = person.view().is_none_or(|view| view.reads_from <= case.created_at);
        Self {
            success: true,
            case: CaseProgressBody {
                case_number: case.number.to_string(),
                status: case.status,
                urgency: case.urgency,
                subject: case.subject.to_string(),
                message: may_read_message.then(|| case.message.to_string()),
                message_by: Some(case.first_message_by)
                    .filter(|author| *author == FirstMessageBy::Staff),
                participants: shown_participants(case, person),
                created_at: case.created_at,
                last_updated: case.last_updated,
                estimated_resolution: case.estimated_resolution,
            },
            updates: page.entries.iter().map(body).collect(),
            pagination: ConversationPagination::new(wanted, page),
        }
    }
}

/// Returns the participants whom a person of the case sees.
fn shown_participants(case: &CaseFacts, reader: &CasePerson) -> Vec<PublicParticipantBody> {
    let participants = case.participants.iter();
    match reader {
        CasePerson::Customer => participants.map(PublicParticipantBody::to_customer).collect(),
        CasePerson::Participant(_) => participants
            .filter(|participant| participant.may_act())
            .map(PublicParticipantBody::to_participant)
            .collect(),
    }
}

/// Reads the requested number of updates.
fn read_limit(v: &mut Validation, given: Option<i64>) -> Option<NonZeroU32> {
    let limit = u32::try_from(given.unwrap_or(PAGE.into())).ok().and_then(NonZeroU32::new);
    let limit = limit.filter(|limit| limit.get() <= LARGEST_PAGE);
    if limit.is_none() {
        v.problem("limit", format!("must be a whole number from 1 to {LARGEST_PAGE}"));
    }
    limit
}

/// Look up the status of a case.
///
/// The response contains the newest page of the conversation, or an older page if a cursor is sent.
#[utoipa::path(
    security((), ("accessToken" = [])),
    request_body = CaseStatusRequest,
    responses(
        (status = 200, description = "The case.", body = CaseStatusResponse),
    ),
)]
#[post("/api/support/case/status")]
pub(crate) async fn look_up_case(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    body: JsonBody<CaseStatusRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let proof = headers.and(&mut v, body.0.email.as_deref(), body.0.access_token.as_deref());
    let limit = read_limit(&mut v, body.0.limit);
    let before = read_cursor(&mut v, body.0.cursor.as_deref());
    let (number, limit) = v.finish(number.zip(limit))?;
    let (number, wanted) = (number?, UpdatesWanted { before, limit, view: None });
    let look = async move { use_cases.look_up_case.execute(&number, &proof, &wanted).await };
    let found = in_time(look).await?;
    Ok(HttpResponse::Ok().json(CaseStatusResponse::new(&found, &wanted)))
}
