use actix_web::{HttpResponse, post};
use engage_application::{Changed, StaffOpenCommand};
use engage_domain::{Permission, Source, StaffId, Status, Timestamp, Version};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{OpenCases, Required, Staff, require};
use super::assign::AssignmentBody;
use super::tags::fields::{all_tags, known_tags};
use crate::body::{JsonBody, LIMIT_WITH_FILES};
use crate::change_headers::{ChangeHeaders, StaffIdempotencyKey};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::files::inline::{
    FileOrUpload, FileOrUploadBody, FileSource, files_or_uploads, store_sources,
};
use crate::opening::OpeningFields;
use crate::validation::Validation;

/// A new case for a customer.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StaffOpenCaseRequest {
    /// Name of the customer.
    #[schema(required, min_length = 1, max_length = 200, example = "John Doe", nullable = false)]
    name: Option<String>,
    /// E-mail address for replies. May be missing if there is a phone. The customer then gets no
    /// mail and cannot see the case.
    #[schema(max_length = 254, format = "email", example = "john@example.com")]
    email: Option<String>,
    /// Organization of the customer.
    #[schema(max_length = 200, example = "Acme Corp")]
    organization: Option<String>,
    /// Phone number in international format. Spaces, dots, dashes and parentheses are removed.
    #[schema(example = "+1234567890")]
    phone: Option<String>,
    /// `FREE` (default), `BUSINESS` or `ENTERPRISE`.
    #[schema(example = "BUSINESS")]
    customer_type: Option<String>,
    /// `TECHNICAL`, `BILLING` or `GENERAL` (default).
    #[schema(example = "TECHNICAL")]
    issue_type: Option<String>,
    /// `LOW`, `MEDIUM` (default), `HIGH` or `CRITICAL`.
    #[schema(example = "HIGH")]
    urgency: Option<String>,
    /// Client or project that the case is about.
    #[schema(max_length = 200, example = "My Project")]
    client_or_project_name: Option<String>,
    /// Subject of the case, in one line.
    #[schema(
        required,
        min_length = 1,
        max_length = 200,
        example = "Unable to access dashboard",
        nullable = false
    )]
    subject: Option<String>,
    /// Request in the words of the customer, or your message to them. The customer can read it.
    #[schema(
        required,
        min_length = 1,
        max_length = 20_000,
        example = "Called at 9 a.m.: the dashboard has said 403 since this morning.",
        nullable = false
    )]
    message: Option<String>,
    /// `CUSTOMER` (default) if the message is what the customer told you, `STAFF` if it is your
    /// message to them.
    #[schema(example = "CUSTOMER")]
    first_message_by: Option<String>,
    /// True if the customer has had a first response, for example on the telephone. By default,
    /// that is so if the message is by staff, and not by a `SERVICE` member for itself.
    #[schema(example = true)]
    responded: Option<bool>,
    /// Staff member to assign the case to.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9_-]{1,64}$",
        example = "staff-456"
    )]
    assigned_to: Option<String>,
    /// Department. By default that of the assignee.
    #[schema(max_length = 100, example = "Technical Support")]
    department: Option<String>,
    /// False if the customer is not to be told. True by default.
    #[schema(example = true)]
    notify_customer: Option<bool>,
    /// True if you know that the address is the customer's, for example because they are signed in
    /// with it. The contract of the organization that has the address then applies to the case. A
    /// `SERVICE` member needs the scope `customers.prove`. False by default.
    #[schema(example = false)]
    customer_proven: Option<bool>,
    /// Attached files: in the request itself, or uploaded earlier.
    #[schema(
        value_type = Option<Vec<FileOrUploadBody>>, max_items = 10,
        example = json!([{"filename": "error.txt", "contentType": "text/plain", "content": "NDAzIEZvcmJpZGRlbg=="}])
    )]
    attachments: Option<Vec<FileOrUpload>>,
    /// Tags of the case. Those that do not exist are created, if you may.
    #[schema(max_items = 20, example = json!(["VIP"]))]
    tags: Option<Vec<String>>,
    /// Staff member on whose behalf a `SERVICE` member opens the case. Without one, its message is
    /// not a first response. Others cannot set it.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z0-9_-]{1,64}$",
        example = "staff-456"
    )]
    on_behalf_of: Option<String>,
}

/// A valid request to open a case.
struct ValidOpening {
    command: StaffOpenCommand,
    files: Vec<FileSource>,
    on_behalf_of: Option<StaffId>,
}

impl StaffOpenCaseRequest {
    fn validate(self) -> Result<ValidOpening, ApiError> {
        let mut v = Validation::default();
        let opening = OpeningFields {
            name: self.name.as_deref(),
            email: self.email.as_deref(),
            organization: self.organization.as_deref(),
            phone: self.phone.as_deref(),
            customer_type: self.customer_type.as_deref(),
            issue_type: self.issue_type.as_deref(),
            urgency: self.urgency.as_deref(),
            project: self.client_or_project_name.as_deref(),
            subject: self.subject.as_deref(),
            message: self.message.as_deref(),
        };
        let opening = opening.read_by_staff(&mut v);
        let customer_proven = self.customer_proven.unwrap_or(false);
        if customer_proven && opening.as_ref().is_some_and(|it| it.customer.email.is_none()) {
            v.problem("customerProven", "must not be true without an email");
        }
        let first_message_by = v.word("firstMessageBy", self.first_message_by.as_deref());
        let assigned_to = v.optional("assignedTo", self.assigned_to.as_deref());
        let department = v.optional("department", self.department.as_deref());
        let files = files_or_uploads(&mut v, self.attachments);
        let tags = all_tags(&mut v, "tags", self.tags.as_deref()).unwrap_or_default();
        let command = opening.map(|opening| StaffOpenCommand {
            opening,
            assigned_to,
            department,
            first_message_by: first_message_by.unwrap_or_default(),
            responded: self.responded,
            notify_customer: self.notify_customer.unwrap_or(true),
            customer_proven,
            files: Vec::new(),
            tags,
        });
        // Without it, the machine speaks for itself.
        v.refuse_blank("onBehalfOf", self.on_behalf_of.as_deref());
        let on_behalf_of = v.optional("onBehalfOf", self.on_behalf_of.as_deref());
        v.finish(command.map(|command| ValidOpening { command, files, on_behalf_of }))
    }
}

/// The new case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StaffOpenCaseResponse {
    success: bool,
    #[schema(example = "Support case created successfully")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Status of the case, `IN_PROGRESS` if it has an assignee.
    #[schema(value_type = String, example = "OPEN")]
    status: Status,
    /// Always `STAFF`.
    #[schema(value_type = String, example = "STAFF")]
    source: Source,
    assignment: AssignmentBody,
    /// Time of the first response, if there was one.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_response: Option<Timestamp>,
    /// Estimated time of resolution.
    #[schema(value_type = String, format = DateTime, example = "2025-01-29T10:00:00Z")]
    estimated_resolution: Timestamp,
    /// Version of the case.
    #[schema(value_type = u32, minimum = 1)]
    version: Version,
}

impl ChangeBody for StaffOpenCaseResponse {
    fn new(Changed { case, .. }: &Changed) -> Self {
        let facts = case.facts();
        Self {
            success: true,
            message: "Support case created successfully",
            case_number: case.number().to_string(),
            status: facts.status,
            source: facts.source,
            assignment: AssignmentBody::new(facts),
            first_response: facts.first_response,
            estimated_resolution: facts.estimated_resolution,
            version: facts.version,
        }
    }
}

/// Open a case for a customer.
///
/// For requests that reach you on the telephone or in person, and for messages that you send first.
/// The customer gets the message by e-mail, with a link to the case. The team and the assignee are
/// notified as of any new case and any assignment.
///
/// The customer proves ownership of such a case with an access token, whatever the service requires
/// otherwise.
#[utoipa::path(
    operation_id = "open_case_by_staff",
    security(("staffToken" = [OpenCases::ROLE])),
    params(StaffIdempotencyKey),
    request_body = StaffOpenCaseRequest,
    responses(
        (status = 200, description = "The new case.", body = StaffOpenCaseResponse),
        (status = 403, description = "`ON_BEHALF_REFUSED`.", body = ErrorBody),
        (status = 404, description = "`STAFF_NOT_FOUND` for an assignee who does not exist, has left or is a `SERVICE` member, or `ATTACHMENT_NOT_FOUND` for an upload that cannot be attached.", body = ErrorBody),
        (status = 507, description = "`STORAGE_FULL`.", body = ErrorBody),
    ),
)]
#[post("/support/cases")]
pub(crate) async fn open_case(
    staff: Staff<OpenCases>,
    change_headers: ChangeHeaders,
    body: JsonBody<StaffOpenCaseRequest, LIMIT_WITH_FILES>,
) -> Result<HttpResponse, ApiError> {
    let ValidOpening { command, files, on_behalf_of } = body.0.validate()?;
    if command.customer_proven {
        require(Permission::ProveCustomers, staff.member())?;
    }
    let requester = staff.requester_for(on_behalf_of).await?;
    let (use_cases, by) = (staff.use_cases(), staff.member().id.clone());
    let tags = known_tags(&staff, &command.tags).await?;
    let files = store_sources(&use_cases.attachments, files, &by).await?;
    let command = StaffOpenCommand { files, tags, ..command };
    let options = change_headers.options::<StaffOpenCaseResponse>(&staff.caller(), body.1);
    let open = async move {
        use_cases.open_case_by_staff.execute(requester, &command, &by, &options).await
    };
    Ok(ChangeResponse::of::<StaffOpenCaseResponse>(in_time(open).await?)?.to_staff())
}
