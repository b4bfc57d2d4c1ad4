use actix_web::{HttpResponse, post, web};
use engage_application::{Changed, Opened};
use engage_domain::{
    Customer, CustomerType, EmailAddress, IssueType, OpenRequest, Status, Timestamp, Urgency,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::change_headers::{Caller, ChangeHeaders, IdempotencyKeyHeader};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::files::download::FileBody;
use crate::files::inline::{InlineContent, InlineFile, inline_files};
use crate::files::submission::Submission;
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// A new case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenCaseRequest {
    /// The customer's name.
    #[schema(required, min_length = 1, max_length = 200, example = "John Doe", nullable = false)]
    name: Option<String>,
    /// Where answers go.
    #[schema(
        required,
        min_length = 1,
        max_length = 254,
        format = "email",
        pattern = "^[^@]+@[^@]+[.][^@]+$",
        example = "john@example.com",
        nullable = false
    )]
    email: Option<String>,
    /// For whom the customer works.
    #[schema(max_length = 200, example = "Acme Corp")]
    organization: Option<String>,
    /// In international form; spaces, dots, dashes and parentheses are dropped.
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
    /// The client or project that it is about.
    #[schema(max_length = 200, example = "My Project")]
    client_or_project_name: Option<String>,
    /// What it is about, in a line.
    #[schema(
        required,
        min_length = 1,
        max_length = 200,
        example = "Unable to access dashboard",
        nullable = false
    )]
    subject: Option<String>,
    /// What it is about.
    #[schema(
        required,
        min_length = 1,
        max_length = 20_000,
        example = "Detailed description of the issue...",
        nullable = false
    )]
    message: Option<String>,
    /// Files that belong to it.
    #[schema(
        max_items = 10,
        example = json!([{"filename": "error.txt", "contentType": "text/plain", "content": "NDAzIEZvcmJpZGRlbg=="}])
    )]
    attachments: Option<Vec<InlineFile>>,
}

/// A new case with files: the same fields, and the files after them.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // It only describes.
pub(crate) struct OpenCaseForm {
    /// The customer's name.
    #[schema(min_length = 1, max_length = 200, example = "John Doe")]
    name: String,
    /// Where answers go.
    #[schema(
        max_length = 254,
        format = "email",
        pattern = "^[^@]+@[^@]+[.][^@]+$",
        example = "john@example.com"
    )]
    email: String,
    /// For whom the customer works.
    #[schema(max_length = 200, example = "Acme Corp", nullable = false)]
    organization: Option<String>,
    /// In international form; spaces, dots, dashes and parentheses are dropped.
    #[schema(example = "+1234567890", nullable = false)]
    phone: Option<String>,
    /// `FREE` (default), `BUSINESS` or `ENTERPRISE`.
    #[schema(example = "BUSINESS", nullable = false)]
    customer_type: Option<String>,
    /// `TECHNICAL`, `BILLING` or `GENERAL` (default).
    #[schema(example = "TECHNICAL", nullable = false)]
    issue_type: Option<String>,
    /// `LOW`, `MEDIUM` (default), `HIGH` or `CRITICAL`.
    #[schema(example = "HIGH", nullable = false)]
    urgency: Option<String>,
    /// The client or project that it is about.
    #[schema(max_length = 200, example = "My Project", nullable = false)]
    client_or_project_name: Option<String>,
    /// What it is about, in a line.
    #[schema(min_length = 1, max_length = 200, example = "Unable to access dashboard")]
    subject: String,
    /// What it is about.
    #[schema(
        min_length = 1,
        max_length = 20_000,
        example = "Detailed description of the issue..."
    )]
    message: String,
    /// Files of at most 10 MiB (10,485,760 bytes) each and 25 MiB (26,214,400 bytes) together, after
    /// all fields.
    #[schema(value_type = Option<Vec<String>>, format = Binary, max_items = 10, nullable = false)]
    attachments: Option<Vec<FileBody>>,
}

impl OpenCaseRequest {
    fn validate(self) -> Result<(OpenRequest, Vec<InlineContent>), ApiError> {
        let mut v = Validation::default();
        let name = v.required("name", self.name.as_deref());
        let email = v.required_as("email", self.email.as_deref(), EmailAddress::reachable);
        let organization = v.optional("organization", self.organization.as_deref());
        let phone = v.optional("phone", self.phone.as_deref());
        let customer_type = v.word("customerType", self.customer_type.as_deref());
        let issue_type = v.word("issueType", self.issue_type.as_deref());
        let urgency = v.word("urgency", self.urgency.as_deref());
        let project = v.optional("clientOrProjectName", self.client_or_project_name.as_deref());
        let subject = v.required("subject", self.subject.as_deref());
        let message = v.required("message", self.message.as_deref());
        let files = inline_files(&mut v, self.attachments);
        let request = || {
            Some(OpenRequest {
                customer: Customer {
                    name: name?,
                    email: email?,
                    organization,
                    phone,
                    customer_type: customer_type.unwrap_or(CustomerType::Free),
                },
                project,
                subject: subject?,
                message: message?,
                issue_type: issue_type.unwrap_or(IssueType::General),
                urgency: urgency.unwrap_or(Urgency::Medium),
                attachments: Vec::new(),
            })
        };
        v.finish(request().map(|request| (request, files)))
    }
}

/// A case was opened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenCaseResponse {
    success: bool,
    /// Names the case; needed for everything else.
    #[schema(example = "CW-2025-001")]
    case_number: String,
    #[schema(example = "Support case created successfully")]
    message: &'static str,
    /// Where the case stands.
    #[schema(value_type = String, example = "OPEN")]
    status: Status,
    /// When it should be resolved.
    #[schema(value_type = String, format = DateTime, example = "2025-01-29T10:00:00Z")]
    estimated_resolution: Timestamp,
    /// Proves that the case is its bearer's, for 90 days unless the desk is set up otherwise.
    // Put in when it is sent: what is kept of an answer holds no secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required, value_type = String, example = "cat_AAAAAGeu8ICqyvVcdJ8fVQvRUCkCQ1E0cGq7Q0mFb9cVYcVvpOSKfw")]
    access_token: Option<String>,
}

impl ChangeBody for OpenCaseResponse {
    fn new(changed: &Changed) -> Self {
        let case = &changed.case;
        Self {
            success: true,
            case_number: case.number().to_string(),
            message: "Support case created successfully",
            status: case.status(),
            estimated_resolution: case.facts().estimated_resolution,
            access_token: None,
        }
    }
}

/// Open a case.
///
/// The customer and the team are told by e-mail; of an urgent case, the people on call by SMS.
///
/// Files come in the JSON body, up to 1 MiB of them, or in a form after its fields. They belong to
/// the first entry of the case's conversation.
#[utoipa::path(
    params(IdempotencyKeyHeader),
    request_body(content(
        (OpenCaseRequest = "application/json"),
        (OpenCaseForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The case is open.", body = OpenCaseResponse),
        (status = 408, description = "`REQUEST_TIMEOUT`: it was silent for 10 s, or slower than 32 KiB a second.", body = ErrorBody),
        (status = 507, description = "`STORAGE_FULL`: there is no room for files; without them the request is served.", body = ErrorBody),
    ),
)]
#[post("/api/support/case")]
pub(crate) async fn open_case(
    use_cases: web::Data<CustomerUseCases>,
    change_headers: ChangeHeaders,
    body: Submission<OpenCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let ((mut request, files), coming) = body.validate(OpenCaseRequest::validate).await?;
    let (files, digest) = coming.store(files, &use_cases.attachments).await?;
    request.attachments = files;
    let caller = Caller::Address(&request.customer.email);
    let options = change_headers.options::<OpenCaseResponse>(&caller, digest);
    let open = async move { use_cases.open_case.execute(request, &options).await };
    let Opened { outcome, access_token } = in_time(open).await?;
    let response = ChangeResponse::of::<OpenCaseResponse>(outcome)?;
    Ok(response.with_secret("accessToken", access_token.expose()).to_customer())
}
