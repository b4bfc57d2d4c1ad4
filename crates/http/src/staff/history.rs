//! The history of a case.

use std::collections::HashMap;
use std::convert::Infallible;

use actix_web::{HttpResponse, get};
use engage_application::CaseError;
use engage_domain::{EventType, Permission, Timestamp, Version};
use engage_notifier::{EventSnapshot, Snapshot};
use engage_repository::EventOrigin;
use serde::Serialize;
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{ReadCases, Required, Staff};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::validation::Validation;

/// Default and maximum number of events per page.
pub(super) const PART: u32 = 50;
pub(super) const LARGEST_PART: u32 = 100;

/// History of a case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseHistoryResponse {
    success: bool,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Oldest first.
    events: Vec<HistoryEventBody>,
    pagination: HistoryPagination,
}

/// An event of a case.
#[derive(Serialize, ToSchema)]
struct HistoryEventBody {
    /// Type of the event.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "case.updated")]
    event_type: EventType,
    /// Time of the event.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    #[serde(flatten)]
    event: EventSnapshot,
    /// Origin of the change. Only visible to an `ADMIN`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    origin: Option<OriginBody>,
}

/// The origin of a change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OriginBody {
    /// Id of a token, or `jwt_` and the first digits of the SHA-256 of a JWT.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    credential: Option<String>,
    /// Client address, until the case is erased.
    #[schema(example = "203.0.113.9")]
    address: Option<String>,
    /// The `x-request-id` of the request.
    request_id: Option<String>,
}

impl From<EventOrigin> for OriginBody {
    fn from(origin: EventOrigin) -> Self {
        let EventOrigin { credential, address, request_id, trace: _ } = origin;
        let address = address.map(|address| address.to_string());
        Self { credential, address, request_id }
    }
}

impl From<Snapshot> for HistoryEventBody {
    fn from(snapshot: Snapshot) -> Self {
        Self {
            event_type: snapshot.event_type,
            timestamp: snapshot.timestamp,
            event: snapshot.data.event,
            origin: None,
        }
    }
}

/// Position within the events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryPagination {
    /// Value of `cursor` for the events after these. It is present at the end too, as more may
    /// follow.
    #[schema(example = "3")]
    pub(super) next_cursor: String,
    /// True if there are more events.
    pub(super) has_more: bool,
    /// Requested number of events.
    #[schema(minimum = 1, maximum = 100)]
    pub(super) limit: u32,
}

/// Reads the cursor of an earlier response, which is a number. Without one, the page starts at the
/// beginning.
pub(super) fn cursor(v: &mut Validation, query: &Query) -> Option<u64> {
    let place = query.one("cursor", v).map_or(Ok(0), str::parse);
    if place.is_err() {
        v.problem("cursor", "must be the nextCursor of an earlier response");
    }
    place.ok()
}

/// Get the history of a case.
///
/// Lists every event, oldest first, with its author and the changed values. An `ADMIN` also sees
/// the credential and address behind each change.
#[utoipa::path(
    security(("staffToken" = [ReadCases::ROLE])),
    params(
        ("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"),
        ("cursor" = Option<String>, Query, description = "The `pagination.nextCursor` of an earlier response."),
        ("limit" = Option<u32>, Query, description = "Maximum number of events, 50 by default.", minimum = 1, maximum = 100),
    ),
    responses(
        (status = 200, description = "The events.", body = CaseHistoryResponse),
    ),
)]
#[get("/support/case/{caseNumber}/history")]
pub(crate) async fn get_case_history(
    staff: Staff<ReadCases>,
    number: CaseInPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let limit = query.whole_number("limit", PART, LARGEST_PART, &mut v);
    let after = cursor(&mut v, &query);
    let (limit, after) = v.finish(limit.zip(after))?;
    // The number of changes always fits into a version.
    let after = Version::new(after.try_into().unwrap_or(u32::MAX));
    let (read, case) = (staff.use_cases().read_history.clone(), number.0.clone());
    let shows_origins = staff.may(Permission::SeeChangeOrigins);
    let found = async move {
        let part = read.of_case(&case, after, limit).await?;
        let origins =
            if shows_origins { read.origins(&case, after, limit).await? } else { Vec::new() };
        Ok::<_, CaseError<Infallible>>((part, origins))
    };
    let (part, origins) = in_time(found).await?;
    let mut origins: HashMap<_, _> = origins.into_iter().collect();
    let next = part.last.map_or(0, Version::get);
    Ok(HttpResponse::Ok().json(CaseHistoryResponse {
        success: true,
        case_number: number.0.to_string(),
        events: part
            .events
            .into_iter()
            .map(|snapshot| {
                let origin = origins.remove(&snapshot.data.event.sequence).map(OriginBody::from);
                HistoryEventBody { origin, ..snapshot.into() }
            })
            .collect(),
        pagination: HistoryPagination {
            next_cursor: next.to_string(),
            has_more: part.has_more,
            limit: limit.get(),
        },
    }))
}
