use actix_web::{HttpRequest, HttpResponse, post, web};
use engage_domain::AttachmentId;
use serde::Deserialize;
use utoipa::ToSchema;

use super::case_number;
use super::proof::ProofHeaders;
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::files::download::{FileBody, send};
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// The file to download.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttachmentRequest {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// Id of the file, from an update of the case.
    #[schema(required, example = "att_01jjg00000e008000000000001", nullable = false)]
    attachment_id: Option<String>,
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

/// Download a file of a case.
///
/// The response is the file itself. `Content-Disposition` carries its name.
#[utoipa::path(
    security((), ("accessToken" = [])),
    request_body = AttachmentRequest,
    responses(
        (status = 200, description = "The file. Its SHA-256 is the `ETag`.", body = FileBody, content_type = "*/*"),
        (status = 304, description = "The file matches `If-None-Match`."),
        (status = 404, description = "`ATTACHMENT_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/attachment")]
pub(crate) async fn download_case_attachment(
    use_cases: web::Data<CustomerUseCases>,
    headers: ProofHeaders,
    body: JsonBody<AttachmentRequest>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let number = case_number(&mut v, body.0.case_number.as_deref());
    let proof = headers.and(&mut v, body.0.email.as_deref(), body.0.access_token.as_deref());
    let id = body.0.attachment_id;
    if id.is_none() {
        v.problem("attachmentId", "is required");
    }
    let (number, id) = v.finish(number.zip(id))?;
    let number = number?;
    let missing = || ApiError::AttachmentNotFound(id.trim().to_owned());
    let wanted: AttachmentId = id.trim().parse().map_err(|_| missing())?;
    let download = use_cases.download_attachment.clone();
    let found = in_time(async move { download.execute(&number, &proof, wanted).await }).await?;
    Ok(send(&request, found.ok_or_else(missing)?))
}
