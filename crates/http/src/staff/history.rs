//! What happened to a case.

use std::collections::HashMap;
use std::convert::Infallible;

use actix_web::{HttpResponse, get};
use engage_application::CaseError;
use engage_domain::{EventType, Role, Timestamp, Version};
use engage_notifier::{EventSnapshot, Snapshot};
use engage_repository::EventOrigin;
use serde::Serialize;
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{Agent, Staff};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::validation::Validation;

/// How many events a part has, unless asked otherwise, and at most.
pub(super) const PART: u32 = 50;
pub(super) const LARGEST_PART: u32 = 100;

/// What happened to a case.
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

/// One event of a case.
#[derive(Serialize, ToSchema)]
struct HistoryEventBody {
    /// What happened.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "case.updated")]
    event_type: EventType,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    #[serde(flatten)]
    event: EventSnapshot,
    /// By what and from where it was asked for; for an `ADMIN` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    origin: Option<OriginBody>,
}

/// By what and from where a change was asked for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OriginBody {
    /// A token's id, or `jwt_` and the first digits of the SHA-256 of another.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    credential: Option<String>,
    /// The client's address, until the case is erased.
    #[schema(example = "203.0.113.9")]
    address: Option<String>,
    /// The `x-request-id` of the request.
    request_id: Option<String>,
}

impl From<EventOrigin> for OriginBody {
    fn from(origin: EventOrigin) -> Self {
        let EventOrigin { credential, address, request_id } = origin;
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

/// Where the history goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct HistoryPagination {
    /// What to send as `cursor` for what comes after; also at the end, where more may come.
    #[schema(example = "3")]
    pub(super) next_cursor: String,
    /// Whether there is more already.
    pub(super) has_more: bool,
    /// How many events were asked for.
    #[schema(minimum = 1, maximum = 100)]
    pub(super) limit: u32,
}

/// The place that an answer named before; a number, or the beginning where none is named.
pub(super) fn cursor(v: &mut Validation, query: &Query) -> Option<u64> {
    let place = query.one("cursor", v).map_or(Ok(0), str::parse);
    if place.is_err() {
        v.problem("cursor", "must be the nextCursor of an answer before");
    }
    place.ok()
}

/// Read what happened to a case.
///
/// Every event, oldest first, with who did it and what became of what. An `ADMIN` sees as well by what
/// credential and from where it was asked for.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("caseNumber" = String, Path, description = "The case's number, in any case.", example = "CW-2025-001"),
        ("cursor" = Option<String>, Query, description = "Goes on where another answer's `pagination.nextCursor` says."),
        ("limit" = Option<u32>, Query, description = "How many events, 50 by default.", minimum = 1, maximum = 100),
    ),
    responses(
        (status = 200, description = "What happened.", body = CaseHistoryResponse),
        (status = 404, description = "`CASE_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[get("/support/case/{caseNumber}/history")]
pub(crate) async fn get_case_history(
    staff: Staff<Agent>,
    number: CaseInPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let limit = query.whole_number("limit", PART, LARGEST_PART, &mut v);
    let after = cursor(&mut v, &query);
    let (limit, after) = v.finish(limit.zip(after))?;
    // No case has seen more changes than a version can count.
    let after = Version::new(after.try_into().unwrap_or(u32::MAX));
    let (read, case) = (staff.use_cases().read_history.clone(), number.0.clone());
    let shows_origins = staff.member().role == Role::Admin;
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
