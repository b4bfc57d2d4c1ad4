use actix_web::{HttpResponse, post};
use engage_application::{CaseCommand, Changed};
use engage_domain::{StaffId, Status, UpdateRequest, Version, Visibility};
use engage_notifier::UpdateSnapshot;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{ReplyToCases, Required, Staff};
use super::tags::fields::{known_tag_change, tag_change};
use crate::body::{JsonBody, LIMIT_WITH_FILES};
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::files::inline::{
    FileOrUpload, FileOrUploadBody, FileSource, files_or_uploads, store_sources,
};
use crate::validation::Validation;

/// An update of a case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateCaseRequest {
    /// Text of the update. Optional if the status or the tags change or files are attached.
    #[schema(max_length = 20_000, example = "We have found the cause and are on it.")]
    message: Option<String>,
    /// True if the update is for staff only. False by default.
    #[schema(example = false)]
    is_internal: Option<bool>,
    /// New status of the case.
    #[schema(example = "IN_PROGRESS")]
    status_change: Option<String>,
    /// Attached files: in the request itself, or uploaded earlier.
    #[schema(
        value_type = Option<Vec<FileOrUploadBody>>, max_items = 10,
        example = json!([{"filename": "error.txt", "contentType": "text/plain", "content": "NDAzIEZvcmJpZGRlbg=="}])
    )]
    attachments: Option<Vec<FileOrUpload>>,
    /// Tags to add. Those that do not exist are created, if you may.
    #[schema(max_items = 20, example = json!(["VIP"]))]
    add_tags: Option<Vec<String>>,
    /// Tags to remove.
    #[schema(max_items = 20, example = json!(["Waiting for parts"]))]
    remove_tags: Option<Vec<String>>,
    /// Staff member on whose behalf a `SERVICE` member writes. Without one, its message is not a
    /// first response. Others cannot set it.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9_-]{1,64}$",
        example = "staff-456"
    )]
    on_behalf_of: Option<String>,
}

/// A valid update.
struct ValidUpdate {
    request: UpdateRequest,
    files: Vec<FileSource>,
    on_behalf_of: Option<StaffId>,
}

impl UpdateCaseRequest {
    fn validate(self) -> Result<ValidUpdate, ApiError> {
        let mut v = Validation::default();
        let message = v.optional("message", self.message.as_deref());
        let status_change = v.word("statusChange", self.status_change.as_deref());
        let files = files_or_uploads(&mut v, self.attachments);
        let is_internal = self.is_internal.unwrap_or(false);
        let visibility = if is_internal { Visibility::Internal } else { Visibility::Public };
        let tags = tag_change(&mut v, self.add_tags.as_deref(), self.remove_tags.as_deref());
        let attachments = Vec::new();
        let request = UpdateRequest { message, visibility, status_change, attachments, tags };
        // Without it, the machine speaks for itself.
        v.refuse_blank("onBehalfOf", self.on_behalf_of.as_deref());
        let on_behalf_of = v.optional("onBehalfOf", self.on_behalf_of.as_deref());
        v.finish(Some(ValidUpdate { request, files, on_behalf_of }))
    }
}

/// The updated case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateCaseResponse {
    success: bool,
    #[schema(example = "Case updated successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Status of the case after the change.
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    /// Version of the case after the change.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
    /// The new update. Null if nothing was written.
    update: Option<UpdateSnapshot>,
}

impl ChangeBody for UpdateCaseResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        let customer = &case.facts().customer.name;
        let update = event.as_ref().and_then(|event| event.updates.first());
        Self {
            success: true,
            message: if event.is_some() {
                "Case updated successfully"
            } else {
                "Nothing to change"
            },
            case_number: case.number().to_string(),
            status: case.status(),
            version: case.version(),
            update: update.map(|update| UpdateSnapshot::new(update, customer)),
        }
    }
}

/// Add an update to a case, change its status or its tags, or several of these.
///
/// The first public message by staff, or by a `SERVICE` member on behalf of one, is the first response
/// to the case. Resolved cases accept updates. Closed and cancelled cases only accept internal
/// notes and tags. A change of nothing but tags is internal.
#[utoipa::path(
    security(("staffToken" = [ReplyToCases::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"), ChangeParameters),
    request_body = UpdateCaseRequest,
    responses(
        (status = 200, description = "The case after the change.", body = UpdateCaseResponse),
        (status = 403, description = "`ON_BEHALF_REFUSED`.", body = ErrorBody),
        (status = 404, description = "`ATTACHMENT_NOT_FOUND` for an upload that cannot be attached.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION`, or `LIMIT_REACHED` for more than 20 tags.", body = ErrorBody),
        (status = 507, description = "`STORAGE_FULL`.", body = ErrorBody),
    ),
)]
#[post("/support/case/{caseNumber}/update")]
pub(crate) async fn update_case(
    staff: Staff<ReplyToCases>,
    number: CaseInPath,
    change_headers: ChangeHeaders,
    body: JsonBody<UpdateCaseRequest, LIMIT_WITH_FILES>,
) -> Result<HttpResponse, ApiError> {
    let ValidUpdate { request, files, on_behalf_of } = body.0.validate()?;
    let requester = staff.requester_for(on_behalf_of).await?;
    let (use_cases, by) = (staff.use_cases(), staff.member().id.clone());
    let tags = known_tag_change(&staff, request.tags).await?;
    let request = UpdateRequest { tags, ..request };
    let files = store_sources(&use_cases.attachments, files, &by).await?;
    let options = change_headers.options::<UpdateCaseResponse>(&staff.caller(), body.1);
    let command = CaseCommand { number: number.0, requester, options };
    let update = async move { use_cases.update_case.execute(command, request, &files, &by).await };
    Ok(ChangeResponse::of::<UpdateCaseResponse>(in_time(update).await?)?.to_staff())
}
