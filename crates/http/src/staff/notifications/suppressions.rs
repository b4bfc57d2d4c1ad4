use actix_web::{HttpResponse, delete, get};
use engage_domain::{Address, Channel, Timestamp};
use engage_repository::Suppression;
use serde::Serialize;
use utoipa::ToSchema;

use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::staff::access::{ManageSuppressions, Required, Staff};
use crate::staff::page::{Page, PageBody};
use crate::staff::webhooks::DoneResponse;
use crate::validation::Validation;

/// Suppressed addresses.
#[derive(Serialize, ToSchema)]
pub(crate) struct SuppressionsResponse {
    success: bool,
    /// Suppressions of this page, by channel and address.
    suppressions: Vec<SuppressionBody>,
    pagination: PageBody,
}

/// An address that gets no more notifications.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SuppressionBody {
    /// The channel of the address.
    #[schema(example = "SMS")]
    channel: &'static str,
    /// E-mail address or phone number.
    #[schema(example = "+15550100123")]
    address: String,
    /// Reply of the recipient's server or provider.
    #[schema(example = "Twilio's error 21610: Attempt to send to unsubscribed recipient")]
    reason: String,
    /// Start of the suppression.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Suppression> for SuppressionBody {
    fn from(suppression: Suppression) -> Self {
        Self {
            channel: suppression.address.channel().as_str(),
            address: suppression.address.to_string(),
            reason: suppression.reason,
            created_at: suppression.created_at,
        }
    }
}

/// List suppressed addresses.
///
/// Suppressed addresses get no more notifications.
#[utoipa::path(
    security(("staffToken" = [ManageSuppressions::ROLE])),
    params(
        ("page" = Option<u32>, Query, minimum = 1, description = "Page number, 1 by default."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Maximum number of entries per page, 20 by default."),
    ),
    responses(
        (status = 200, description = "The suppressed addresses of this page.", body = SuppressionsResponse),
    ),
)]
#[get("/notifications/suppressions")]
pub(crate) async fn list_suppressions(
    staff: Staff<ManageSuppressions>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let page = Page::read(&query, &mut v);
    let page = v.finish(page)?;
    let track = staff.use_cases().track_notifications.clone();
    let found = in_time(async move { track.suppressions(page.number, page.limit).await });
    let (list, total) = found.await?;
    Ok(HttpResponse::Ok().json(SuppressionsResponse {
        success: true,
        suppressions: list.into_iter().map(SuppressionBody::from).collect(),
        pagination: page.of(total),
    }))
}

/// Reads an address of any channel. An unencoded plus sign arrives as a space, which is trimmed.
fn read_address(query: &Query, v: &mut Validation) -> Option<Address> {
    if !query.has("address") {
        v.problem("address", "is required");
        return None;
    }
    let text = query.one("address", v)?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let text = if is_number { format!("+{text}") } else { text.to_owned() };
    let address = Channel::ALL.iter().find_map(|&channel| Address::parse(channel, &text));
    if address.is_none() {
        let message = "must be an e-mail address, a phone number or the id of a webhook";
        v.problem("address", message);
    }
    address
}

/// Remove the suppression of an address.
///
/// If the recipient's server or provider rejects the address again, it
/// is suppressed again.
#[utoipa::path(
    security(("staffToken" = [ManageSuppressions::ROLE])),
    params(
        ("address" = String, Query, description = "E-mail address or phone number. Encode `+` as `%2B`.", example = "+15550100123"),
    ),
    responses(
        (status = 200, description = "The suppression was removed.", body = DoneResponse),
        (status = 404, description = "`SUPPRESSION_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[delete("/notifications/suppressions")]
pub(crate) async fn lift_suppression(
    staff: Staff<ManageSuppressions>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let address = read_address(&query, &mut v);
    let address = v.finish(address)?;
    let track = staff.use_cases().track_notifications.clone();
    let (shown, by) = (address.to_string(), staff.initiator());
    if !in_time(async move { track.lift_suppression(&address, &by).await }).await? {
        return Err(ApiError::SuppressionNotFound(shown));
    }
    Ok(HttpResponse::Ok().json(DoneResponse::new("The address is no longer suppressed")))
}
