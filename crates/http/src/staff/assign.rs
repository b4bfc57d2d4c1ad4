use actix_web::{HttpResponse, put};
use engage_application::{AssignCommand, Changed};
use engage_domain::{Event, EventType, Status, Timestamp, Version};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{Agent, Staff};
use crate::body::{JsonBody, present};
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::validation::Validation;

/// Who is to get a case.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignCaseRequest {
    /// The staff member; null takes the case back.
    #[serde(default, deserialize_with = "present")]
    #[schema(required, value_type = Option<String>, example = "staff-456")]
    staff_id: Option<Option<String>>,
    /// The department; left out, that of a new assignee.
    #[schema(max_length = 100, example = "Technical Support")]
    department: Option<String>,
    /// A word to colleagues, kept as an internal update.
    #[schema(max_length = 5000, example = "Reassigning to senior engineer")]
    notes: Option<String>,
}

impl AssignCaseRequest {
    fn validate(&self) -> Result<AssignCommand, ApiError> {
        let mut v = Validation::default();
        let staff_id = match &self.staff_id {
            None => {
                v.problem("staffId", "is required; null takes the case back");
                None
            }
            Some(None) => None,
            Some(Some(id)) => v.parse("staffId", id),
        };
        let department = v.optional("department", self.department.as_deref());
        let notes = v.optional("notes", self.notes.as_deref());
        v.finish(Some(AssignCommand { staff_id, department, notes }))
    }
}

/// A case was assigned.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignCaseResponse {
    success: bool,
    #[schema(example = "Case assigned successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    assignment: AssignmentBody,
    /// Where the case stands now.
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    /// How many changes the case has seen.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
}

/// Who works on a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AssignmentBody {
    /// The staff member's id.
    #[schema(example = "staff-456")]
    assigned_to: Option<String>,
    /// Since when the case is theirs.
    #[schema(value_type = Option<String>, format = DateTime)]
    assigned_at: Option<Timestamp>,
    /// Which department works on it.
    #[schema(example = "Technical Support")]
    department: Option<String>,
}

impl ChangeBody for AssignCaseResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        let facts = case.facts();
        let assignment = facts.assignment.as_ref();
        Self {
            success: true,
            message: match (event.as_ref().map(Event::event_type), assignment) {
                (None, _) => "Nothing to change",
                (Some(EventType::Assigned), Some(_)) => "Case assigned successfully",
                (Some(EventType::Assigned), None) => "Case unassigned successfully",
                (Some(_), _) => "Notes added successfully",
            },
            case_number: case.number().to_string(),
            assignment: AssignmentBody {
                assigned_to: assignment.map(|a| a.assigned_to.to_string()),
                assigned_at: assignment.map(|a| a.assigned_at),
                department: facts.department.as_ref().map(ToString::to_string),
            },
            status: facts.status,
            version: facts.version,
        }
    }
}

/// Assign a case to a staff member, or take it back.
///
/// An open case that gets an assignee becomes `IN_PROGRESS`. The new assignee and the previous one
/// are told.
#[utoipa::path(
    security(("staffToken" = [])),
    params(("caseNumber" = String, Path, description = "The case's number, in any case.", example = "CW-2025-001"), ChangeParameters),
    request_body = AssignCaseRequest,
    responses(
        (status = 200, description = "The case as it is now.", body = AssignCaseResponse),
        (status = 404, description = "`CASE_NOT_FOUND` or `STAFF_NOT_FOUND`.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION` or `IDEMPOTENCY_IN_PROGRESS`.", body = ErrorBody),
    ),
)]
#[put("/support/case/{caseNumber}/assign")]
pub(crate) async fn assign_case(
    staff: Staff<Agent>,
    number: CaseInPath,
    change_headers: ChangeHeaders,
    body: JsonBody<AssignCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let request = body.0.validate()?;
    let options = change_headers.options::<AssignCaseResponse>(&staff.caller(), body.1);
    let (use_cases, command) = (staff.use_cases(), staff.command(number.0, options));
    let assign = async move { use_cases.assign_case.execute(command, request).await };
    Ok(ChangeResponse::of::<AssignCaseResponse>(in_time(assign).await?)?.to_staff())
}
