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
