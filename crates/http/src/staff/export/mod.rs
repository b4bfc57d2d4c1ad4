//! Exports of the case list as files.

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
use super::access::{ExportCases, Required, Staff};
use super::case_filter::{CaseFilterParameters, GivenFilter};
use super::list::read_order;
use super::member_limits::Searches;
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::validation::Validation;

/// Export cases.
///
/// Returns all matching cases as CSV (RFC 4180, with a header line) or NDJSON (one object per
/// line). The filters and the order are those of the list. A response that ends properly, as HTTP
/// defines it, is complete. If the export cannot be completed, the connection is cut. Cases that
/// are opened or changed during the export may or may not be included.
///
/// Spreadsheets evaluate a cell as a formula if it starts with `=`, `+`, `-`, `@`, the full-width
/// form of one of these, a tab or a line break. In CSV, such a cell gets a leading apostrophe. In
/// NDJSON, all text is unchanged.
#[utoipa::path(
    security(("staffToken" = [ExportCases::ROLE])),
    params(
        ("format" = Option<String>, Query, description = "`csv` or `ndjson`. By default, the \
            format that the header `Accept` prefers, or else `csv`.", example = "csv"),
        ("delimiter" = Option<String>, Query, description = "Separator between the cells of CSV: `,` \
            (default), `;`, which spreadsheets expect if numbers have a decimal comma, or `tab`."),
        ("bom" = Option<bool>, Query, description = "Set to `true` to begin CSV with a byte-order mark, \
            without which Excel misreads non-ASCII letters. The default is `false`."),
        CaseFilterParameters,
        ("q" = Option<String>, Query, max_length = 200, description = "Words to be found, as in the list."),
        ("sortBy" = Option<String>, Query, description = "As in the list."),
        ("sortOrder" = Option<String>, Query, description = "`asc` or `desc` (default)."),
    ),
    responses(
        (status = 200, description = "The matching cases.", content(
            (String = "text/csv"),
            (String = "application/x-ndjson"),
        )),
    ),
)]
#[get("/support/cases/export")]
pub(crate) async fn export_cases(
    staff: Staff<ExportCases>,
    query: Query,
    request: HttpRequest,
    searches: web::Data<Searches>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let format = Format::wanted(&query, &request, &mut v);
    let given = GivenFilter::read(&query, staff.member(), &mut v);
    let (sort, order) = read_order(&query, &mut v);
    let format = v.finish(format)?;
    // The whole export counts as one search.
    let search = match given.filter.search {
        Some(_) => Some(searches.begin(&staff.member().id).await?),
        None => None,
    };
    // A failure before the first line still gets a normal error response.
    let use_cases = staff.use_cases();
    let filter = given.resolve(&use_cases).await?;
    let list = use_cases.list_cases.clone();
    let parts = Parts::begin(list, filter, sort, order, search).await?;
    // The audit log records the export before the client receives any of it.
    let (log, by, act) = (staff.use_cases().audit.clone(), staff.initiator(), exported(&query));
    in_time(async move { log.append(&by, act).await }).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.content_type()))
        .insert_header((header::CONTENT_DISPOSITION, format.content_disposition()))
        .body(BodyStream::new(parts.written_as(format))))
}

/// Returns the audit entry of an export, with the filters that narrowed the list. Search words and
/// names may be personal data, so these parameters are listed without their values.
fn exported(query: &Query) -> Act {
    const SHOWN: [&str; 17] = [
        "format",
        "status",
        "urgency",
        "customerType",
        "issueType",
        "source",
        "assignedTo",
        "department",
        "contactId",
        "organizationId",
        "tags",
        "tagsAll",
        "tagsNone",
        "createdFrom",
        "createdTo",
        "sortBy",
        "sortOrder",
    ];
    query.given().into_iter().fold(Act::new(AuditAction::CasesExported), |act, (name, values)| {
        if SHOWN.contains(&name) { act.set(name, values) } else { act.touched(name) }
    })
}
