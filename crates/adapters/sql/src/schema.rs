//! The tables that both databases have, for diesel.
//!
//! Columns that only one database has are not listed, such as SQLite's `events.position`.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    use crate::sql_types::{Nullable, SqlTimestamp, Text};

    staff (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        role -> Text,
        department -> Nullable<Text>,
        phone -> Nullable<Text>,
        created_at -> SqlTimestamp,
        deactivated_at -> Nullable<SqlTimestamp>,
        service -> Nullable<Text>,
        service_deactivated_at -> Nullable<SqlTimestamp>,
    }
}

table! {
    use crate::sql_types::{Binary, Nullable, SqlId, SqlTimestamp, Text};

    staff_tokens (id) {
        id -> SqlId,
        staff_id -> Text,
        name -> Nullable<Text>,
        hash -> Binary,
        created_at -> SqlTimestamp,
        expires_at -> Nullable<SqlTimestamp>,
        last_used_at -> Nullable<SqlTimestamp>,
        role_ceiling -> Nullable<Text>,
        parent_id -> Nullable<SqlId>,
        made_by -> Nullable<Text>,
        superseded_hash -> Nullable<Binary>,
        superseded_until -> Nullable<SqlTimestamp>,
    }
}

table! {
    use crate::sql_types::{Nullable, SqlId, SqlTimestamp, Text};

    removed_tokens (id) {
        id -> SqlId,
        staff_id -> Text,
        name -> Nullable<Text>,
        created_at -> SqlTimestamp,
        expires_at -> Nullable<SqlTimestamp>,
        last_used_at -> Nullable<SqlTimestamp>,
        role_ceiling -> Nullable<Text>,
        parent_id -> Nullable<SqlId>,
        made_by -> Nullable<Text>,
        removed_at -> SqlTimestamp,
    }
}

table! {
    use crate::sql_types::{BigInt, Integer, Nullable, SqlId, SqlTimestamp, Text};

    cases (id) {
        id -> SqlId,
        number_prefix -> Text,
        number_year -> Integer,
        number_sequence -> BigInt,
        version -> BigInt,
        status -> Text,
        status_rank -> Integer,
        status_since -> SqlTimestamp,
        urgency -> Text,
        urgency_rank -> Integer,
        issue_type -> Text,
        escalation_level -> Integer,
        customer_escalated_at -> Nullable<SqlTimestamp>,
        priority_score -> Integer,
        assigned_to -> Nullable<Text>,
        assigned_at -> Nullable<SqlTimestamp>,
        department -> Nullable<Text>,
        created_at -> SqlTimestamp,
        last_activity -> SqlTimestamp,
        last_updated -> SqlTimestamp,
        first_response -> Nullable<SqlTimestamp>,
        first_response_due -> SqlTimestamp,
        estimated_resolution -> SqlTimestamp,
        paused -> BigInt,
        first_response_alert -> Nullable<Text>,
        resolution_alert -> Nullable<Text>,
        next_target_at -> Nullable<SqlTimestamp>,
        customer_name -> Text,
        customer_email -> Text,
        customer_organization -> Nullable<Text>,
        customer_phone -> Nullable<Text>,
        customer_type -> Text,
        client_or_project_name -> Nullable<Text>,
        subject -> Text,
        message -> Text,
        access_generation -> Integer,
        replies_since -> Nullable<SqlTimestamp>,
        replies_counted -> Nullable<Integer>,
        first_response_ended_at -> Nullable<SqlTimestamp>,
        customer_file_bytes -> BigInt,
        source -> Text,
        first_message_by -> Text,
        participants -> Nullable<Text>,
        participant_generations -> Nullable<Text>,
        customer_proven_at -> Nullable<SqlTimestamp>,
        entitlement -> Nullable<Text>,
        claimed_customer_type -> Nullable<Text>,
        sla_targets -> Nullable<Text>,
        proof_generation -> Nullable<Integer>,
    }
}

table! {
    use crate::sql_types::{BigInt, Nullable, SqlId, SqlTimestamp, Text};

    events (id) {
        id -> SqlId,
        case_id -> SqlId,
        sequence -> BigInt,
        #[sql_name = "type"]
        event_type -> Text,
        recent_type -> Nullable<Text>,
        timestamp -> SqlTimestamp,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        actor_name -> Nullable<Text>,
        visibility -> Text,
        changes -> Text,
        snapshot -> Text,
        credential -> Nullable<Text>,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        tracestate -> Nullable<Text>,
        person_id -> Nullable<SqlId>,
    }
}

table! {
    use crate::sql_types::{BigInt, Integer, Nullable, SqlId, SqlTimestamp, Text};

    updates (id) {
        id -> SqlId,
        case_id -> SqlId,
        sequence -> BigInt,
        position -> Integer,
        timestamp -> SqlTimestamp,
        author_kind -> Text,
        author_id -> Nullable<Text>,
        author_name -> Nullable<Text>,
        visibility -> Text,
        message -> Text,
        source -> Nullable<Text>,
        person_id -> Nullable<SqlId>,
        person_name -> Nullable<Text>,
        via_id -> Nullable<Text>,
        via_name -> Nullable<Text>,
    }
}

table! {
    use crate::sql_types::{BigInt, Binary, Integer, SqlId, Text};

    attachments (id) {
        id -> SqlId,
        update_id -> SqlId,
        position -> Integer,
        filename -> Text,
        content_type -> Text,
        size -> BigInt,
        hash -> Binary,
    }
}

table! {
    use crate::sql_types::{BigInt, Integer, SqlId, Text};

    escalations (case_id, sequence) {
        case_id -> SqlId,
        sequence -> BigInt,
        reason -> Text,
        level -> Integer,
        previous_urgency -> Text,
        new_urgency -> Text,
    }
}

table! {
    use crate::sql_types::{BigInt, Bool, Integer, Nullable, SqlId, SqlTimestamp, Text};

    notifications (id) {
        id -> SqlId,
        event_id -> SqlId,
        channel -> Text,
        template -> Text,
        address -> Text,
        status -> Text,
        attempts -> Integer,
        due_at -> SqlTimestamp,
        claim -> BigInt,
        last_error -> Nullable<Text>,
        created_at -> SqlTimestamp,
        finished_at -> Nullable<SqlTimestamp>,
        endpoint_id -> Nullable<SqlId>,
        notice -> Nullable<Text>,
        admitted_at -> Nullable<SqlTimestamp>,
        held_back_at -> Nullable<SqlTimestamp>,
        digest -> Nullable<Text>,
        is_asked_again -> Bool,
        expires_at -> Nullable<SqlTimestamp>,
        person_id -> Nullable<SqlId>,
    }
}

table! {
    use crate::sql_types::{BigInt, Binary, SqlId, SqlTimestamp, Text};

    idempotency_keys (key) {
        key -> Binary,
        digest -> Binary,
        case_id -> SqlId,
        version -> BigInt,
        answer -> Text,
        changed_at -> SqlTimestamp,
        expires_at -> SqlTimestamp,
    }
}

table! {
    use crate::sql_types::{Binary, Bool, Nullable, SqlId, SqlTimestamp, Text};

    webhook_endpoints (id) {
        id -> SqlId,
        url -> Text,
        description -> Nullable<Text>,
        event_types -> Text,
        event_subtypes -> Text,
        includes_internal -> Bool,
        secret -> Binary,
        previous_secret -> Nullable<Binary>,
        previous_secret_until -> Nullable<SqlTimestamp>,
        older_secrets -> Binary,
        disabled_at -> Nullable<SqlTimestamp>,
        disabled_reason -> Nullable<Text>,
        created_at -> SqlTimestamp,
        failing_since -> Nullable<SqlTimestamp>,
        headers -> Text,
    }
}

table! {
    use crate::sql_types::{BigInt, Binary, Nullable, SqlId, SqlTimestamp, Text};

    uploads (id) {
        id -> SqlId,
        uploaded_by -> Nullable<Text>,
        filename -> Text,
        content_type -> Text,
        created_at -> SqlTimestamp,
        size -> Nullable<BigInt>,
        hash -> Nullable<Binary>,
    }
}

table! {
    use crate::sql_types::{Integer, SqlId};

    case_search (case_id) {
        case_id -> SqlId,
        version -> Integer,
    }
}

table! {
    use crate::sql_types::{Bool, Integer, SqlId, SqlTimestamp};

    participant_codes (case_id, person_id) {
        case_id -> SqlId,
        person_id -> SqlId,
        notification_id -> SqlId,
        created_at -> SqlTimestamp,
        tries -> Integer,
        is_redeemed -> Bool,
        counted_since -> SqlTimestamp,
        counted -> Integer,
    }
}

table! {
    use crate::sql_types::{BigInt, Bool};

    directory (is_only) {
        is_only -> Bool,
        version -> BigInt,
    }
}

table! {
    use crate::sql_types::{BigInt, Nullable, SqlId, SqlTimestamp, Text};

    organizations (id) {
        id -> SqlId,
        version -> BigInt,
        name -> Text,
        domains -> Text,
        customer_type -> Text,
        notes -> Nullable<Text>,
        sla_override -> Nullable<Text>,
        search_text -> Text,
        created_at -> SqlTimestamp,
    }
}

table! {
    use crate::sql_types::{SqlId, Text};

    organization_domains (domain) {
        domain -> Text,
        organization_id -> SqlId,
    }
}

table! {
    use crate::sql_types::{BigInt, Bool, Nullable, SqlId, SqlTimestamp, Text};

    contacts (id) {
        id -> SqlId,
        version -> BigInt,
        emails -> Text,
        name -> Text,
        phone -> Nullable<Text>,
        organization_id -> Nullable<SqlId>,
        is_organization_set -> Bool,
        locale -> Nullable<Text>,
        time_zone -> Nullable<Text>,
        notes -> Nullable<Text>,
        search_text -> Text,
        created_at -> SqlTimestamp,
    }
}

table! {
    use crate::sql_types::{SqlId, Text};

    contact_emails (address) {
        address -> Text,
        contact_id -> SqlId,
        domain -> Text,
    }
}

table! {
    use crate::sql_types::{BigInt, Binary, Integer, Nullable, SqlId, SqlTimestamp, Text};

    person_erasures (id) {
        id -> SqlId,
        contact_id -> Nullable<SqlId>,
        requested_by -> Text,
        state -> Text,
        addresses -> Text,
        cases -> BigInt,
        entries -> BigInt,
        quotes -> BigInt,
        begun -> Text,
        failures -> Integer,
        due_at -> SqlTimestamp,
        claim -> BigInt,
        key -> Nullable<Binary>,
        digest -> Nullable<Binary>,
        created_at -> SqlTimestamp,
    }
}

joinable!(cases -> staff (assigned_to));
joinable!(staff_tokens -> staff (staff_id));
joinable!(events -> cases (case_id));
joinable!(notifications -> events (event_id));
joinable!(attachments -> updates (update_id));
allow_tables_to_appear_in_same_query!(
    case_search,
    staff,
    staff_tokens,
    cases,
    events,
    updates,
    attachments,
    escalations,
    notifications,
    uploads,
);
