use std::num::NonZeroU32;

use actix_web::{HttpResponse, get, web};
use engage_application::{CaseList, ListRequest, ListStart};
use engage_domain::{StaffMember, StaffRef, Timestamp};
use engage_repository::{CaseFilter, CaseSort, CaseSummary, SortOrder};
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{ReadCases, Required, Staff};
use super::case_filter::{CaseFilterParameters, GivenFilter};
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

/// Names of the sort fields and directions.
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

/// Cases that match.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListCasesResponse {
    success: bool,
    /// Cases of this page.
    cases: Vec<CaseSummaryBody>,
    pagination: Pagination,
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CaseSummaryBody {
    #[schema(example = "CW-2025-001")]
    pub(super) case_number: String,
    /// Subject of the case, in one line.
    pub(super) subject: String,
    /// Name of the customer.
    pub(super) customer_name: String,
    /// E-mail address of the customer. Null if they have none.
    pub(super) customer_email: Option<String>,
    #[schema(example = "BUSINESS")]
    pub(super) customer_type: &'static str,
    #[schema(example = "IN_PROGRESS")]
    pub(super) status: &'static str,
    #[schema(example = "HIGH")]
    pub(super) urgency: &'static str,
    #[schema(example = "TECHNICAL")]
    pub(super) issue_type: &'static str,
    /// Way in which the case came in.
    #[schema(example = "API")]
    pub(super) source: &'static str,
    /// Priority score, from 0 to 100.
    #[schema(maximum = 100)]
    pub(super) priority_score: u8,
    /// Assignee, or `null` if unassigned.
    pub(super) assigned_to: Option<AssigneeBody>,
    /// Department that works on the case.
    pub(super) department: Option<String>,
    /// Time at which the case was opened.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
    /// Time of the last change.
    #[schema(value_type = String, format = DateTime)]
    pub(super) last_activity: Timestamp,
    /// Estimated time of resolution.
    #[schema(value_type = String, format = DateTime)]
    pub(super) estimated_resolution: Timestamp,
    /// Tags of the case, by name.
    #[schema(example = json!(["VIP"]))]
    pub(super) tags: Vec<String>,
}

/// Assignee of a case.
#[derive(Serialize, ToSchema)]
pub(super) struct AssigneeBody {
    /// Id of the staff member.
    #[schema(example = "staff-123")]
    pub(super) id: String,
    /// Name of the staff member.
    #[schema(example = "Jane Smith")]
    pub(super) name: String,
}

/// Position within the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    /// Page number. `null` if a cursor was sent.
    page: Option<u32>,
    /// Requested number of cases.
    limit: u32,
    /// Number of matching cases. Above 10,000 it may be 5 seconds old. `null` if a cursor was sent.
    total: Option<u64>,
    /// Number of pages. `null` if a cursor was sent.
    pages: Option<u64>,
    /// Value of `cursor` for the next page. `null` at the end of the list.
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
            customer_email: case.customer_email.map(|email| email.to_string()),
            customer_type: case.customer_type.as_str(),
            status: case.status.as_str(),
            urgency: case.urgency.as_str(),
            issue_type: case.issue_type.as_str(),
            source: case.source.as_str(),
            priority_score: case.priority_score.get(),
            assigned_to: case.assigned_to.map(AssigneeBody::from),
            department: case.department.map(Into::into),
            created_at: case.created_at,
            last_activity: case.last_activity,
            estimated_resolution: case.estimated_resolution,
            tags: case.tags.iter().map(ToString::to_string).collect(),
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

/// A request for a list whose filter is not yet resolved.
struct GivenList {
    given: GivenFilter,
    start: ListStart,
    limit: NonZeroU32,
}

fn read_query(query: &Query, member: &StaffMember) -> Result<GivenList, ApiError> {
    let mut v = Validation::default();
    let given = GivenFilter::read(query, member, &mut v);
    let limit = query.whole_number("limit", DEFAULT_LIMIT, LARGEST_LIMIT, &mut v);
    let start = match query.one("cursor", &mut v) {
        Some(text) => read_cursor(text, &given.filter, query, &mut v),
        None => read_page(query, &mut v),
    };
    let request = start.zip(limit).map(|(start, limit)| GivenList { given, start, limit });
    v.finish(request)
}

/// Reads the sort field and direction.
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

/// Reads a cursor, which determines the order of the list. Parameters for the order must agree with
/// it.
fn read_cursor(
    text: &str,
    filter: &CaseFilter,
    query: &Query,
    v: &mut Validation,
) -> Option<ListStart> {
    let Some(cursor) = cursor::decode(text) else {
        v.problem("cursor", "must be a nextCursor of this list, unchanged");
        return None;
    };
    if named("sortBy", SORTS, query, v).is_some_and(|sort| sort != cursor.sort) {
        v.problem("sortBy", "must match the cursor, or be omitted");
    }
    if named("sortOrder", ORDERS, query, v).is_some_and(|order| order != cursor.order) {
        v.problem("sortOrder", "must match the cursor, or be omitted");
    }
    if cursor.sort == CaseSort::Relevance && filter.search.is_none() {
        v.problem("q", "is required with the cursor of a search");
    }
    if query.one("page", v).is_some() {
        v.problem("page", "must be omitted if a cursor is given");
    }
    Some(ListStart::After(cursor))
}

/// Returns the value with the given name, in upper or lower case.
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
/// Filters accept several comma-separated values. Ties are broken by case number, so that pages
/// never overlap. A page past the end is empty. Each response has a cursor for the next page.
/// Reading by cursor costs the same at any depth. Send the same filters with it. If sorted by
/// `createdAt` or `caseNumber`, reading by cursor skips and repeats no case while cases are added
/// and changed. In any other order, a case that changes meanwhile may move past the cursor.
#[utoipa::path(
    security(("staffToken" = [ReadCases::ROLE])),
    params(
        CaseFilterParameters,
        ("q" = Option<String>, Query, max_length = 200, description = "Search text of up to 200 \
            characters. The case number, subject, customer, organization, conversation and \
            assignee's name are searched. All words must match. A word of three or more \
            characters also matches the start of a longer word. Case and accents are ignored. \
            References, phone numbers and addresses are found in any common spelling."),
        ("page" = Option<u32>, Query, minimum = 1, description = "Page number, 1 by default."),
        ("cursor" = Option<String>, Query, description = "The `nextCursor` of an earlier response, instead of `page`."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Maximum number of entries per page, 20 by default."),
        ("sortBy" = Option<String>, Query, description = "`createdAt` (default), `lastActivity`, \
            `urgency`, `priorityScore`, `estimatedResolution`, `caseNumber` or `status`. If \
            omitted, a search with up to 10,000 results is sorted by where the text was found: \
            the full number or address, the number, the subject, the customer, or elsewhere."),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc` (default)."),
    ),
    responses(
        (status = 200, description = "The cases of this page.", body = ListCasesResponse),
    ),
)]
#[get("/support/cases")]
pub(crate) async fn list_cases(
    staff: Staff<ReadCases>,
    query: Query,
    searches: web::Data<Searches>,
) -> Result<HttpResponse, ApiError> {
    let GivenList { given, start, limit } = read_query(&query, staff.member())?;
    let page = match start {
        ListStart::Page { number, .. } => Some(number),
        ListStart::After(_) => None,
    };
    let _search = match given.filter.search {
        Some(_) => Some(searches.begin(&staff.member().id).await?),
        None => None,
    };
    let use_cases = staff.use_cases();
    let filter = given.resolve(&use_cases).await?;
    let list = use_cases.list_cases.clone();
    let request = ListRequest { filter, start, limit };
    let found = in_time(async move { list.execute(request).await }).await?;
    Ok(HttpResponse::Ok().json(ListCasesResponse::new(page, limit, found)))
}
