//! The audit log.

use std::num::NonZeroU32;

use actix_web::{HttpResponse, get};
use engage_application::AuditAction;
use engage_domain::text::Line;
use engage_domain::{StaffId, Timestamp};
use engage_repository::{AuditEntry, AuditFilter};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::access::{ReadAuditLog, Required, Staff};
use crate::deadline::in_time;
use crate::error::ApiError;
use crate::query::Query;
use crate::validation::Validation;

const DEFAULT_LIMIT: u32 = 50;
const LARGEST_LIMIT: u32 = 100;

/// Entries of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditResponse {
    success: bool,
    /// Newest first.
    entries: Vec<AuditEntryBody>,
    /// Position within the log.
    pagination: AuditPagination,
}

/// Position within the log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditPagination {
    /// Requested number of entries.
    #[schema(minimum = 1, maximum = 100, example = 50)]
    limit: u32,
    /// Value of `cursor` for the entries before these. It is null if there are none.
    #[schema(example = "1042")]
    next_cursor: Option<String>,
}

/// An action, recorded in the same commit as the change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditEntryBody {
    /// Position in the log. There are no gaps.
    #[schema(minimum = 1, example = 1042)]
    position: u64,
    /// Id of the entry.
    #[schema(example = "0194a5f0-8e2b-7c44-9d38-2f1e6a5b7c90")]
    id: String,
    /// Time of the action.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The actor.
    actor: AuditActorBody,
    /// Credential: the id of a token, or `jwt_` and the first digits of the SHA-256 of a JWT.
    #[schema(example = "tok_01jjg00000e008000000000001")]
    credential: Option<String>,
    /// The `x-request-id` of the request.
    request_id: Option<String>,
    /// The action.
    #[schema(example = "token.created")]
    action: String,
    /// Id of the object of the action.
    #[schema(example = "tok_01jjg00000e008000000000002")]
    subject: Option<String>,
    /// Id of the member who owns the object.
    #[schema(example = "staff-456")]
    owner: Option<String>,
    /// Names of the fields that were set or changed.
    fields: Vec<String>,
    /// Values of the fields, with `from` and `to` if they changed, and the client's `address`. Null
    /// if there were none or they have been erased.
    #[schema(value_type = Option<Object>, additional_properties = true)]
    values: Option<Value>,
    /// True if there were values that have been erased.
    values_erased: bool,
    /// Hash of the log up to this entry, in hexadecimal.
    hash: String,
}

/// The actor of an entry.
#[derive(Serialize, ToSchema)]
struct AuditActorBody {
    /// `STAFF`, `COMMAND_LINE`, `SYSTEM` or `UNKNOWN`.
    #[schema(example = "STAFF")]
    kind: String,
    /// Id of the member.
    #[schema(example = "staff-123")]
    id: Option<String>,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        let AuditEntry { position, hash, facts, values } = entry;
        let values_erased = facts.values_mac.is_some() && values.is_none();
        // Stored values are JSON. Anything else is shown as plain text.
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
        v.problem("cursor", "must be the nextCursor of an earlier response, unchanged");
    }
    let before = before.and_then(Result::ok);
    let limit = query.whole_number("limit", DEFAULT_LIMIT, LARGEST_LIMIT, &mut v);
    v.finish(limit.map(|limit| (filter, before, limit)))
}

/// Reads an action, or the prefix of several actions, which ends with a dot.
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
/// The log records the actions of members and administrators, including
/// those on the command line, and failed logins. Changes of cases are in the history of the case.
#[utoipa::path(
    security(("staffToken" = [ReadAuditLog::ROLE])),
    params(
        ("actor" = Option<String>, Query, description = "Id of the member who acted.", example = "staff-123"),
        ("credential" = Option<String>, Query, description = "Credential that was used."),
        ("action" = Option<String>, Query, description = "Action, such as `token.created`, or a prefix that ends with a dot, such as `token.`.", example = "token."),
        ("subject" = Option<String>, Query, description = "Id of the object, or of the member who owns it."),
        ("from" = Option<String>, Query, description = "Earliest time (RFC 3339)."),
        ("to" = Option<String>, Query, description = "Time before which the entries were recorded (RFC 3339)."),
        ("cursor" = Option<String>, Query, description = "The `pagination.nextCursor` of an earlier response."),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 100, description = "Maximum number of entries, 50 by default."),
    ),
    responses(
        (status = 200, description = "The matching entries.", body = AuditResponse),
    ),
)]
#[get("/audit")]
pub(crate) async fn list_audit(
    staff: Staff<ReadAuditLog>,
    query: Query,
) -> Result<HttpResponse, ApiError> {
    let (filter, before, limit) = read_query(&query)?;
    let log = staff.use_cases().audit.clone();
    // One more than requested shows whether there is a next page.
    let wanted = limit.saturating_add(1);
    let mut entries = in_time(async move { log.list(&filter, before, wanted).await }).await?;
    let has_more = entries.len() > limit.get() as usize;
    entries.truncate(limit.get() as usize);
    let last = entries.last().filter(|_| has_more).map(|entry| entry.position.to_string());
    let pagination = AuditPagination { limit: limit.get(), next_cursor: last };
    let entries = entries.into_iter().map(AuditEntryBody::from).collect();
    Ok(HttpResponse::Ok().json(AuditResponse { success: true, entries, pagination }))
}
