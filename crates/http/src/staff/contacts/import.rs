//! Import of contacts from CSV.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse, post, web};
use engage_application::{ContactImport, ImportProblem, ImportRow};
use futures_util::StreamExt;
use serde::Serialize;
use utoipa::ToSchema;

use super::csv_rows::{CsvRecord, CsvRows};
use super::import_columns::Columns;
use crate::body::check_head;
use crate::body_timeout::{self, TimedBody};
use crate::deadline::within;
use crate::error::ApiError;
use crate::problems;
use crate::query::Query;
use crate::staff::access::{ManageOrganizations, Required, Staff};
use crate::validation::Validation;

/// Maximum number of rows of a file.
const MOST_ROWS: usize = 100_000;

/// Size limit for a file.
const LARGEST_FILE: usize = 64 * 1024 * 1024;

/// Time limit for a batch of rows.
const PATIENCE: Duration = Duration::from_secs(5);

const ACCEPTS: &[&str] = &["text/csv"];

/// The result of an import.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportResponse {
    success: bool,
    /// Number of contacts that were added, or would be.
    #[schema(example = 120)]
    created: u64,
    /// Number of rows whose address already had a contact.
    #[schema(example = 30)]
    updated: u64,
    /// Number of rows that were not imported.
    #[schema(example = 1)]
    failed: u64,
    /// The first problems, at most 100.
    #[schema(max_items = 100)]
    errors: Vec<ImportErrorBody>,
}

/// A problem with a row.
#[derive(Serialize, ToSchema)]
struct ImportErrorBody {
    /// Line of the file on which the row begins.
    #[schema(minimum = 1, example = 17)]
    line: u64,
    /// Column of the value. Empty if the problem is with the whole row.
    #[schema(example = "phone")]
    field: &'static str,
    /// Description of the problem. Preceded by the name of the column, it is a sentence.
    #[schema(example = "must be a telephone number")]
    message: String,
}

impl From<ImportProblem> for ImportErrorBody {
    fn from(problem: ImportProblem) -> Self {
        let ImportProblem { line, field, message } = problem;
        Self { line, field, message }
    }
}

/// Import contacts from CSV.
///
/// The file (RFC 4180, in UTF-8) has a header line with the columns `email`, which is required, and
/// `name`, `phone`, `organizationId`, `locale`, `timeZone` and `notes`. A row whose address has a
/// contact changes it; a blank cell changes nothing. Another row adds a contact, which needs a
/// name. At most 100,000 rows and 64 MiB are allowed.
///
/// Rows are imported in batches while the file arrives. An import that was interrupted can be sent
/// again. With `dryRun=true`, all rows are checked and nothing is stored.
#[utoipa::path(
    security(("staffToken" = [ManageOrganizations::ROLE])),
    params(
        ("dryRun" = Option<bool>, Query, description = "Set to `true` to check the rows without storing anything. The default is `false`."),
    ),
    request_body(content = String, content_type = "text/csv", example = json!("email,name\njane@example.com,Jane Roe\n")),
    responses(
        (status = 200, description = "The number of rows by outcome, and the first problems.", body = ImportResponse),
    ),
)]
#[post("/contacts/import")]
pub(crate) async fn import_contacts(
    staff: Staff<ManageOrganizations>,
    query: Query,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let is_dry_run = query.truth("dryRun", &mut v).unwrap_or(false);
    v.finish(Some(()))?;
    check_head(request.headers(), LARGEST_FILE, ACCEPTS, is_csv)?;
    let manage = staff.use_cases().manage_contacts.clone();
    let import = ContactImport::new(manage, staff.initiator(), is_dry_run);
    let receiver = Receiver::new(import);
    let totals = receiver.receive(payload.into_inner()).await?.finish();
    Ok(HttpResponse::Ok().json(ImportResponse {
        success: true,
        created: totals.created,
        updated: totals.updated,
        failed: totals.failed,
        errors: totals.problems.into_iter().map(ImportErrorBody::from).collect(),
    }))
}

fn is_csv(essence: &str) -> bool {
    essence == "text/csv"
}

/// Receives a file and imports its rows in batches.
struct Receiver {
    import: ContactImport,
    rows: CsvRows,
    columns: Option<Columns>,
    batch: Vec<ImportRow>,
    count: usize,
}

impl Receiver {
    fn new(import: ContactImport) -> Self {
        Self { import, rows: CsvRows::new(), columns: None, batch: Vec::new(), count: 0 }
    }

    async fn receive(mut self, payload: Payload) -> Result<ContactImport, ApiError> {
        let mut arrival = TimedBody::new(payload, LARGEST_FILE);
        while let Some(piece) = arrival.next().await {
            let piece = piece.map_err(|error| {
                let broken_off = || ApiError::invalid("body", "must not end too early");
                body_timeout::refusal(&error, LARGEST_FILE).unwrap_or_else(broken_off)
            })?;
            let mut input = &piece[..];
            while let Some(record) = self.rows.next(&mut input) {
                self = self.take(record).await?;
            }
        }
        if let Some(record) = self.rows.finish() {
            self = self.take(record).await?;
        }
        if self.columns.is_none() {
            return Err(ApiError::invalid("body", "must begin with a header line"));
        }
        Ok(self.import_batch().await?.import)
    }

    async fn take(mut self, record: CsvRecord) -> Result<Self, ApiError> {
        let Some(columns) = &self.columns else {
            self.columns = Some(Columns::read(&record).map_err(ApiError::Validation)?);
            problems::refuse_any()?;
            return Ok(self);
        };
        self.count += 1;
        if self.count > MOST_ROWS {
            self.import_batch().await?;
            let message = "must have at most 100,000 rows: send the others in another request";
            return Err(ApiError::invalid("body", message));
        }
        match columns.row(record) {
            Ok(row) => self.batch.push(row),
            Err(problems) => self.import.reject(problems),
        }
        if self.batch.len() < ContactImport::BATCH { Ok(self) } else { self.import_batch().await }
    }

    async fn import_batch(mut self) -> Result<Self, ApiError> {
        let rows = std::mem::take(&mut self.batch);
        if rows.is_empty() {
            return Ok(self);
        }
        let import = self.import;
        self.import = within(PATIENCE, async move { import.take(rows).await }).await?;
        Ok(self)
    }
}
