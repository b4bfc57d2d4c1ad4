//! Tables, rows and filters that both SQL stores share.
//!
//! This is a library below `engage-sqlite` and `engage-postgres`, and not meant for anything else. Each
//! table is declared once, with the row that is read from it and the row's conversion to the domain. A
//! filter is a list of criteria. A statement that is the same in both databases is a function. Each store
//! has its own text and plans of the other statements, connections and claims of notifications, because
//! these make it fast.
#![warn(missing_docs)]

mod access_end;
mod audit_rows;
mod backup;
mod case_criteria;
mod case_number;
mod case_row;
mod channel_rows;
mod column;
mod compatibility;
mod contact_row;
mod contact_statements;
mod criterion;
mod db_id;
mod db_timestamp;
mod due_row;
mod erasure;
mod error;
mod event_rows;
mod file_rows;
mod generations_row;
mod hex;
mod history_rows;
mod idempotency_row;
mod limits;
mod list_order;
mod notification_criteria;
mod notification_rows;
mod notification_update;
mod organization_row;
mod organization_statements;
mod participant_access;
mod participant_addresses;
mod participant_column;
mod participant_messages;
mod person_erasure_row;
mod public_attachment;
mod queries;
mod revision;
#[allow(missing_docs)] // The names of tables and columns say what they hold.
pub mod schema;
mod service_column;
mod sla_column;
mod sql_types;
mod staff_row;
mod statement;
mod tag_rows;
mod tag_statements;
mod token_rows;
mod trace_columns;
mod usable_uploads;
mod valid_tokens;
mod value;
mod webhook_row;

pub use audit_rows::{
    AUDIT_COLUMNS, AuditColumnTypes, AuditRow, CUT_AUDIT, HeadRow, INSERT_AUDIT_VALUES,
    MOVE_AUDIT_BASE, audit_columns, audit_criteria, audit_head, audit_position,
    audit_value_columns, select_audit, select_audit_after, select_last_to_cut,
};
pub use backup::{HELD_REASON, check_known};
pub use case_criteria::{
    CaseCriteria, PeopleCriterion, PersonCaseColumnTypes, PersonCaseRow, TagCriterion,
    case_of_person, departments, select_cases_of_person, select_departments,
};
pub use case_number::{HasNumber, case_number, has_number, number_columns};
pub use case_row::{
    CASE_COLUMNS, CaseColumnTypes, CaseRow, ListedColumnTypes, ListedRow, StoredCaseRow,
    SummaryRow, stored_case,
};
pub use channel_rows::{
    ChannelRow, channel_counts, channel_names, channel_statuses, count_held_back,
    count_suppressions, erase_addresses, find_suppression, lift_suppression, select_channels,
    select_suppressions, start_channel, suppressions,
};
pub use column::{
    access_generation, checked, count_column, limit_and_offset, millis, parse, parse_option,
};
pub use compatibility::{TooOld, check_compatibility, newest_migration};
pub use contact_row::{ContactColumnTypes, ContactEmailRow, ContactRow};
pub use contact_statements::{
    contact_criteria, has_email, organization_addresses, select_contacts, select_contacts_by_email,
    select_organization_addresses, select_taken_emails, taken_email,
};
pub use criterion::Criterion;
pub use db_id::{DbId, Id};
pub use db_timestamp::DbTimestamp;
pub use due_row::{DueColumnTypes, DueRow};
pub use erasure::{IS_ERASED, erase_statements};
pub use error::{InvalidColumn, repository_error, unique_error};
pub use event_rows::{EventRow, NewEscalation};
pub use file_rows::{AttachmentRow, FileRow, UploadRow, file_ids, measure};
pub use generations_row::GenerationsRow;
pub use history_rows::{
    ActorColumns, Author, EscalationRow, EventOriginRow, PersonColumns, UpdateRow, ViaColumns,
    event_position, update_source,
};
pub use idempotency_row::{StoredResponseRow, response_under};
pub use limits::{BACKFILL_BATCH, DEAD_LETTER_BATCH, LOOKED_AT, WRITE_QUEUE};
pub use list_order::{after_start, begin_part, end_part, order_by, sort_column};
pub use notification_criteria::{
    count_notifications, dead_letter_criteria, notification_criteria, select_notifications,
};
pub use notification_rows::{
    AttemptRow, NotificationColumnTypes, NotificationRow, SELECT_NOTIFICATION, address,
    count_by_status, customer_address, notification_summaries, notification_totals,
    select_attempts, select_notification,
};
pub use notification_update::NotificationUpdate;
pub use organization_row::{OrganizationColumnTypes, OrganizationDomainRow, OrganizationRow};
pub use organization_statements::{
    has_domain, organization_criteria, select_organizations, select_taken_domains, taken_domain,
};
pub use participant_access::{AccessColumns, AccessRow, ParticipantCodeRow};
pub use participant_addresses::ParticipantAddresses;
pub use participant_messages::{EndedParticipation, MessageRecipient, NO_LONGER_TAKES_PART};
pub use person_erasure_row::{ErasureProgressRow, PersonErasureRow, is_unfinished_erasure};
pub use public_attachment::{ViewColumns, public_attachment, view_columns};
pub use queries::{events_after, oldest_cases, unindexed_cases};
pub use revision::{
    ErasureSpelling, cancel_former, people_erasure_statements, revision_statements,
};
pub use sql_types::{SqlId, SqlTimestamp};
pub use staff_row::{StaffRow, is_active_admin, staff_ref};
pub use statement::Statement;
pub use tag_rows::{
    CaseTags, FoundTagRow, TAG_NAMES, TagRow, TagsRow, found_tags, missing_tag, tag,
};
pub use tag_statements::{
    FoundTagColumnTypes, TagColumnTypes, add_tag, add_tag_name, count_tagged_cases, count_tags,
    merge_tags, push_has_tags, push_tagged_cases, rename_tag, select_found_tags, select_tag,
    select_tag_by_name, select_tags,
};
pub use token_rows::{RevokedTokens, TokenRow, found_token, removed_token, removed_tokens_of};
pub use trace_columns::trace_context;
pub use usable_uploads::usable_uploads;
pub use valid_tokens::valid_tokens;
pub use value::Value;
pub use webhook_row::{EndpointRow, SecretsRow};
