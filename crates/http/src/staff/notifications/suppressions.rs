use actix_web::{HttpResponse, delete, get};
use engage_domain::{Address, Channel, Timestamp};
use engage_repository::Suppression;
use serde::Serialize;
use utoipa::ToSchema;

use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::staff::access::{Admin, Staff};
use crate::staff::page::{Page, PageBody};
use crate::staff::webhooks::DoneResponse;
use crate::validation::Validation;

/// Addresses that want no messages any more.
#[derive(Serialize, ToSchema)]
pub(crate) struct SuppressionsResponse {
    success: bool,
    /// Those of this page, by channel and address.
    suppressions: Vec<SuppressionBody>,
    pagination: PageBody,
}

/// An address that wants no messages any more.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SuppressionBody {
    /// `EMAIL`, `SMS` or `WEBHOOK`.
    #[schema(example = "SMS")]
    channel: &'static str,
    /// The address or the number.
    #[schema(example = "+15550100123")]
    address: String,
    /// What the other side said.
    #[schema(example = "Twilio's error 21610: Attempt to send to unsubscribed recipient")]
    reason: String,
    /// Since when.
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

/// List the addresses that want no messages any more.
///
/// Needs the role `ADMIN`.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("page" = Option<u32>, Query, minimum = 1, description = "From 1, the default."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 20 by default."),
    ),
    responses(
        (status = 200, description = "The addresses of this page.", body = SuppressionsResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
    ),
)]
#[get("/notifications/suppressions")]
pub(crate) async fn list_suppressions(
    staff: Staff<Admin>,
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

/// The address that a text names, whichever channel it is of. A plus sign that is not encoded
/// arrives as a space, and is gone.
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
        let message = "must be an e-mail address, a telephone number or an endpoint's id";
        v.problem("address", message);
    }
    address
}

/// Let messages go to an address again.
///
/// Needs the role `ADMIN`. What the other side still refuses is refused again, and the address is
/// back in the list.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("address" = String, Query, description = "The address or the number; write `+` as `%2B`.", example = "+15550100123"),
    ),
    responses(
        (status = 200, description = "Messages go there again.", body = DoneResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
        (status = 404, description = "`SUPPRESSION_NOT_FOUND`: nothing keeps messages from it.", body = ErrorBody),
    ),
)]
#[delete("/notifications/suppressions")]
pub(crate) async fn lift_suppression(
    staff: Staff<Admin>,
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
    Ok(HttpResponse::Ok().json(DoneResponse::new("Messages go to the address again")))
}
