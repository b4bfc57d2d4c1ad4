use actix_web::{HttpResponse, post};
use engage_application::{ChangeOutcome, Changed, Redacted};
use engage_domain::event::{Change, Quote, RedactableField, RedactedPart};
use engage_domain::{Timestamp, UpdateId, Version};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{RedactCase, Required, Staff};
use crate::body::JsonBody;
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::validation::Validation;

/// A part of a case to redact: exactly one of `updateId`, `attachmentId` and `field`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedactCaseRequest {
    /// Update that loses its text. Its files stay.
    #[schema(example = "upd_01jjg00000e008000000000001")]
    update_id: Option<String>,
    /// File to delete. Its name is deleted as well.
    #[schema(example = "att_01jjg00000e008000000000001")]
    attachment_id: Option<String>,
    /// Text of the case itself: `message` or `subject`.
    #[schema(example = "message")]
    field: Option<String>,
    /// True to change nothing, and only list the updates that quote the part. False by default.
    #[schema(example = false)]
    preview: Option<bool>,
}

impl RedactCaseRequest {
    fn validate(&self) -> Result<RedactedPart, ApiError> {
        let mut v = Validation::default();
        let given = [
            ("updateId", self.update_id.as_deref()),
            ("attachmentId", self.attachment_id.as_deref()),
            ("field", self.field.as_deref()),
        ];
        for (name, text) in given {
            v.refuse_blank(name, text);
        }
        let names: Vec<_> = given.iter().filter(|(_, text)| text.is_some()).collect();
        if names.len() != 1 {
            v.problem("body", "must have exactly one of updateId, attachmentId, field");
        }
        let update = v.optional("updateId", self.update_id.as_deref());
        let attachment = v.optional("attachmentId", self.attachment_id.as_deref());
        let field: Option<RedactableField> = v.word("field", self.field.as_deref());
        let part = update.map(RedactedPart::UpdateId);
        let part = part.or(attachment.map(RedactedPart::AttachmentId));
        v.finish(part.or(field.map(RedactedPart::Field)))
    }
}

/// An update that repeats something of the redacted part.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuoteBody {
    /// Id of the update.
    #[schema(value_type = String, example = "upd_01jjg00000e008000000000001")]
    update_id: UpdateId,
    /// Time at which the update was written.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<&Quote> for QuoteBody {
    fn from(quote: &Quote) -> Self {
        let &Quote { update_id, at } = quote;
        Self { update_id, at }
    }
}

/// A case with a redacted part, or the preview of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedactCaseResponse {
    success: bool,
    #[schema(example = "Redacted successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Version of the case.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
    /// Later updates that quote the part, oldest first. They are not redacted.
    quotes: Vec<QuoteBody>,
}

impl RedactCaseResponse {
    fn with_quotes(changed: &Changed, message: &'static str, quotes: &[Quote]) -> Self {
        Self {
            success: true,
            message,
            case_number: changed.case.number().to_string(),
            version: changed.case.version(),
            quotes: quotes.iter().map(QuoteBody::from).collect(),
        }
    }
}

impl ChangeBody for RedactCaseResponse {
    fn new(changed: &Changed) -> Self {
        let mut of_event = changed.event.iter().flat_map(|event| &event.changes);
        let recorded = of_event.find_map(Change::redaction);
        let quotes = recorded.map_or(&[][..], |redaction| &redaction.quotes);
        Self::with_quotes(changed, "Redacted successfully", quotes)
    }
}

/// Redact a part of a case.
///
/// The text of an update, a file, the message or the subject is deleted permanently: in the case, in
/// its history, in search, in notifications that are still to be sent and in stored responses. In its
/// place remains who redacted it and when. Later updates that quote it are listed and stay as they
/// are. Something that was redacted before stays as it is. This is possible in every status.
#[utoipa::path(
    security(("staffToken" = [RedactCase::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"), ChangeParameters),
    request_body = RedactCaseRequest,
    responses(
        (status = 200, description = "The case after the redaction, or the preview.", body = RedactCaseResponse),
        (status = 404, description = "`UPDATE_NOT_FOUND` or `ATTACHMENT_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[post("/support/case/{caseNumber}/redact")]
pub(crate) async fn redact_case(
    staff: Staff<RedactCase>,
    number: CaseInPath,
    change_headers: ChangeHeaders,
    body: JsonBody<RedactCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let part = body.0.validate()?;
    let is_preview = body.0.preview.unwrap_or(false);
    let options = change_headers.options::<RedactCaseResponse>(&staff.caller(), body.1);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0, options));
    let redact = async move {
        let redact_case = &use_cases.redact_case;
        if is_preview {
            redact_case.preview(command, part).await
        } else {
            redact_case.execute(command, part).await
        }
    };
    let Redacted { outcome, quotes } = in_time(redact).await?;
    let response = match outcome {
        ChangeOutcome::Changed(changed) if changed.event.is_none() => {
            let body = RedactCaseResponse::with_quotes(&changed, "Nothing was changed", &quotes);
            ChangeResponse::rendered(&body, changed.case.version())?
        }
        outcome => ChangeResponse::of::<RedactCaseResponse>(outcome)?,
    };
    Ok(response.to_staff())
}
