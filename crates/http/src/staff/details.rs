use std::convert::Infallible;

use actix_web::{HttpResponse, get};
use engage_application::{CaseError, CaseView};
use engage_domain::PriorityBreakdown;
use engage_notifier::{AttachmentSnapshot, CaseSnapshot, EscalationSnapshot, UpdateSnapshot};
use engage_repository::{NotificationSummary, UpdatesWanted};
use serde::Serialize;
use utoipa::ToSchema;

use super::CaseInPath;
use super::access::{Agent, Staff};
use super::notifications::NotificationBody;
use super::sla::SlaBody;
use crate::change_response::etag;
use crate::conversation::{ConversationPagination, LARGEST_PAGE, PAGE, read_cursor};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::validation::Validation;

/// A case with what belongs to it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaseDetailsResponse {
    success: bool,
    case: CaseSnapshot,
    /// The points that the priority score rests on.
    priority_breakdown: PriorityBreakdownBody,
    /// How it stands to its service targets.
    sla: SlaBody,
    /// What was written, oldest first: the newest updates, or those before a cursor.
    updates: Vec<UpdateSnapshot>,
    pagination: ConversationPagination,
    /// The newest escalations, 100 at most, oldest first.
    escalations: Vec<EscalationSnapshot>,
    /// The files of these updates, oldest first.
    attachments: Vec<AttachmentSnapshot>,
    /// The newest messages about the case, 100 at most.
    notifications: Vec<NotificationBody>,
}

/// The points for each fact about the case.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PriorityBreakdownBody {
    /// For how much it hurts.
    urgency: u8,
    /// For the customer's contract.
    customer_type: u8,
    /// For what kind of help is wanted.
    issue_type: u8,
    /// For how often it was escalated.
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

/// Read a case.
///
/// Of its conversation, the newest page, unless a cursor asks for an older one. Everything that ever
/// happened to it is in its history.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("caseNumber" = String, Path, description = "The case's number, in any case.", example = "CW-2025-001"),
        ("limit" = Option<u32>, Query, description = "How many updates, 50 by default.", minimum = 1, maximum = 100),
        ("cursor" = Option<String>, Query, description = "Asks for older updates: the `pagination.nextCursor` of another answer."),
    ),
    responses(
        (status = 200, description = "The case; its version also as `ETag`.", body = CaseDetailsResponse),
        (status = 404, description = "`CASE_NOT_FOUND`.", body = ErrorBody),
    ),
)]
#[get("/support/case/{caseNumber}")]
pub(crate) async fn get_case(
    staff: Staff<Agent>,
    number: CaseInPath,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let limit = query.whole_number("limit", PAGE, LARGEST_PAGE, &mut v);
    let given = query.one("cursor", &mut v);
    let before = read_cursor(&mut v, given);
    let wanted = UpdatesWanted { before, limit: v.finish(limit)? };
    let desk = staff.use_cases();
    let (view, notifications) = in_time(async move {
        let view = desk.get_case.execute(&number.0, &wanted).await?;
        let notifications = desk.track_notifications.of_case(&number.0).await?;
        Ok::<_, CaseError<Infallible>>((view, notifications))
    })
    .await?;
    let version = view.details.case.version();
    let answer = CaseDetailsResponse::new(view, notifications, &wanted);
    Ok(HttpResponse::Ok().insert_header(etag(version)).json(answer))
}
