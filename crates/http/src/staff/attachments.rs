use actix_web::{HttpRequest, HttpResponse, get, post, web};
use engage_domain::{Attachment, AttachmentId};
use engage_notifier::AttachmentSnapshot;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{ReadCases, Required, Staff, UploadFiles};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::files::download::{FileBody, send};
use crate::files::form::Form;
use crate::middleware::FileAllowance;
use crate::validation::Validation;

/// Files to upload.
#[derive(ToSchema)]
#[allow(dead_code)] // It only describes.
pub(crate) struct UploadForm {
    /// The files: 1 to 10, at most 10 MiB (10,485,760 bytes) each and 25 MiB (26,214,400 bytes)
    /// together. The parts may have any name, but each needs a file name.
    #[schema(value_type = Vec<String>, format = Binary, min_items = 1, max_items = 10)]
    file: Vec<FileBody>,
}

/// The uploaded files.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadResponse {
    success: bool,
    /// The files, in the order of the request.
    attachments: Vec<AttachmentSnapshot>,
}

impl From<&[Attachment]> for UploadResponse {
    fn from(files: &[Attachment]) -> Self {
        Self { success: true, attachments: files.iter().map(AttachmentSnapshot::from).collect() }
    }
}

/// Upload files.
///
/// Attach the files to an update by their ids within 23 hours. Files that you do not attach are
/// deleted after a day. If one file is rejected, none is stored.
#[utoipa::path(
    security(("staffToken" = [UploadFiles::ROLE])),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The uploaded files.", body = UploadResponse),
    ),
)]
#[post("/support/attachments")]
pub(crate) async fn upload_attachments(
    staff: Staff<UploadFiles>,
    mut form: Form,
) -> Result<HttpResponse, ApiError> {
    let (use_cases, by) = (staff.use_cases(), staff.member().id.clone());
    form.skip_to_files("file").await?;
    let files = form.files(&use_cases.attachments, Some(by), FileAllowance::UNLIMITED).await?;
    if files.is_empty() {
        let mut v = Validation::default();
        v.problem("file", "is required: send at least one part with a file name");
        return Err(v.refusal());
    }
    Ok(HttpResponse::Ok().json(UploadResponse::from(&files[..])))
}

/// Download an attachment or an upload.
///
/// The response is the file itself. `Content-Disposition` carries its name.
#[utoipa::path(
    security(("staffToken" = [ReadCases::ROLE])),
    params(
        ("attachmentId" = String, Path, description = "Id of the file.", example = "att_01jjg00000e008000000000001"),
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of the copy that the client has."),
    ),
    responses(
        (status = 200, description = "The file. Its SHA-256 is the `ETag`.", body = FileBody, content_type = "*/*"),
        (status = 304, description = "The client's copy is up to date."),
    ),
)]
#[get("/support/attachments/{attachmentId}")]
pub(crate) async fn download_attachment(
    staff: Staff<ReadCases>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let missing = || ApiError::AttachmentNotFound(id.trim().to_owned());
    let wanted: AttachmentId = id.trim().parse().map_err(|_| missing())?;
    let use_cases = staff.use_cases();
    let found = in_time(async move { use_cases.attachments.open(wanted).await }).await?;
    Ok(send(&request, found.ok_or_else(missing)?))
}
