//! The tables and columns that only SQLite has, for diesel.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    /// Events by their position in the feed, which is their row id.
    #[sql_name = "events"]
    feed (position) {
        position -> BigInt,
        snapshot -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer};
    use engage_sql::SqlId;

    /// Cases that can be searched, by the row id of their words.
    #[sql_name = "case_search"]
    searched_cases (id) {
        id -> BigInt,
        case_id -> SqlId,
        version -> Integer,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use engage_sql::SqlTimestamp;

    channels (channel) {
        channel -> Text,
        stopped_at -> Nullable<SqlTimestamp>,
        reason -> Nullable<Text>,
        probe_due_at -> Nullable<SqlTimestamp>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use engage_sql::{SqlId, SqlTimestamp};

    delivery_attempts (notification_id, claim) {
        notification_id -> SqlId,
        claim -> BigInt,
        started_at -> SqlTimestamp,
        took_ms -> BigInt,
        outcome -> Text,
        reason -> Nullable<Text>,
    }
}

table! {
    case_words (rowid) {
        rowid -> BigInt,
        number -> Text,
        subject -> Text,
        customer -> Text,
        conversation -> Text,
    }
}

allow_tables_to_appear_in_same_query!(searched_cases, case_words);
