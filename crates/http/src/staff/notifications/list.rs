use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::{HttpResponse, get};
use engage_application::NotificationPage;
use engage_domain::Channel;
use engage_domain::notify::NotificationStatus;
use engage_repository::{ChannelStatus, NotificationFilter, NotificationTotals};
use serde::Serialize;
use utoipa::ToSchema;

use super::NotificationBody;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::staff::access::{ReadNotifications, Required, Staff};
use crate::staff::page::{Page, PageBody};
use crate::validation::Validation;

/// Notifications with a summary.
#[derive(Serialize, ToSchema)]
pub(crate) struct NotificationsResponse {
    success: bool,
    summary: Summary,
    /// State of each channel.
    channels: Vec<ChannelBody>,
    /// Notifications of this page, newest first.
    notifications: Vec<NotificationBody>,
    pagination: PageBody,
}

/// Summary of all notifications, regardless of the filters.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// Number of notifications by status.
    by_status: BTreeMap<&'static str, u64>,
    /// Number of notifications by channel.
    by_channel: BTreeMap<&'static str, u64>,
    /// Age of the oldest unsent notification in seconds. `null` if there is none.
    oldest_pending_seconds: Option<u64>,
    /// Number of notifications accepted by the recipient's server in the last hour.
    delivered_last_hour: u64,
    /// Number of notifications that failed permanently in the last hour.
    failed_last_hour: u64,
}

/// State of a channel.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChannelBody {
    /// The channel.
    #[schema(example = "EMAIL")]
    channel: &'static str,
    state: ChannelStateBody,
    /// Error that stopped the channel.
    last_error: Option<String>,
    /// Age of the channel's oldest unsent notification in seconds. `null` if there is none.
    oldest_unsent_seconds: Option<u64>,
}

/// `RUNNING`, or `STOPPED` if only one trial delivery per minute is sent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ChannelStateBody {
    Running,
    Stopped,
}

impl From<NotificationTotals> for Summary {
    fn from(totals: NotificationTotals) -> Self {
        let mut by_status: BTreeMap<_, _> =
            NotificationStatus::SPELLINGS.iter().map(|status| (*status, 0)).collect();
        let mut by_channel: BTreeMap<_, _> =
            Channel::SPELLINGS.iter().map(|channel| (*channel, 0)).collect();
        let oldest = totals.oldest_unsent.iter().map(|(_, age)| *age).max();
        for (status, channel, count) in totals.counts {
            *by_status.entry(status.as_str()).or_default() += count;
            *by_channel.entry(channel.as_str()).or_default() += count;
        }
        Self {
            by_status,
            by_channel,
            oldest_pending_seconds: oldest.map(|age| age.as_secs()),
            delivered_last_hour: totals.delivered_last_hour,
            failed_last_hour: totals.failed_last_hour,
        }
    }
}

impl ChannelBody {
    fn new(status: ChannelStatus, unsent: &[(Channel, Duration)]) -> Self {
        let state = match status.stopped {
            Some(_) => ChannelStateBody::Stopped,
            None => ChannelStateBody::Running,
        };
        let oldest = unsent.iter().find(|(channel, _)| *channel == status.channel);
        Self {
            channel: status.channel.as_str(),
            state,
            last_error: status.stopped.map(|(_, reason)| reason),
            oldest_unsent_seconds: oldest.map(|(_, age)| age.as_secs()),
        }
    }
}

struct Request {
    filter: NotificationFilter,
    page: Page,
}

fn read(query: &Query) -> Result<Request, ApiError> {
    let mut v = Validation::default();
    let filter = NotificationFilter {
        status: query.words("status", &mut v),
        channel: query.words("channel", &mut v),
        case_number: query.one("caseNumber", &mut v).and_then(|text| v.parse("caseNumber", text)),
        event_type: query.words("event", &mut v),
        endpoint: query.one("endpointId", &mut v).and_then(|text| v.parse("endpointId", text)),
        from: query.one("from", &mut v).and_then(|text| v.parse("from", text)),
        to: query.one("to", &mut v).and_then(|text| v.parse("to", text)),
    };
    let request = Page::read(query, &mut v).map(|page| Request { filter, page });
    v.finish(request)
}

/// List notifications with their status.
///
/// The newest come first. Filters accept several comma-separated values.
#[utoipa::path(
    security(("staffToken" = [ReadNotifications::ROLE])),
    params(
        ("status" = Option<String>, Query, description = "Status.", example = "DEAD"),
        ("channel" = Option<String>, Query, description = "Channel of delivery."),
        ("caseNumber" = Option<String>, Query, description = "Case number."),
        ("event" = Option<String>, Query, description = "Event type.", example = "case.created"),
        ("endpointId" = Option<String>, Query, description = "Id of the webhook endpoint.", example = "whk_01jjg00000e008000000000001"),
        ("from" = Option<String>, Query, description = "Earliest time of creation (RFC 3339)."),
        ("to" = Option<String>, Query, description = "Time before which the notification was created."),
        ("page" = Option<u32>, Query, minimum = 1, description = "Page number, 1 by default."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Maximum number of entries per page, 20 by default."),
    ),
    responses(
        (status = 200, description = "The notifications of this page.", body = NotificationsResponse),
    ),
)]
#[get("/notifications/status")]
pub(crate) async fn list_notifications(
    staff: Staff<ReadNotifications>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let Request { filter, page } = read(&query)?;
    let track = staff.use_cases().track_notifications.clone();
    let found = async move { track.page(&filter, page.number, page.limit).await };
    let found = in_time(found).await?;
    let NotificationPage { notifications, total, totals, channels } = found;
    let unsent = totals.oldest_unsent.clone();
    Ok(HttpResponse::Ok().json(NotificationsResponse {
        success: true,
        summary: totals.into(),
        channels: channels.into_iter().map(|one| ChannelBody::new(one, &unsent)).collect(),
        notifications: notifications.into_iter().map(NotificationBody::from).collect(),
        pagination: page.of(total),
    }))
}
