use actix_web::{HttpResponse, post, web};
use engage_application::{Changed, Proof};
use engage_domain::{CaseNumber, PersonId, ReplyRequest, Status, Update};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case_number;
use super::proof::{LinkMarkHeader, ProofHeaders};
use super::status::PublicUpdateBody;
use crate::change_headers::{Caller, ChangeHeaders, IdempotencyKeyHeader};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::files::download::FileBody;
use crate::files::inline::{InlineContent, InlineFile, inline_files};
use crate::files::submission::Submission;
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// A reply from the customer.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplyToCaseRequest {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// Text of the reply. Optional if files are attached.
    #[schema(max_length = 20_000, example = "It happens in every browser.")]
    message: Option<String>,
    /// Attached files.
    #[schema(
        max_items = 10,
        example = json!([{"filename": "error.txt", "contentType": "text/plain", "content": "NDAzIEZvcmJpZGRlbg=="}])
    )]
    attachments: Option<Vec<InlineFile>>,
    /// E-mail address that the case was opened with. If sent, it must match. The service may be
    /// configured to require it or `accessToken`.
    #[schema(max_length = 254, format = "email", example = "john@example.com")]
    email: Option<String>,
    /// Access token from the response that opened the case, or from a link in an e-mail. It can
    /// also be sent as a bearer token. If sent, it must be valid. The service may be configured to
    /// require it.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: Option<String>,
}

/// A reply as a form: the same fields, followed by the files.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // It only describes.
pub(crate) struct ReplyForm {
    /// Case number, in upper or lower case.
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Text of the reply. Optional if files are attached.
    #[schema(max_length = 20_000, example = "It happens in every browser.", nullable = false)]
    message: Option<String>,
    /// E-mail address that the case was opened with. If sent, it must match. The service may be
    /// configured to require it or `accessToken`.
    #[schema(max_length = 254, format = "email", example = "john@example.com", nullable = false)]
    email: Option<String>,
    /// Access token from the response that opened the case, or from a link in an e-mail. It can
    /// also be sent as a bearer token. If sent, it must be valid. The service may be configured to
    /// require it.
    #[schema(
        example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw",
        nullable = false
    )]
    access_token: Option<String>,
    /// Attached files, after all fields. At most 10 MiB (10,485,760 bytes) each and 25 MiB
    /// (26,214,400 bytes) together.
    #[schema(value_type = Option<Vec<String>>, format = Binary, max_items = 10, nullable = false)]
    attachments: Option<Vec<FileBody>>,
}

impl ReplyToCaseRequest {
    /// Validates the fields. In a form, an empty reply is only rejected once it is known that no
    /// files follow.
    fn validate(self, headers: ProofHeaders, is_form: bool) -> Result<ValidReply, ApiError> {
        let mut v = Validation::default();
        let number = case_number(&mut v, self.case_number.as_deref());
        let proof = headers.and(&mut v, self.email.as_deref(), self.access_token.as_deref());
        let message = v.optional("message", self.message.as_deref());
        let brings_files = is_form || self.attachments.as_ref().is_some_and(|all| !all.is_empty());
        let files = inline_files(&mut v, self.attachments);
        if self.message.is_none_or(|message| message.trim().is_empty()) && !brings_files {
            v.problem("message", "is required unless files are attached");
        }
        let number = v.finish(number)?;
        let request = ReplyRequest { message, attachments: Vec::new() };
        Ok(ValidReply { number: number?, proof, request, files })
    }
}

/// A reply with valid fields.
struct ValidReply {
    number: CaseNumber,
    proof: Proof,
    request: ReplyRequest,
    files: Vec<InlineContent>,
}

/// The reply that was added.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplyResponse {
    success: bool,
    #[schema(example = "Reply added successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Status of the case after the reply.
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    /// The new update.
    update: Option<PublicUpdateBody>,
}

impl ChangeBody for ReplyResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        let facts = case.facts();
        let update = event.as_ref().and_then(|event| event.updates.first());
        // Whoever replied reads the response.
        let body = |update: &Update| {
            let reader = update.person_id.unwrap_or(PersonId::of_customer(facts.id));
            PublicUpdateBody::new(update, reader, &facts.customer.name)
        };
        Self {
            success: true,
            message: "Reply added successfully",
            case_number: case.number().to_string(),
            status: case.status(),
            update: update.map(body),
        }
    }
}

/// Reply to a case.
///
/// A case that was waiting for the customer resumes, and a case that was resolved in the last 7
/// days reopens. Closed and cancelled cases accept no replies. By default, customers can send 20
/// replies per hour to a case. Files can be sent in the JSON body, up to 1 MiB in total, or in a
/// form after its fields.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader, LinkMarkHeader),
    request_body(content(
        (ReplyToCaseRequest = "application/json"),
        (ReplyForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The new reply.", body = ReplyResponse),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/reply")]
pub(crate) async fn reply_to_case(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    change_headers: ChangeHeaders,
    body: Submission<ReplyToCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let is_form = body.is_form();
    let validate = |fields: ReplyToCaseRequest| fields.validate(headers, is_form);
    let (valid, coming) = body.validate(validate).await?;
    let ValidReply { number, proof, mut request, files } = valid;
    let (reply, caller, bearer) =
        (use_cases.reply_to_case.clone(), number.clone(), proof.bearer.clone());
    let admission = in_time(async move { reply.admit(number, proof).await }).await?;
    let (files, digest) = coming.store(files, &use_cases.attachments).await?;
    request.attachments = files;
    let caller = Caller::Case(&caller, bearer.as_ref());
    let options = change_headers.options::<ReplyResponse>(&caller, digest);
    let reply = async move { use_cases.reply_to_case.execute(admission, request, options).await };
    Ok(ChangeResponse::of::<ReplyResponse>(in_time(reply).await?)?.to_customer())
}
