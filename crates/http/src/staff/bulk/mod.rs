//! One change to many cases.

mod request;

use std::sync::Arc;

use actix_web::{HttpResponse, post};
use engage_application::{CaseCommand, Changed};
use engage_domain::{CaseNumber, StaffId, Status, UpdateRequest, Version};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use self::request::ACTION_NAMES;
use self::request::{BulkAction, BulkRequest};
use super::access::{ChangeCases, Required, Staff};
use super::tags::fields::known_tag_change;
use crate::body::JsonBody;
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::each_in_time;
use crate::error::{ApiError, ErrorBody};
use crate::use_cases::StaffUseCases;

/// Number of cases changed concurrently. It leaves some connections for other requests.
const AT_ONCE: usize = 8;

/// Result for each case.
#[derive(Serialize, ToSchema)]
pub(crate) struct BulkResponse {
    /// True if the request was processed. Each result reports success separately.
    success: bool,
    /// Number of cases that succeeded.
    succeeded: usize,
    /// Number of cases that failed.
    failed: usize,
    /// Result for each case number, in the order of the request.
    results: Vec<BulkResult>,
}

/// Result for one case.
#[derive(Clone, Serialize, ToSchema)]
#[serde(untagged)]
enum BulkResult {
    Done(BulkSuccess),
    Failed(BulkFailure),
}

/// A case that succeeded.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BulkSuccess {
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Always true.
    success: bool,
    /// False if there was nothing to change.
    changed: bool,
    /// Status of the case after the change.
    #[schema(value_type = String, example = "CLOSED")]
    status: Status,
    /// Version of the case after the change.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
}

/// A case that failed, with the error that a separate request for it would return.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BulkFailure {
    /// Case number, as sent.
    #[schema(example = "CW-2025-002")]
    case_number: String,
    #[serde(flatten)]
    error: ErrorBody,
}

impl ChangeBody for BulkSuccess {
    fn new(Changed { case, event }: &Changed) -> Self {
        Self {
            case_number: case.number().to_string(),
            success: true,
            changed: event.is_some(),
            status: case.status(),
            version: case.version(),
        }
    }
}

impl BulkResult {
    fn new(number: &str, outcome: Result<&BulkSuccess, &ApiError>) -> Self {
        match outcome {
            Ok(success) => Self::Done(success.clone()),
            Err(error) => {
                Self::Failed(BulkFailure { case_number: number.to_owned(), error: error.body() })
            }
        }
    }

    fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

impl BulkResponse {
    fn new(results: Vec<BulkResult>) -> Self {
        let succeeded = results.iter().filter(|result| result.is_done()).count();
        Self { success: true, succeeded, failed: results.len() - succeeded, results }
    }
}

/// Changes one case. The idempotency key of the request applies to each case, so that a repeated
/// request changes the remaining cases and none twice.
async fn change(
    use_cases: Arc<StaffUseCases>,
    command: CaseCommand,
    action: BulkAction,
    by: StaffId,
) -> Result<BulkSuccess, ApiError> {
    let outcome = match action {
        BulkAction::Assign(assignment) => {
            use_cases.assign_case.execute(command, assignment).await?
        }
        BulkAction::Update(update) => {
            use_cases.update_case.execute(command, update, &[], &by).await?
        }
    };
    let response = ChangeResponse::of::<BulkSuccess>(outcome)?;
    serde_json::from_str(&response.body).map_err(|failure| {
        tracing::error!(%failure, "a stored response cannot be read");
        ApiError::Internal
    })
}

/// Returns the action with the tags as they are spelled.
async fn with_known_tags(
    action: BulkAction,
    staff: &Staff<ChangeCases>,
) -> Result<BulkAction, ApiError> {
    let BulkAction::Update(update) = action else { return Ok(action) };
    let tags = known_tag_change(staff, update.tags).await?;
    Ok(BulkAction::Update(UpdateRequest { tags, ..update }))
}

/// Assign, update or close up to 100 cases.
///
/// Each case is changed as by a separate request and has its own result. A failure does not affect
/// the other cases. `assign` takes the fields for assigning a case, `update` those for updating
/// one, and `close` closes cases that are `RESOLVED`. Fields of another action are rejected. A
/// repeated number is changed once. Cases that are not finished in time fail with `UNAVAILABLE`.
/// With an `Idempotency-Key`, you can repeat the request without changing any case twice.
/// `If-Match` applies to each case. A case at another version fails with `PRECONDITION_FAILED`.
#[utoipa::path(
    security(("staffToken" = [ChangeCases::ROLE])),
    params(ChangeParameters),
    request_body = BulkRequest,
    responses(
        (status = 200, description = "The result for each case.", body = BulkResponse),
    ),
)]
#[post("/support/cases/bulk")]
pub(crate) async fn change_cases(
    staff: Staff<ChangeCases>,
    change_headers: ChangeHeaders,
    body: JsonBody<BulkRequest>,
) -> Result<HttpResponse, ApiError> {
    let JsonBody(request, body) = body;
    let (given, action) = request.validate()?;
    let (use_cases, by) = (staff.use_cases(), &staff.member().id);
    let action = with_known_tags(action, &staff).await?;
    // Each case once, in the order of first occurrence.
    let mut numbers: Vec<CaseNumber> = Vec::new();
    for number in given.iter().filter_map(|text| text.parse().ok()) {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    let outcomes = each_in_time(AT_ONCE, &numbers, |number| {
        let part = change_headers.part(&number.to_string());
        let options = part.options::<BulkSuccess>(&staff.caller(), body);
        let command = staff.command(number.clone(), options);
        change(Arc::clone(&use_cases), command, action.clone(), by.clone())
    })
    .await?;
    let result = |text: &String| {
        let found = text.parse().ok().and_then(|number| numbers.iter().position(|n| *n == number));
        let unknown = ApiError::CaseNotFound(text.trim().to_owned());
        let outcome = found.map_or(Err(&unknown), |place| outcomes[place].as_ref());
        BulkResult::new(text, outcome)
    };
    Ok(HttpResponse::Ok().json(BulkResponse::new(given.iter().map(result).collect())))
}
