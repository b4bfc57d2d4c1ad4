use actix_web::{HttpResponse, post, web};
use engage_application::{Changed, Proof};
use engage_domain::{CaseNumber, ReplyRequest, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::case_number;
use super::proof::Bearer;
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

/// An answer to the desk.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplyToCaseRequest {
    /// The case's number, in any case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// What to say; may be left out beside files.
    #[schema(max_length = 20_000, example = "It happens in every browser.")]
    message: Option<String>,
    /// Files that belong to it.
    #[schema(
        max_items = 10,
        example = json!([{"filename": "error.txt", "contentType": "text/plain", "content": "NDAzIEZvcmJpZGRlbg=="}])
    )]
    attachments: Option<Vec<InlineFile>>,
    /// The address that the case was opened with. Where it is sent it has to fit; the desk may ask
    /// for it or for `accessToken`.
    #[schema(max_length = 254, format = "email", example = "john@example.com")]
    email: Option<String>,
    /// The token from the answer to the case's creation, or from the link in an e-mail; may come as
    /// a bearer token, too. Where it is sent it has to fit; the desk may ask for it.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: Option<String>,
}

/// An answer with files: the same fields, and the files after them.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // It only describes.
pub(crate) struct ReplyForm {
    /// The case's number, in any case.
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// What to say; may be left out beside files.
    #[schema(max_length = 20_000, example = "It happens in every browser.", nullable = false)]
    message: Option<String>,
    /// The address that the case was opened with. Where it is sent it has to fit; the desk may ask
    /// for it or for `accessToken`.
    #[schema(max_length = 254, format = "email", example = "john@example.com", nullable = false)]
    email: Option<String>,
    /// The token from the answer to the case's creation, or from the link in an e-mail; may come as
    /// a bearer token, too. Where it is sent it has to fit; the desk may ask for it.
    #[schema(
        example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw",
        nullable = false
    )]
    access_token: Option<String>,
    /// Files of at most 10 MiB (10,485,760 bytes) each and 25 MiB (26,214,400 bytes) together, after
    /// all fields.
    #[schema(value_type = Option<Vec<String>>, format = Binary, max_items = 10, nullable = false)]
    attachments: Option<Vec<FileBody>>,
}

impl ReplyToCaseRequest {
    /// Where files may still come, who sends nothing is refused once it is known that none did.
    fn validate(self, bearer: Bearer, is_form: bool) -> Result<ValidReply, ApiError> {
        let mut v = Validation::default();
        let number = case_number(&mut v, self.case_number.as_deref());
        let proof = bearer.and(&mut v, self.email.as_deref(), self.access_token.as_deref());
        let message = v.optional("message", self.message.as_deref());
        let brings_files = is_form || self.attachments.as_ref().is_some_and(|all| !all.is_empty());
        let files = inline_files(&mut v, self.attachments);
        if self.message.is_none_or(|message| message.trim().is_empty()) && !brings_files {
            v.problem("message", "must be given, unless there are files");
        }
        let number = v.finish(number)?;
        let request = ReplyRequest { message, attachments: Vec::new() };
        Ok(ValidReply { number: number?, proof, request, files })
    }
}

/// An answer of which nothing is wrong by itself.
struct ValidReply {
    number: CaseNumber,
    proof: Proof,
    request: ReplyRequest,
    files: Vec<InlineContent>,
}

/// An answer was added.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplyResponse {
    success: bool,
    #[schema(example = "Reply added successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Where the case stands now.
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    /// What was added.
    update: Option<PublicUpdateBody>,
}

impl ChangeBody for ReplyResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        let customer = &case.facts().customer.name;
        let update = event.as_ref().and_then(|event| event.updates.first());
        Self {
            success: true,
            message: "Reply added successfully",
            case_number: case.number().to_string(),
            status: case.status(),
            update: update.map(|update| PublicUpdateBody::new(update, customer)),
        }
    }
}

/// Answer the desk.
///
/// A case that waited for the customer goes on, and one that was resolved in the last 7 days is
/// reopened; one that is closed or cancelled takes no answer. A case takes 20 answers an hour, unless the
/// desk is set up otherwise. Files come in the JSON body, up to 1 MiB of them, or in a form after its
/// fields.
#[utoipa::path(
    security((), ("accessToken" = [])),
    params(IdempotencyKeyHeader),
    request_body(content(
        (ReplyToCaseRequest = "application/json"),
        (ReplyForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The answer is added.", body = ReplyResponse),
        (status = 401, description = "`PROOF_REQUIRED`.", body = ErrorBody),
        (status = 404, description = "`CASE_NOT_FOUND`: there is none, or what was shown does not fit.", body = ErrorBody),
        (status = 408, description = "`REQUEST_TIMEOUT`: it was silent for 10 s, or slower than 32 KiB a second.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION` or `IDEMPOTENCY_IN_PROGRESS`.", body = ErrorBody),
        (status = 507, description = "`STORAGE_FULL`: there is no room for files; without them the request is served.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/reply")]
pub(crate) async fn reply_to_case(
    use_cases: web::Data<CustomerUseCases>,
    bearer: Bearer,
    change_headers: ChangeHeaders,
    body: Submission<ReplyToCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let is_form = body.is_form();
    let validate = |fields: ReplyToCaseRequest| fields.validate(bearer, is_form);
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
