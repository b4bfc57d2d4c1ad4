use actix_web::{HttpResponse, post, web};
use engage_application::{Changed, Opened};
use engage_domain::{EmailAddress, OpenRequest, Status, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::change_headers::{Caller, ChangeHeaders, IdempotencyKeyHeader};
use crate::change_response::{ChangeBody, ChangeResponse};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::files::download::FileBody;
use crate::files::inline::{InlineContent, InlineFile, inline_files};
use crate::files::submission::Submission;
use crate::opening::OpeningFields;
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// A new case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenCaseRequest {
    /// Name of the customer.
    #[schema(required, min_length = 1, max_length = 200, example = "John Doe", nullable = false)]
    name: Option<String>,
    /// E-mail address for replies.
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
    /// Description of the issue.
    #[schema(
        required,
        min_length = 1,
        max_length = 20_000,
        example = "Detailed description of the issue...",
        nullable = false
    )]
    message: Option<String>,
    /// Attached files.
    #[schema(
        max_items = 10,
        example = json!([{"filename": "error.txt", "contentType": "text/plain", "content": "NDAzIEZvcmJpZGRlbg=="}])
    )]
    attachments: Option<Vec<InlineFile>>,
}

/// A new case as a form: the same fields, followed by the files.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[allow(dead_code)] // It only describes.
pub(crate) struct OpenCaseForm {
    /// Name of the customer.
    #[schema(min_length = 1, max_length = 200, example = "John Doe")]
    name: String,
    /// E-mail address for replies.
    #[schema(
        max_length = 254,
        format = "email",
        pattern = "^[^@]+@[^@]+[.][^@]+$",
        example = "john@example.com"
    )]
    email: String,
    /// Organization of the customer.
    #[schema(max_length = 200, example = "Acme Corp", nullable = false)]
    organization: Option<String>,
    /// Phone number in international format. Spaces, dots, dashes and parentheses are removed.
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
    /// Client or project that the case is about.
    #[schema(max_length = 200, example = "My Project", nullable = false)]
    client_or_project_name: Option<String>,
    /// Subject of the case, in one line.
    #[schema(min_length = 1, max_length = 200, example = "Unable to access dashboard")]
    subject: String,
    /// Description of the issue.
    #[schema(
        min_length = 1,
        max_length = 20_000,
        example = "Detailed description of the issue..."
    )]
    message: String,
    /// Attached files, after all fields. At most 10 MiB (10,485,760 bytes) each and 25 MiB
    /// (26,214,400 bytes) together.
    #[schema(value_type = Option<Vec<String>>, format = Binary, max_items = 10, nullable = false)]
    attachments: Option<Vec<FileBody>>,
}

impl OpenCaseRequest {
    fn validate(self) -> Result<(OpenRequest, Vec<InlineContent>), ApiError> {
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
        let request = opening.read(&mut v);
        let files = inline_files(&mut v, self.attachments);
        v.finish(request.map(|request| (request, files)))
    }
}

/// The new case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenCaseResponse {
    success: bool,
    /// Case number, required by all other requests about the case.
    #[schema(example = "CW-2025-001")]
    case_number: String,
    #[schema(example = "Support case created successfully")]
    message: &'static str,
    /// Status of the case.
    #[schema(value_type = String, example = "OPEN")]
    status: Status,
    /// Estimated time of resolution.
    #[schema(value_type = String, format = DateTime, example = "2025-01-29T10:00:00Z")]
    estimated_resolution: Timestamp,
    /// Access token of the case. By default it is valid for 90 days.
    // Added when the response is sent, since stored responses contain no secrets.
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
/// The customer and the team are notified by e-mail. For an urgent case, the people on call get an
/// SMS.
///
/// Files can be sent in the JSON body, up to 1 MiB in total, or in a form after its fields. They
/// are attached to the first entry of the case's conversation.
#[utoipa::path(
    params(IdempotencyKeyHeader),
    request_body(content(
        (OpenCaseRequest = "application/json"),
        (OpenCaseForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The new case.", body = OpenCaseResponse),
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
    // Validation requires the address.
    let address = request.customer.email.clone().unwrap_or_else(EmailAddress::absent);
    let caller = Caller::Address(&address);
    let options = change_headers.options::<OpenCaseResponse>(&caller, digest);
    let open = async move { use_cases.open_case.execute(request, &options).await };
    let Opened { outcome, access_token } = in_time(open).await?;
    let response = ChangeResponse::of::<OpenCaseResponse>(outcome)?;
    Ok(response.with_secret("accessToken", access_token.expose()).to_customer())
}
