//! What was done by whom.

use std::num::NonZeroU32;

use actix_web::{HttpResponse, get};
use engage_application::AuditAction;
use engage_domain::{Line, StaffId, Timestamp};
use engage_repository::{AuditEntry, AuditFilter};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::{Admin, Staff};
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::validation::Validation;

const DEFAULT_LIMIT: u32 = 50;
const LARGEST_LIMIT: u32 = 100;

/// Entries of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditResponse {
    success: bool,
    /// The last first.
    entries: Vec<AuditEntryBody>,
    /// Where the log goes on.
    pagination: AuditPagination,
}

/// Where the log goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditPagination {
    /// How many entries were asked for.
    #[schema(minimum = 1, maximum = 100, example = 50)]
    limit: u32,
    /// What to send as `cursor` for the entries before these; null when there are none.
    #[schema(example = "1042")]
    next_cursor: Option<String>,
}

/// An act, as it was written down in the commit of what it changed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditEntryBody {
    /// Its place in the log, without gaps.
    #[schema(minimum = 1, example = 1042)]
    position: u64,
    /// Identifies the entry.
    #[schema(example = "0194a5f0-8e2b-7c44-9d38-2f1e6a5b7c90")]
    id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did it.
    actor: AuditActorBody,
    /// By which credential: a token's id, or `jwt_` and the first digits of the SHA-256 of another.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    credential: Option<String>,
    /// The `x-request-id` of the request.
    request_id: Option<String>,
    /// What was done.
    #[schema(example = "token.created")]
    action: String,
    /// The id of what it was done to.
    #[schema(example = "tok_01jjg00000e008000000000002")]
    subject: Option<String>,
    /// The id of the member whose that is.
    #[schema(example = "staff-456")]
    owner: Option<String>,
    /// The names of the fields that were set or changed.
    fields: Vec<String>,
    /// The values of the fields, with `from` and `to` when they were changed, and the client's `address`;
    /// null when there were none or they were erased.
    #[schema(value_type = Option<Object>, additional_properties = true)]
    values: Option<Value>,
    /// Whether there were values that were erased.
    values_erased: bool,
    /// The hash of the log up to this entry, in hexadecimal digits.
    hash: String,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
struct AuditActorBody {
    /// `STAFF`, `COMMAND_LINE`, `SYSTEM` or `UNKNOWN`.
    #[schema(example = "STAFF")]
    kind: String,
    /// The member's id.
    #[schema(example = "staff-123")]
    id: Option<String>,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { position, hash, facts, values } = entry;
        let values_erased = facts.values_mac.is_some() && values.is_none();
        // What is stored was written as JSON; were it none, it would be shown as the text that it is.
        let shown = values
            .map(|values| serde_json::from_str(&values.json).unwrap_or(Value::String(values.json)));
        Self {
            position,
            id: Uuid::from_u128(facts.id).to_string(),
            at: facts.at,
            actor: AuditActorBody { kind: facts.actor_kind, id: facts.actor_id },
            credential: facts.credential,
            request_id: facts.request_id,
            action: facts.action,
            subject: facts.subject,
            owner: facts.owner,
            fields: facts.fields,
            values: shown,
            values_erased,
            hash: hash.to_string(),
        }
    }
}

type Part = (AuditFilter, Option<u64>, NonZeroU32);

fn read_query(query: &Query) -> Result<Part, ApiError> {
    let mut v = Validation::default();
    let actor: Option<StaffId> = query.one("actor", &mut v).and_then(|id| v.parse("actor", id));
    let mut id = |name| {
        let id: Option<Line<200>> = query.one(name, &mut v).and_then(|id| v.parse(name, id));
        id.map(|id| id.to_string())
    };
    let (credential, subject) = (id("credential"), id("subject"));
    let filter = AuditFilter {
        actor: actor.map(|id| id.to_string()),
        credential,
        action: read_action(query, &mut v),
        subject,
        from: query.one("from", &mut v).and_then(|text| v.parse("from", text)),
        to: query.one("to", &mut v).and_then(|text| v.parse("to", text)),
    };
    let before = query.one("cursor", &mut v).map(str::parse::<u64>);
    if matches!(before, Some(Err(_))) {
        v.problem("cursor", "must be the nextCursor of an answer before, as it was given");
    }
    let before = before.and_then(Result::ok);
    let limit = query.whole_number("limit", DEFAULT_LIMIT, LARGEST_LIMIT, &mut v);
    v.finish(limit.map(|limit| (filter, before, limit)))
}

/// An action, or with a dot at its end the beginning of several.
fn read_action(query: &Query, v: &mut Validation) -> Option<String> {
    let text = query.one("action", v)?;
    let beginning = text.to_ascii_lowercase();
    let is_beginning = beginning.ends_with('.')
        && AuditAction::ALL.iter().any(|action| action.as_str().starts_with(&beginning));
    if is_beginning {
        return Some(beginning);
    }
    let action: Option<AuditAction> = v.word("action", Some(text));
    action.map(|action| action.as_str().to_owned())
}

/// Read the audit log.
///
/// Needs the role `ADMIN`. What members and administrators did, on the command line too, and failed
/// log-ins. Changes of cases are in their histories.
#[utoipa::path(
    security(("staffToken" = [])),
    params(
        ("actor" = Option<String>, Query, description = "By this member.", example = "staff-123"),
        ("credential" = Option<String>, Query, description = "By this credential."),
        ("action" = Option<String>, Query, description = "What was done, such as `token.created`; `token.` for all \
            that begin so.", example = "token."),
        ("subject" = Option<String>, Query, description = "Done to this, or to what is this member's, by id."),
        ("from" = Option<String>, Query, description = "From this time on (RFC 3339)."),
        ("to" = Option<String>, Query, description = "Before this time (RFC 3339)."),
        ("cursor" = Option<String>, Query, description = "Goes on where another answer's `pagination.nextCursor` says."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "1 to 100; 50 by default."),
    ),
    responses(
        (status = 200, description = "The entries that fit.", body = AuditResponse),
        (status = 403, description = "`FORBIDDEN`.", body = ErrorBody),
    ),
)]
#[get("/audit")]
pub(crate) async fn list_audit(
    staff: Staff<Admin>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let (filter, before, limit) = read_query(&query)?;
    let log = staff.use_cases().audit.clone();
    // One more, which tells whether there is a next page.
    let wanted = limit.saturating_add(1);
    let mut entries = in_time(async move { log.list(&filter, before, wanted).await }).await?;
    let has_more = entries.len() > limit.get() as usize;
    entries.truncate(limit.get() as usize);
    let last = entries.last().filter(|_| has_more).map(|entry| entry.position.to_string());
    let pagination = AuditPagination { limit: limit.get(), next_cursor: last };
    let entries = entries.into_iter().map(AuditEntryBody::from).collect();
    Ok(HttpResponse::Ok().json(AuditResponse { success: true, entries, pagination }))
}
