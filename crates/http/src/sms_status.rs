//! What the SMS service says of messages after it accepted them.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{BytesMut, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use engage_application::TrackNotifications;
use engage_domain::NotificationId;
use engage_repository::DeliveryReport;
use futures_util::StreamExt;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody, FieldProblem};

/// The largest body; those of Twilio have less than 2 kB.
const LIMIT: usize = 64 * 1024;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a report is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsReportRefused {
    /// The SMS service did not sign it.
    NotSigned,
    /// It is signed, and something is missing or cannot be read.
    Malformed {
        /// What.
        field: &'static str,
    },
}

/// A message, and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsReport {
    /// The message.
    pub id: NotificationId,
    /// Whether it arrived.
    pub report: DeliveryReport,
    /// Whether the recipient wants no text messages any more.
    pub is_unwanted: bool,
}

/// Reads the reports of an SMS service.
pub trait SmsReports: Send + Sync {
    /// Reads one: nothing where it says nothing that is final.
    ///
    /// `query` is the query that was called, as it came. MUST refuse what the service did not sign.
    fn read(
        &self,
        query: &str,
        signature: &str,
        body: &[u8],
    ) -> Result<Option<SmsReport>, SmsReportRefused>;
}

/// What takes in the reports, where an SMS service is set up.
#[derive(Clone)]
pub struct SmsCallbacks {
    /// Reads them.
    pub reports: Option<Arc<dyn SmsReports>>,
    /// Keeps what they say.
    pub track: TrackNotifications,
}

/// What the SMS service says, with more that is of no interest here.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
#[allow(dead_code)] // It only describes.
struct SmsStatusForm {
    /// How the message is.
    #[schema(example = "delivered")]
    message_status: String,
    /// Why it was not delivered, as a number.
    #[schema(nullable = false, example = "30003")]
    error_code: Option<String>,
    /// The same in words.
    #[schema(nullable = false, example = "Unreachable destination handset")]
    error_message: Option<String>,
}

/// Take in what became of a text message.
///
/// For the SMS service (Twilio's status callback), which signs what it sends.
#[utoipa::path(
    params(
        ("X-Twilio-Signature" = String, Header, description = "The service's signature."),
        ("notification" = String, Query, description = "The message's id, as the address has it that the service was given.", example = "ntf_01jjg00000e008000000000001"),
    ),
    request_body(content_type = "application/x-www-form-urlencoded", content = SmsStatusForm),
    responses(
        (status = 204, description = "It was taken in, or says nothing that is of interest."),
        (status = 400, description = "`VALIDATION_ERROR`.", body = ErrorBody),
        (status = 403, description = "`SIGNATURE_INVALID`.", body = ErrorBody),
        (status = 404, description = "`NOT_FOUND`: no SMS service is set up.", body = ErrorBody),
        (status = 408, description = "`REQUEST_TIMEOUT`.", body = ErrorBody),
        (status = 413, description = "`PAYLOAD_TOO_LARGE`.", body = ErrorBody),
        (status = 503, description = "`UNAVAILABLE`.", body = ErrorBody),
    ),
)]
#[post("/api/webhooks/sms/status")]
pub(crate) async fn take_sms_status(
    request: HttpRequest,
    body: Payload,
    callbacks: Data<SmsCallbacks>,
) -> Result<HttpResponse, ApiError> {
    let Some(reports) = &callbacks.reports else {
        return Err(ApiError::NotFound(request.path().to_owned()));
    };
    let body = timeout(PATIENCE, read(body)).await.unwrap_or(Err(ApiError::RequestTimeout))?;
    let signature = request.headers().get("X-Twilio-Signature");
    let signature = signature.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let report = reports.read(request.query_string(), signature, &body)?;
    if let Some(SmsReport { id, report, is_unwanted }) = report {
        let track = callbacks.track.clone();
        let is_news = in_time(async move { track.report(id, report, is_unwanted).await }).await?;
        tracing::debug!(notification = %id, is_news, "the SMS service reported");
    }
    Ok(HttpResponse::NoContent().finish())
}

impl From<SmsReportRefused> for ApiError {
    fn from(refusal: SmsReportRefused) -> Self {
        match refusal {
            SmsReportRefused::NotSigned => Self::NotSigned,
            SmsReportRefused::Malformed { field } => {
                Self::Validation(vec![FieldProblem::new(field, "is required")])
            }
        }
    }
}

async fn read(mut payload: Payload) -> Result<BytesMut, ApiError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        // What ends too early is not what was signed.
        let chunk = chunk.map_err(|_| ApiError::NotSigned)?;
        if body.len() + chunk.len() > LIMIT {
            return Err(ApiError::PayloadTooLarge { limit: LIMIT });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
