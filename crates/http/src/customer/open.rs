use actix_web::{HttpResponse, post, web};
use engage_application::AccessToken;
use engage_domain::{Case, Customer, CustomerType, IssueType, NewCase, Status, Timestamp, Urgency};
use engage_repository::AccessGeneration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::CustomerDesk;
use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::validation::Validation;

/// A new case.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenCaseRequest {
    /// The customer's name.
    #[schema(required, max_length = 200, example = "John Doe", nullable = false)]
    name: Option<String>,
    /// Where answers go.
    #[schema(
        required,
        max_length = 254,
        format = "email",
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
    #[schema(required, max_length = 200, example = "Unable to access dashboard", nullable = false)]
    subject: Option<String>,
    /// What it is about.
    #[schema(
        required,
        max_length = 20_000,
        example = "Detailed description of the issue...",
        nullable = false
    )]
    message: Option<String>,
}

impl OpenCaseRequest {
    fn validate(&self) -> Result<NewCase, ApiError> {
        let mut v = Validation::default();
        let name = v.required("name", self.name.as_deref());
        let email = v.required("email", self.email.as_deref());
        let organization = v.optional("organization", self.organization.as_deref());
        let phone = v.optional("phone", self.phone.as_deref());
        let customer_type = v.word("customerType", self.customer_type.as_deref());
        let issue_type = v.word("issueType", self.issue_type.as_deref());
        let urgency = v.word("urgency", self.urgency.as_deref());
        let project = v.optional("clientOrProjectName", self.client_or_project_name.as_deref());
        let subject = v.required("subject", self.subject.as_deref());
        let message = v.required("message", self.message.as_deref());
        let request = || {
            Some(NewCase {
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
            })
        };
        v.finish(request())
    }
}

/// A case was opened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenCaseAnswer {
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
    #[schema(example = "cat_AAAAAGeu8ICqyvVcdJ8fVQvRUCkCQ1E0cGq7Q0mFb9cVYcVvpOSKfw")]
    access_token: String,
}

impl OpenCaseAnswer {
    fn new(case: &Case, token: &AccessToken) -> Self {
        Self {
            success: true,
            case_number: case.number().to_string(),
            message: "Support case created successfully",
            status: case.status(),
            estimated_resolution: case.facts().estimated_resolution,
            access_token: token.expose().to_owned(),
        }
    }
}

/// Open a case.
///
/// The customer and the team are told by e-mail; of an urgent case, the people on call by SMS.
#[utoipa::path(
    tag = "customers",
    request_body = OpenCaseRequest,
    responses(
        (status = 200, description = "The case is open.", body = OpenCaseAnswer),
        (status = 400, description = "`MALFORMED_JSON` or `VALIDATION_ERROR`.", body = ErrorBody),
        (status = 413, description = "`PAYLOAD_TOO_LARGE`.", body = ErrorBody),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case")]
pub(crate) async fn open_case(
    desk: web::Data<CustomerDesk>,
    body: JsonBody<OpenCaseRequest>,
) -> Result<HttpResponse, ApiError> {
    let request = body.0.validate()?;
    let tokens = desk.access_tokens.clone();
    let case = in_time(async move { desk.open_case.execute(request).await }).await?;
    let facts = case.facts();
    let token = tokens.issue(facts.id, AccessGeneration::default(), facts.created_at);
    Ok(HttpResponse::Ok().json(OpenCaseAnswer::new(&case, &token)))
}
