//! Whole lists as files.

mod columns;
mod csv;
mod format;
mod parts;
#[cfg(test)]
mod tests;

use actix_web::body::BodyStream;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};

use engage_application::{Act, AuditAction};

use self::format::Format;
pub(crate) use self::format::{DELIMITER_NAMES, FORMAT_NAMES};
use self::parts::Parts;
use super::access::{Agent, Staff};
use super::list::{read_filter, read_order};
use super::member_limits::Searches;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::validation::Validation;

/// Export cases.
///
/// The whole list of the cases that fit, as CSV (RFC 4180, with a head) or NDJSON (a line with an
/// object for each case). The filters and the order are those of the list. A file is
/// complete where the answer ends as HTTP says an answer ends; where it cannot be completed, the
/// connection is cut. Cases that come or change meanwhile may be in it or not.
///
/// Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, one of these in full width, a tab or a
/// line break for a formula; in CSV such a cell gets an apostrophe in front. NDJSON has every text as
/// it is.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("format" = Option<String>, Query, description = "`csv` or `ndjson`; without it what the \
            header `Accept` prefers, else `csv`.", example = "csv"),
        ("delimiter" = Option<String>, Query, description = "What stands between the cells of CSV: `,` \
            (default), `;`, as spreadsheets expect it where numbers have a decimal comma, or `tab`."),
        ("bom" = Option<bool>, Query, description = "`true` for a byte-order mark before CSV, without \
            which Excel reads other letters than ASCII wrongly; `false` by default."),
        ("status" = Option<String>, Query, description = "Status.", example = "OPEN,ON_HOLD"),
        ("urgency" = Option<String>, Query, description = "Urgency.", example = "HIGH"),
        ("customerType" = Option<String>, Query, description = "Customer type."),
        ("issueType" = Option<String>, Query, description = "Issue type."),
        ("assignedTo" = Option<String>, Query, description = "Id of the assignee, `me` or `unassigned`."),
        ("department" = Option<String>, Query, description = "Department, in upper or lower case."),
        ("customerEmail" = Option<String>, Query, description = "Full e-mail address of the customer, in upper or lower case."),
        ("organization" = Option<String>, Query, description = "Full name of the customer's \
            organization, in upper or lower case. Repeat the parameter to give several, since \
            names may contain commas."),
        ("project" = Option<String>, Query, description = "Full name of the client or project, in \
            upper or lower case. Repeat the parameter to give several."),
        ("slaState" = Option<String>, Query, description = "SLA state: the worse one of both \
            timers, in the order `BREACHED`, `WARNING`, `PENDING`, `PAUSED`, `CANCELLED`, `MET`. \
            It may be a second old."),
        ("dueBefore" = Option<String>, Query, description = "Time before which a running SLA timer is due (RFC 3339)."),
        ("updatedFrom" = Option<String>, Query, description = "Earliest `lastActivity`, the time \
            of the last change including internal ones (RFC 3339)."),
        ("updatedTo" = Option<String>, Query, description = "Time before which `lastActivity` lies."),
        ("createdFrom" = Option<String>, Query, description = "Earliest time of creation (RFC 3339)."),
        ("createdTo" = Option<String>, Query, description = "Time before which the case was created."),
        ("q" = Option<String>, Query, max_length = 200, description = "Words to be found, as in the list."),
        ("sortBy" = Option<String>, Query, description = "As in the list."),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc` (default)."),
    ),
    responses(
        (status = 200, description = "The cases.", content(
            (String = "text/csv"),
            (String = "application/x-ndjson"),
        )),
    ),
)]
#[get("/support/cases/export")]
pub(crate) async fn export_cases(
    staff: Staff<Agent>,
    query: Query,
    request: HttpRequest,
    searches: web::Data<Searches>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let format = Format::wanted(&query, &request, &mut v);
    let filter = read_filter(&query, staff.member(), &mut v);
    let (sort, order) = read_order(&query, &mut v);
    let format = v.finish(format)?;
    // One search, however many parts it takes.
    let search = match filter.search {
        Some(_) => Some(searches.begin(&staff.member().id).await?),
        None => None,
    };
    // A failure before the first line is an error like any other.
    let list = staff.use_cases().list_cases.clone();
    let parts = Parts::begin(list, filter, sort, order, search).await?;
    // Before anybody has the first of it.
    let (log, by, act) = (staff.use_cases().audit.clone(), staff.initiator(), exported(&query));
    in_time(async move { log.append(&by, act).await }).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::CONTENT_DISPOSITION, format.content_disposition()))
        .body(BodyStream::new(parts.written_as(format))))
}

/// What is written down of an export: how the list was narrowed. What was searched for may be anybody's data,
/// and is only named.
fn exported(query: &Query) -> Act {
    const SHOWN: [&str; 11] = [
        "format",
        "status",
        "urgency",
        "customerType",
        "issueType",
        "assignedTo",
        "department",
        "createdFrom",
        "createdTo",
        "sortBy",
        "sortOrder",
    ];
    query.given().into_iter().fold(Act::new(AuditAction::CasesExported), |act, (name, values)| {
        if SHOWN.contains(&name) { act.set(name, values) } else { act.touched(name) }
    })
}
