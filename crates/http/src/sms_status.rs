//! Delivery reports from the SMS provider.

use std::sync::Arc;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use engage_application::TrackNotifications;
use engage_notifier::{SmsOutcome, SmsReport, SmsReportError, SmsReports};
use engage_repository::DeliveryReport;
use utoipa::ToSchema;

use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::small_body::read_small_body;

/// Size limit for the body. Twilio's are below 2 kB.
const LIMIT: usize = 64 * 1024;

/// Receiver of delivery reports.
#[derive(Clone)]
pub struct SmsCallbacks {
    /// Parser of the reports, if an SMS provider is configured.
    pub reports: Option<Arc<dyn SmsReports>>,
    /// Stores the reports.
    pub track: TrackNotifications,
}

/// A report of the SMS provider. Its other fields are ignored.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
#[allow(dead_code)] // It only describes.
struct SmsStatusForm {
    /// Status of the message.
    #[schema(example = "delivered")]
    message_status: String,
    /// Numeric error code, if the message was not delivered.
    #[schema(nullable = false, example = "30003")]
    error_code: Option<String>,
    /// Description of the error.
    #[schema(nullable = false, example = "Unreachable destination handset")]
    error_message: Option<String>,
}

/// Receive the delivery report of a text message.
///
/// Called by the SMS provider as Twilio's status callback. Requests must be signed.
#[utoipa::path(
    params(
        ("X-Twilio-Signature" = String, Header, description = "Signature of the provider."),
        ("notification" = String, Query, description = "Id of the notification, from the callback URL.", example = "ntf_01jjg00000e008000000000001"),
    ),
    request_body(content_type = "application/x-www-form-urlencoded", content = SmsStatusForm),
    responses(
        (status = 204, description = "The report was stored or ignored."),
        (status = 400, description = "`VALIDATION_ERROR`.", body = ErrorBody),
        (status = 403, description = "`SIGNATURE_INVALID`.", body = ErrorBody),
        (status = 404, description = "`NOT_FOUND`: no SMS provider is configured.", body = ErrorBody),
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
    // A truncated body cannot match the signature.
    let body = read_small_body(body, LIMIT, || ApiError::NotSigned).await?;
    let signature = request.headers().get("X-Twilio-Signature");
    let signature = signature.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let report = reports.read(request.query_string(), signature, &body)?;
    if let Some(SmsReport { notification: id, outcome }) = report {
        let (report, is_unwanted) = match outcome {
            SmsOutcome::Delivered => (DeliveryReport::Delivered, false),
            SmsOutcome::Failed { reason, is_unwanted } => {
                (DeliveryReport::Failed { reason }, is_unwanted)
            }
        };
        let track = callbacks.track.clone();
        let is_news = in_time(async move { track.report(id, report, is_unwanted).await }).await?;
        tracing::debug!(notification = %id, is_news, "the SMS service reported");
    }
    Ok(HttpResponse::NoContent().finish())
}

impl From<SmsReportError> for ApiError {
    fn from(error: SmsReportError) -> Self {
        match error {
            SmsReportError::Forged => Self::NotSigned,
            SmsReportError::Malformed { missing } => Self::invalid(missing, "is required"),
        }
    }
}
