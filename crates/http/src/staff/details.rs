use actix_web::{HttpResponse, get};
use engage_application::{CaseError, CaseView};
use engage_domain::priority::PriorityBreakdown;
use engage_notifier::{AttachmentSnapshot, CaseSnapshot, EscalationSnapshot, UpdateSnapshot};
use engage_repository::{NotificationSummary, UpdatesWanted};
use futures_util::TryFutureExt;
use futures_util::future::try_join;
use serde::Serialize;
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{ReadCases, Required, Staff};
use super::notifications::NotificationBody;
use super::sla::SlaBody;
use crate::change_response::etag;
use crate::conversation::{ConversationPagination, LARGEST_PAGE, PAGE, read_cursor};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::validation::Validation;

/// A case with everything that belongs to it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseDetailsResponse {
    success: bool,
    case: CaseSnapshot,
    /// Points that make up the priority score.
    priority_breakdown: PriorityBreakdownBody,
    /// SLA status.
    sla: SlaBody,
    /// Updates, oldest first: the newest ones, or those before the cursor.
    updates: Vec<UpdateSnapshot>,
    pagination: ConversationPagination,
    /// Newest escalations, at most 100, oldest first.
    escalations: Vec<EscalationSnapshot>,
    /// Attachments of these updates, oldest first.
    attachments: Vec<AttachmentSnapshot>,
    /// Newest notifications about the case, at most 100.
    notifications: Vec<NotificationBody>,
}

/// Points for each property of the case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PriorityBreakdownBody {
    /// Points for the urgency.
    urgency: u8,
    /// Points for the customer type.
    customer_type: u8,
    /// Points for the issue type.
    issue_type: u8,
    /// Points for the escalation level.
    escalation: u8,
}

impl From<PriorityBreakdown> for PriorityBreakdownBody {
    fn from(breakdown: PriorityBreakdown) -> Self {
        let PriorityBreakdown { urgency, customer_type, issue_type, escalation } = breakdown;
        Self { urgency, customer_type, issue_type, escalation }
    }
}

impl CaseDetailsResponse {
    fn new(
        CaseView { details, priority, timers }: CaseView,
        notifications: Vec<NotificationSummary>,
        wanted: &UpdatesWanted,
    ) -> Self {
        let case = details.case.facts();
        let customer = &case.customer.name;
        let page = &details.updates;
        let updates: Vec<_> =
            page.entries.iter().map(|update| UpdateSnapshot::new(update, customer)).collect();
        Self {
            success: true,
            case: CaseSnapshot::new(case, details.assignee.as_ref()),
            priority_breakdown: priority.into(),
            sla: timers.into(),
            attachments: updates.iter().flat_map(|update| update.attachments.clone()).collect(),
            updates,
            pagination: ConversationPagination::new(wanted, page),
            escalations: details
                .escalations
                .iter()
                .map(|escalation| EscalationSnapshot::new(escalation, customer))
                .collect(),
            notifications: notifications.into_iter().map(NotificationBody::from).collect(),
        }
    }
}

/// Get a case.
///
/// The response contains the newest page of the conversation, or an older page if a cursor is sent.
/// The history of the case lists all of its events.
#[utoipa::path(
    security(("staffToken" = [ReadCases::ROLE])),
    params(
        ("caseNumber" = String, Path, description = "Case number, in upper or lower case.", example = "CW-2025-001"),
        ("limit" = Option<u32>, Query, description = "Maximum number of updates, 50 by default.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Requests older updates: the `pagination.nextCursor` of an earlier response."),
    ),
    responses(
        (status = 200, description = "The case. Its version is also the `ETag`.", body = CaseDetailsResponse),
    ),
)]
#[get("/support/case/{caseNumber}")]
pub(crate) async fn get_case(
    staff: Staff<ReadCases>,
    number: CaseInPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let limit = query.whole_number("limit", PAGE, LARGEST_PAGE, &mut v);
    let given = query.one("cursor", &mut v);
    let before = read_cursor(&mut v, given);
    let wanted = UpdatesWanted { before, limit: v.finish(limit)?, view: None };
    let use_cases = staff.use_cases();
    let (view, notifications) = in_time(async move {
        let view = use_cases.get_case.execute(&number.0, &wanted);
        let notifications = use_cases.track_notifications.of_case(&number.0);
        try_join(view, notifications.map_err(CaseError::Repository)).await
    })
    .await?;
    let version = view.details.case.version();
    let response = CaseDetailsResponse::new(view, notifications, &wanted);
    Ok(HttpResponse::Ok().insert_header(etag(version)).json(response))
}
