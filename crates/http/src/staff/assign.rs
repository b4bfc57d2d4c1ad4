use actix_web::{HttpResponse, put};
use engage_application::{AssignCommand, Changed};
use engage_domain::{CaseFacts, Event, EventType, Status, Timestamp, Version};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{ChangeCases, Required, Staff};
use crate::body::{JsonBody, present};
use crate::change_headers::{ChangeHeaders, ChangeParameters};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::validation::Validation;

/// A request to assign a case.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignCaseRequest {
    /// Staff member to assign the case to. Null unassigns the case.
    #[serde(default, deserialize_with = "present")]
    #[schema(required, value_type = Option<String>, example = "staff-456")]
    staff_id: Option<Option<String>>,
    /// Department. By default that of the new assignee.
    #[schema(max_length = 100, example = "Technical Support")]
    department: Option<String>,
    /// Note to colleagues, stored as an internal update.
    #[schema(max_length = 5000, example = "Reassigning to senior engineer")]
    notes: Option<String>,
}

impl AssignCaseRequest {
    fn validate(&self) -> Result<AssignCommand, ApiError> {
        let mut v = Validation::default();
        let staff_id = match &self.staff_id {
            None => {
                v.problem("staffId", "is required: null unassigns the case");
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

/// The assigned case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignCaseResponse {
    success: bool,
    #[schema(example = "Case assigned successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    assignment: AssignmentBody,
    /// Status of the case after the change.
    #[schema(value_type = String, example = "IN_PROGRESS")]
    status: Status,
    /// Version of the case after the change.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
}

/// Assignment of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssignmentBody {
    /// Id of the staff member.
    #[schema(example = "staff-456")]
    assigned_to: Option<String>,
    /// Time of the assignment.
    #[schema(value_type = Option<String>, format = DateTime)]
    assigned_at: Option<Timestamp>,
    /// Department that works on the case.
    #[schema(example = "Technical Support")]
    department: Option<String>,
}

impl AssignmentBody {
    pub(super) fn new(case: &CaseFacts) -> Self {
        let assignment = case.assignment.as_ref();
        Self {
            assigned_to: assignment.map(|a| a.assigned_to.to_string()),
            assigned_at: assignment.map(|a| a.assigned_at),
            department: case.department.as_ref().map(ToString::to_string),
        }
    }
}

impl ChangeBody for AssignCaseResponse {
    fn new(Changed { case, event }: &Changed) -> Self {
        let facts = case.facts();
        Self {
            success: true,
            message: match (event.as_ref().map(Event::event_type), &facts.assignment) {
                (None, _) => "Nothing to change",
                (Some(EventType::Assigned), Some(_)) => "Case assigned successfully",
                (Some(EventType::Assigned), None) => "Case unassigned successfully",
                (Some(_), _) => "Notes added successfully",
            },
            case_number: case.number().to_string(),
            assignment: AssignmentBody::new(facts),
            status: facts.status,
            version: facts.version,
        }
    }
}

/// Assign a case to a staff member, or unassign it.
///
/// An open case that gets an assignee becomes `IN_PROGRESS`. The new and the previous assignee are
/// notified.
#[utoipa::path(
    security(("staffToken" = [ChangeCases::ROLE])),
    params(("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"), ChangeParameters),
    request_body = AssignCaseRequest,
    responses(
        (status = 200, description = "The case after the change.", body = AssignCaseResponse),
        (status = 404, description = "`STAFF_NOT_FOUND`, also for a `SERVICE` member.", body = ErrorBody),
        (status = 409, description = "`INVALID_TRANSITION`.", body = ErrorBody),
    ),
)]
#[put("/support/case/{caseNumber}/assign")]
pub(crate) async fn assign_case(
    staff: Staff<ChangeCases>,
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
