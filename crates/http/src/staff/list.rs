use std::num::NonZeroU32;

use actix_web::{HttpResponse, get, web};
use engage_application::{CaseList, ListRequest, ListStart};
use engage_domain::{StaffMember, StaffRef, Timestamp};
use engage_repository::{AssigneeFilter, CaseFilter, CaseSort, CaseSummary, SortOrder};
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{Agent, Staff};
use super::cursor;
use super::member_limits::Searches;
use super::page::{DEFAULT_LIMIT, LARGEST_LIMIT};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::validation::Validation;

const SORTS: &[(&str, CaseSort)] = &[
    ("createdAt", CaseSort::CreatedAt),
    ("lastActivity", CaseSort::LastActivity),
    ("urgency", CaseSort::Urgency),
    ("priorityScore", CaseSort::PriorityScore),
    ("estimatedResolution", CaseSort::EstimatedResolution),
    ("caseNumber", CaseSort::CaseNumber),
    ("status", CaseSort::Status),
];
const ORDERS: &[(&str, SortOrder)] =
    &[("asc", SortOrder::Ascending), ("desc", SortOrder::Descending)];

/// The names of the properties by which cases can be sorted, and of the directions.
pub(crate) const SORT_NAMES: &[&str] = &names::<{ SORTS.len() }, _>(SORTS);
pub(crate) const ORDER_NAMES: &[&str] = &names::<{ ORDERS.len() }, _>(ORDERS);

const fn names<const COUNT: usize, T>(named: &[(&'static str, T)]) -> [&'static str; COUNT] {
    let mut all = [""; COUNT];
    let mut place = 0;
    while place < COUNT {
        all[place] = named[place].0;
        place += 1;
    }
    all
}

/// Cases that fit.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListCasesResponse {
    success: bool,
    /// Those of this page.
    cases: Vec<CaseSummaryBody>,
    pagination: Pagination,
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaseSummaryBody {
    #[schema(example = "CW-2025-001")]
    pub(super) case_number: String,
    /// What it is about, in a line.
    pub(super) subject: String,
    /// Who needs help.
    pub(super) customer_name: String,
    /// Where answers go.
    pub(super) customer_email: String,
    #[schema(example = "BUSINESS")]
    pub(super) customer_type: &'static str,
    #[schema(example = "IN_PROGRESS")]
    pub(super) status: &'static str,
    #[schema(example = "HIGH")]
    pub(super) urgency: &'static str,
    #[schema(example = "TECHNICAL")]
    pub(super) issue_type: &'static str,
    /// How much it matters, from 0 to 100.
    #[schema(maximum = 100)]
    pub(super) priority_score: u8,
    /// Who works on it; `null` for nobody.
    pub(super) assigned_to: Option<AssigneeBody>,
    /// Which department works on it.
    pub(super) department: Option<String>,
    /// When it was opened.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub(super) last_activity: Timestamp,
    /// When it should be resolved.
    #[schema(value_type = String, format = DateTime)]
    pub(super) estimated_resolution: Timestamp,
}

/// Who works on a case.
#[derive(Serialize, ToSchema)]
pub(super) struct AssigneeBody {
    /// The staff member's id.
    #[schema(example = "staff-123")]
    pub(super) id: String,
    /// The staff member's name.
    #[schema(example = "Jane Smith")]
    pub(super) name: String,
}

/// Where in the list the answer is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    /// Which page it is; `null` after a cursor.
    page: Option<u32>,
    /// How many cases were asked for.
    limit: u32,
    /// How many cases fit; above 10,000 it may be 5 seconds old. `null` after a cursor.
    total: Option<u64>,
    /// How many pages they fill; `null` after a cursor.
    pages: Option<u64>,
    /// Where the list goes on, to be given as `cursor`; `null` at its end.
    next_cursor: Option<String>,
}

impl From<StaffRef> for AssigneeBody {
    fn from(staff: StaffRef) -> Self {
        Self { id: staff.id.to_string(), name: staff.name.into() }
    }
}

impl From<CaseSummary> for CaseSummaryBody {
    fn from(case: CaseSummary) -> Self {
        Self {
            case_number: case.number.to_string(),
            subject: case.subject.into(),
            customer_name: case.customer_name.into(),
            customer_email: case.customer_email.to_string(),
            customer_type: case.customer_type.as_str(),
            status: case.status.as_str(),
            urgency: case.urgency.as_str(),
            issue_type: case.issue_type.as_str(),
            priority_score: case.priority_score.get(),
            assigned_to: case.assigned_to.map(AssigneeBody::from),
            department: case.department.map(Into::into),
            created_at: case.created_at,
            last_activity: case.last_activity,
            estimated_resolution: case.estimated_resolution,
        }
    }
}

impl ListCasesResponse {
    fn new(page: Option<NonZeroU32>, limit: NonZeroU32, found: CaseList) -> Self {
        Self {
            success: true,
            cases: found.cases.into_iter().map(CaseSummaryBody::from).collect(),
            pagination: Pagination {
                page: page.map(NonZeroU32::get),
                limit: limit.get(),
                total: found.total,
                pages: found.total.map(|total| total.div_ceil(limit.get().into())),
                next_cursor: found.next.as_ref().map(cursor::encode),
            },
        }
    }
}

fn read_query(query: &Query, member: &StaffMember) -> Result<ListRequest, ApiError> {
    let mut v = Validation::default();
    let filter = read_filter(query, member, &mut v);
    let limit = query.whole_number("limit", DEFAULT_LIMIT, LARGEST_LIMIT, &mut v);
    let start = match query.one("cursor", &mut v) {
        Some(text) => read_cursor(text, &filter, query, &mut v),
        None => read_page(query, &mut v),
    };
    let request = start.zip(limit).map(|(start, limit)| ListRequest { filter, start, limit });
    v.finish(request)
}

pub(super) fn read_filter(query: &Query, member: &StaffMember, v: &mut Validation) -> CaseFilter {
    let time = |name: &'static str, v: &mut Validation| {
        query.one(name, v).and_then(|text| v.parse::<Timestamp>(name, text))
    };
    CaseFilter {
        status: query.words("status", v),
        urgency: query.words("urgency", v),
        customer_type: query.words("customerType", v),
        issue_type: query.words("issueType", v),
        assigned_to: query
            .many("assignedTo", v)
            .into_iter()
            .filter_map(|value| assignee(value, member, v))
            .collect(),
        department: query.values("department", v),
        customer_email: query.values("customerEmail", v),
        organization: query.each("organization", v),
        project: query.each("project", v),
        sla_state: query.words("slaState", v),
        due_before: time("dueBefore", v),
        updated_from: time("updatedFrom", v),
        updated_to: time("updatedTo", v),
        created_from: time("createdFrom", v),
        created_to: time("createdTo", v),
        search: query.one("q", v).and_then(|text| v.parse("q", text)),
    }
}

/// By what the list is sorted, and in which direction.
pub(super) fn read_order(query: &Query, v: &mut Validation) -> (Option<CaseSort>, SortOrder) {
    let sort = named("sortBy", SORTS, query, v);
    let order = named("sortOrder", ORDERS, query, v).unwrap_or_default();
    (sort, order)
}

fn read_page(query: &Query, v: &mut Validation) -> Option<ListStart> {
    let (sort, order) = read_order(query, v);
    let number = query.whole_number("page", 1, u32::MAX, v)?;
    Some(ListStart::Page { number, sort, order })
}

/// A cursor says how the list is sorted; what else is said of that must agree.
fn read_cursor(
    text: &str,
    filter: &CaseFilter,
    query: &Query,
    v: &mut Validation,
) -> Option<ListStart> {
    let Some(cursor) = cursor::decode(text) else {
        v.problem("cursor", "must be a nextCursor of this list, as it was given");
        return None;
    };
    if named("sortBy", SORTS, query, v).is_some_and(|sort| sort != cursor.sort) {
        v.problem("sortBy", "must be what the list of the cursor is sorted by, or left out");
    }
    if named("sortOrder", ORDERS, query, v).is_some_and(|order| order != cursor.order) {
        v.problem("sortOrder", "must be the order of the list of the cursor, or left out");
    }
    if cursor.sort == CaseSort::Relevance && filter.search.is_none() {
        v.problem("q", "is required with the cursor of a search");
    }
    if query.one("page", v).is_some() {
        v.problem("page", "must be left out where a cursor is given");
    }
    Some(ListStart::After(cursor))
}

fn assignee(value: &str, member: &StaffMember, v: &mut Validation) -> Option<AssigneeFilter> {
    match value {
        "me" => Some(AssigneeFilter::Staff(member.id.clone())),
        "unassigned" => Some(AssigneeFilter::Unassigned),
        id => v.parse("assignedTo", id).map(AssigneeFilter::Staff),
    }
}

/// The value that a parameter names, in any case.
pub(super) fn named<T: Copy>(
    name: &'static str,
    values: &'static [(&'static str, T)],
    query: &Query,
    v: &mut Validation,
) -> Option<T> {
    let wanted = query.one(name, v)?;
    let found = values.iter().find(|(spelling, _)| spelling.eq_ignore_ascii_case(wanted));
    if found.is_none() {
        v.not_one_of(name, values.iter().map(|(spelling, _)| *spelling).collect());
    }
    found.map(|(_, value)| *value)
}

/// List cases.
///
/// A filter takes several values with commas between them. Ties are broken by case number, so that
/// pages never overlap; a page past the end is empty. Each answer has a cursor with which the list
/// goes on at the same cost however far down that is; the criteria have to be given again with it.
/// Sorted by `createdAt` or `caseNumber`, a list that is read by cursors skips and repeats nothing
/// while cases come and change; in any other order, a case that changes meanwhile may move past the
/// cursor.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("status" = Option<String>, Query, description = "Where they stand.", example = "OPEN,ON_HOLD"),
        ("urgency" = Option<String>, Query, description = "How much they hurt.", example = "HIGH"),
        ("customerType" = Option<String>, Query, description = "What kind of contract the customer has."),
        ("issueType" = Option<String>, Query, description = "What kind of help is wanted."),
        ("assignedTo" = Option<String>, Query, description = "A staff id, `me`, or `unassigned`."),
        ("department" = Option<String>, Query, description = "Which department works on them, in any case of letters."),
        ("customerEmail" = Option<String>, Query, description = "Who needs help: the whole address, in any case of letters."),
        ("organization" = Option<String>, Query, description = "For whom they work: the whole name, in any case of letters. Several come as several parameters, since names have commas."),
        ("project" = Option<String>, Query, description = "Their client or project: the whole name, in any case of letters. Several come as several parameters."),
        ("slaState" = Option<String>, Query, description = "How they stand to their service targets: the worse of both states, in the order `BREACHED`, `WARNING`, `PENDING`, `PAUSED`, `CANCELLED`, `MET`. Up to a second behind."),
        ("dueBefore" = Option<String>, Query, description = "The time before which a service target is due whose clock runs (RFC 3339)."),
        ("updatedFrom" = Option<String>, Query, description = "The earliest time of the last change, internal ones included: of `lastActivity` (RFC 3339)."),
        ("updatedTo" = Option<String>, Query, description = "The time that the last change must lie before."),
        ("createdFrom" = Option<String>, Query, description = "The earliest time of creation (RFC 3339)."),
        ("createdTo" = Option<String>, Query, description = "The time that creation must lie before."),
        ("q" = Option<String>, Query, max_length = 200, description = "Words to be found in the number, the subject, \
            the customer, the organisation, the conversation or the name of who works on it; up to \
            200 characters. A case has to have all of them; words of three characters or more may be \
            the beginning of longer ones; case and accents do not matter. References, telephone \
            numbers and addresses are found as people write them."),
        ("page" = Option<u32>, Query, minimum = 1, description = "From 1, the default."),
        ("cursor" = Option<String>, Query, description = "Goes on where another answer's \
            `nextCursor` says, instead of at a page."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 20 by default."),
        ("sortBy" = Option<String>, Query, description = "`createdAt` (default), `lastActivity`, \
            `urgency`, `priorityScore`, `estimatedResolution`, `caseNumber` or `status`. Without \
            it, a search that finds up to 10,000 cases is sorted by where its words are: the \
            whole number or address, the number, the subject, the customer, anywhere else."),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc` (default)."),
    ),
    responses(
        (status = 200, description = "The cases of this page.", body = ListCasesResponse),
    ),
)]
#[get("/support/cases")]
pub(crate) async fn list_cases(
    staff: Staff<Agent>,
    query: Query,
    searches: web::Data<Searches>,
) -> Result<HttpResponse, ApiError> {
    let request = read_query(&query, staff.member())?;
    let limit = request.limit;
    let page = match request.start {
        ListStart::Page { number, .. } => Some(number),
        ListStart::After(_) => None,
    };
    let _search = match request.filter.search {
        Some(_) => Some(searches.begin(&staff.member().id).await?),
        None => None,
    };
    let desk = staff.use_cases();
    let found = in_time(async move { desk.list_cases.execute(request).await }).await?;
    Ok(HttpResponse::Ok().json(ListCasesResponse::new(page, limit, found)))
}
