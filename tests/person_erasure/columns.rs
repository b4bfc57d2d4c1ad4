//! Every column that can hold data of a person is known, and an erasure reaches it.

use std::collections::BTreeSet;

use crate::support::{Store, on_both_stores};

on_both_stores! {
    every_column_is_known_to_hold_persons_or_none
}

/// What erases the data of customers and participants in these columns.
const HOLDS_PERSONS: &[(&str, &[&str])] = &[
    (
        "the erasure of the case",
        &[
            "cases.customer_name",
            "cases.customer_email",
            "cases.customer_organization",
            "cases.customer_phone",
            "cases.client_or_project_name",
            "cases.subject",
            "cases.message",
        ],
    ),
    (
        "the erasure of the case, and of people from it",
        &[
            "cases.participants",
            "updates.message",
            "updates.person_name",
            "escalations.reason",
            "attachments.filename",
            "events.snapshot",
            "events.address",
            "events.tracestate",
            "notifications.address",
            "notifications.last_error",
            "delivery_attempts.reason",
            "idempotency_keys.answer",
            "case_participant_addresses.address",
            "case_former_addresses.address",
        ],
    ),
    (
        "the words are made anew",
        &[
            "case_words.subject",
            "case_words.customer",
            "case_words.conversation",
            "case_words_content.c1",
            "case_words_content.c2",
            "case_words_content.c3",
            "case_words_data.block",
            "case_words_idx.term",
            "case_search.words",
        ],
    ),
    ("a file that is released loses its name; others expire after a day", &["uploads.filename"]),
    (
        "the contact is removed; mentions in notes of others are erased",
        &[
            "contacts.emails",
            "contacts.name",
            "contacts.phone",
            "contacts.notes",
            "contacts.search_text",
            "contacts.locale",
            "contacts.time_zone",
            "contact_emails.address",
            "contact_emails.domain",
            "organizations.notes",
        ],
    ),
    (
        "reasons that may mention the address are erased",
        &["channels.reason", "suppressed_addresses.reason"],
    ),
    ("replaced by a hash: docs/data.md", &["suppressed_addresses.address"]),
    ("deleted after the second pass", &["person_erasures.addresses"]),
    (
        "a digest, which expires after a day",
        &[
            "idempotency_keys.key",
            "idempotency_keys.digest",
            "budget_uses.budget",
            "request_counts.who",
        ],
    ),
];

/// What these columns hold, which is no data of customers and participants.
const HOLDS_NONE: &[(&str, &[&str])] = &[
    (
        "a hash of a random key, and of it with the request",
        &["person_erasures.key", "person_erasures.digest"],
    ),
    (
        "numbers of cases, words of the program and ids of staff",
        &["person_erasures.begun", "person_erasures.state", "person_erasures.requested_by"],
    ),
    (
        "members of staff",
        &[
            "staff.id",
            "staff.name",
            "staff.email",
            "staff.role",
            "staff.department",
            "staff.phone",
            "staff.service",
            "staff_tokens.staff_id",
            "staff_tokens.name",
            "staff_tokens.hash",
            "staff_tokens.role_ceiling",
            "staff_tokens.made_by",
            "staff_tokens.superseded_hash",
            "removed_tokens.staff_id",
            "removed_tokens.name",
            "removed_tokens.role_ceiling",
            "removed_tokens.made_by",
            "cases.assigned_to",
            "cases.department",
            "updates.author_id",
            "updates.author_name",
            "updates.via_id",
            "updates.via_name",
            "events.actor_id",
            "events.actor_name",
            "events.credential",
            "uploads.uploaded_by",
        ],
    ),
    (
        "words of the program",
        &[
            "cases.number_prefix",
            "cases.status",
            "cases.urgency",
            "cases.issue_type",
            "cases.customer_type",
            "cases.first_response_alert",
            "cases.resolution_alert",
            "cases.source",
            "cases.first_message_by",
            "cases.entitlement",
            "cases.claimed_customer_type",
            "cases.sla_targets",
            "updates.author_kind",
            "updates.visibility",
            "updates.source",
            "escalations.previous_urgency",
            "escalations.new_urgency",
            "events.type",
            "events.recent_type",
            "events.actor_kind",
            "events.visibility",
            "channels.channel",
            "suppressed_addresses.channel",
            "delivery_attempts.outcome",
            "notifications.channel",
            "notifications.template",
            "notifications.status",
            "refusals.channel",
            "refusals.kind",
            "request_counts.quota",
            "case_search.number_prefix",
            "schema_compatibility.version",
            "schema_compatibility.compatible_from",
        ],
    ),
    ("statuses, times and ids, without personal changes: Change::is_personal", &["events.changes"]),
    ("ids of persons with numbers", &["cases.participant_generations"]),
    ("ids that clients choose, without a meaning", &["events.request_id", "events.traceparent"]),
    (
        "numbers of cases",
        &[
            "case_words.number",
            "case_words_content.c0",
            "case_words_idx.segid",
            "case_words_idx.pgno",
            "case_words_config.k",
            "case_words_config.v",
            "notifications.digest",
        ],
    ),
    ("labels of staff", &["tags.name", "tags.folded", "tags.merged_into", "tag_names.folded"]),
    ("hashes of addresses, made with the key of the installation", &["erased_suppressions.mac"]),
    ("the URL of an endpoint and the reason for disabling it", &["notifications.notice"]),
    (
        "media types and hashes of contents",
        &["attachments.content_type", "attachments.hash", "uploads.content_type", "uploads.hash"],
    ),
    (
        "endpoints of the operator",
        &[
            "webhook_endpoints.url",
            "webhook_endpoints.description",
            "webhook_endpoints.event_types",
            "webhook_endpoints.secret",
            "webhook_endpoints.previous_secret",
            "webhook_endpoints.disabled_reason",
            "webhook_endpoints.event_subtypes",
            "webhook_endpoints.older_secrets",
            "webhook_endpoints.headers",
        ],
    ),
    (
        "acts of staff, with ids and without addresses of customers",
        &[
            "audit_entries.actor_kind",
            "audit_entries.actor_id",
            "audit_entries.credential",
            "audit_entries.request_id",
            "audit_entries.action",
            "audit_entries.subject",
            "audit_entries.owner",
            "audit_entries.fields",
            "audit_entries.values_mac",
            "audit_entries.hash",
            "audit_values.salt",
            "audit_values.details",
            "audit_base.hash",
        ],
    ),
    (
        "organizations of customers",
        &[
            "organizations.name",
            "organizations.domains",
            "organizations.customer_type",
            "organizations.sla_override",
            "organizations.search_text",
            "organization_domains.domain",
        ],
    ),
];

async fn every_column_is_known_to_hold_persons_or_none(store: Store) {
    let workspace = store.workspace().await;
    if matches!(store, Store::Sqlite) {
        workspace.run(&["migrate"]).ok();
    }
    let columns = store.columns(&workspace).await;
    assert!(columns.len() > 100, "{columns:?}");
    let mut listed = BTreeSet::new();
    for column in HOLDS_PERSONS.iter().chain(HOLDS_NONE).flat_map(|(_, columns)| *columns) {
        assert!(listed.insert(*column), "{column} is listed twice");
    }
    let is_unlisted = |column: &&String| !listed.contains(column.as_str());
    let unlisted: Vec<_> = columns.iter().filter(is_unlisted).collect();
    assert!(unlisted.is_empty(), "say whether they hold data of persons: {unlisted:#?}");
}

/// Independent of the store: what one does not have, the other has.
#[tokio::test]
async fn every_listed_column_exists() {
    let mut columns = BTreeSet::new();
    for store in [Store::Sqlite, Store::Postgres] {
        let workspace = store.workspace().await;
        if matches!(store, Store::Sqlite) {
            workspace.run(&["migrate"]).ok();
        }
        columns.extend(store.columns(&workspace).await);
    }
    let listed = HOLDS_PERSONS.iter().chain(HOLDS_NONE).flat_map(|(_, columns)| *columns);
    let unknown: Vec<_> = listed.filter(|column| !columns.contains(**column)).collect();
    assert!(unknown.is_empty(), "no store has these: {unknown:?}");
}
