//! Tables, rows and filters that both SQL stores share.
//!
//! This is a library below `engage-sqlite` and `engage-postgres`, and not meant for anything else. Each
//! table is declared once, with the row that is read from it and the row's conversion to the domain. A
//! filter is a list of criteria. Each store has its own SQL text, plans, rows of commits, connections and
//! claims of notifications, because these make it fast.
#![warn(missing_docs)]

mod audit_rows;
mod case_criteria;
mod case_number;
mod case_row;
mod column;
mod compatibility;
mod criterion;
mod db_id;
mod db_timestamp;
mod due_row;
mod error;
mod file_rows;
mod hex;
mod history_rows;
mod idempotency_row;
mod limits;
mod list_order;
mod notification_criteria;
mod notification_rows;
#[allow(missing_docs)] // The names of tables and columns say what they hold.
pub mod schema;
mod sql_types;
mod staff_row;
mod statement;
mod token_rows;
mod webhook_row;

pub use audit_rows::{
    AuditColumnTypes, AuditRow, HeadRow, audit_criteria, audit_head, audit_position,
};
pub use case_criteria::{CaseCriteria, DEPARTMENTS};
pub use case_number::{HasNumber, case_number, has_number, number_columns};
pub use case_row::{
    CASE_COLUMNS, CaseColumnTypes, CaseRow, LISTED_COLUMNS, ListedColumnTypes, ListedRow,
    SummaryRow,
};
pub use column::{access_generation, checked, millis, parse, parse_option};
pub use compatibility::{TooOld, check_compatibility, newest_migration};
pub use criterion::{Criterion, Operand};
pub use db_id::{DbId, Id};
pub use db_timestamp::DbTimestamp;
pub use due_row::{DueColumnTypes, DueRow};
pub use error::{InvalidColumn, repository_error};
pub use file_rows::{AttachmentRow, FileRow, file_ids, measure};
pub use history_rows::{
    ActorColumns, EscalationRow, EventOriginRow, UpdateRow, actor, actor_columns, event_position,
};
pub use idempotency_row::StoredResponseRow;
pub use limits::{BACKFILL_BATCH, DEAD_LETTER_BATCH, LOOKED_AT, WRITE_QUEUE};
pub use list_order::{after_start, order_by, sort_column};
pub use notification_criteria::{
    JOIN_EVENTS, dead_letter_criteria, needs_events, notification_criteria,
};
pub use notification_rows::{
    AttemptColumnTypes, AttemptRow, ChannelColumnTypes, ChannelRow, NotificationColumnTypes,
    NotificationRow, SELECT_NOTIFICATION, SuppressionColumnTypes, SuppressionRow, address,
    channel_counts, channel_statuses, customer_address, notification_totals, suppressions,
};
pub use sql_types::{SqlId, SqlTimestamp};
pub use staff_row::{StaffRow, staff_ref};
pub use statement::Statement;
pub use token_rows::{RemovedTokenRow, RevokedTokens, TokenRow, found_token};
pub use webhook_row::{EndpointRow, SecretsRow};
