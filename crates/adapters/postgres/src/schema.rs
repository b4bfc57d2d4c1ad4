//! The tables of `migrations/postgres`, for diesel.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    staff (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        role -> Text,
        department -> Nullable<Text>,
        phone -> Nullable<Text>,
        created_at -> Timestamptz,
        deactivated_at -> Nullable<Timestamptz>,
    }
}

table! {
    staff_tokens (id) {
        id -> Uuid,
        staff_id -> Text,
        name -> Nullable<Text>,
        hash -> Binary,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        role_ceiling -> Nullable<Text>,
        parent_id -> Nullable<Uuid>,
        made_by -> Nullable<Text>,
        superseded_hash -> Nullable<Binary>,
        superseded_until -> Nullable<Timestamptz>,
    }
}

table! {
    removed_tokens (id) {
        id -> Uuid,
        staff_id -> Text,
        name -> Nullable<Text>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        role_ceiling -> Nullable<Text>,
        parent_id -> Nullable<Uuid>,
        made_by -> Nullable<Text>,
        removed_at -> Timestamptz,
    }
}

table! {
    cases (id) {
        id -> Uuid,
        number_prefix -> Text,
        number_year -> Integer,
        number_sequence -> BigInt,
        version -> BigInt,
        status -> Text,
        status_rank -> Integer,
        status_since -> Timestamptz,
        urgency -> Text,
        urgency_rank -> Integer,
        issue_type -> Text,
        escalation_level -> Integer,
        customer_escalated_at -> Nullable<Timestamptz>,
        priority_score -> Integer,
        assigned_to -> Nullable<Text>,
        assigned_at -> Nullable<Timestamptz>,
        department -> Nullable<Text>,
        created_at -> Timestamptz,
        last_activity -> Timestamptz,
        last_updated -> Timestamptz,
        first_response -> Nullable<Timestamptz>,
        first_response_due -> Timestamptz,
        estimated_resolution -> Timestamptz,
        paused -> BigInt,
        first_response_alert -> Nullable<Text>,
        resolution_alert -> Nullable<Text>,
        next_target_at -> Nullable<Timestamptz>,
        customer_name -> Text,
        customer_email -> Text,
        customer_organization -> Nullable<Text>,
        customer_phone -> Nullable<Text>,
        customer_type -> Text,
        client_or_project_name -> Nullable<Text>,
        subject -> Text,
        message -> Text,
        access_generation -> Integer,
        replies_since -> Nullable<Timestamptz>,
        replies_counted -> Nullable<Integer>,
        first_response_ended_at -> Nullable<Timestamptz>,
        customer_file_bytes -> BigInt,
    }
}

table! {
    events (id) {
        id -> Uuid,
        case_id -> Uuid,
        sequence -> BigInt,
        #[sql_name = "type"]
        event_type -> Text,
        timestamp -> Timestamptz,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        actor_name -> Nullable<Text>,
        visibility -> Text,
        changes -> Text,
        snapshot -> Text,
        credential -> Nullable<Text>,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
    }
}

table! {
    updates (id) {
        id -> Uuid,
        case_id -> Uuid,
        sequence -> BigInt,
        position -> Integer,
        timestamp -> Timestamptz,
        author_kind -> Text,
        author_id -> Nullable<Text>,
        author_name -> Nullable<Text>,
        visibility -> Text,
        message -> Text,
    }
}

table! {
    attachments (id) {
        id -> Uuid,
        update_id -> Uuid,
        position -> Integer,
        filename -> Text,
        content_type -> Text,
        size -> BigInt,
        hash -> Binary,
    }
}

table! {
    escalations (case_id, sequence) {
        case_id -> Uuid,
        sequence -> BigInt,
        reason -> Text,
        level -> Integer,
        previous_urgency -> Text,
        new_urgency -> Text,
    }
}

table! {
    notifications (id) {
        id -> Uuid,
        event_id -> Uuid,
        channel -> Text,
        template -> Text,
        address -> Text,
        status -> Text,
        attempts -> Integer,
        due_at -> Timestamptz,
        claim -> BigInt,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        endpoint_id -> Nullable<Uuid>,
        notice -> Nullable<Text>,
        admitted_at -> Nullable<Timestamptz>,
        held_back_at -> Nullable<Timestamptz>,
        digest -> Nullable<Text>,
        is_asked_again -> Bool,
        expires_at -> Nullable<Timestamptz>,
    }
}

table! {
    idempotency_keys (key) {
        key -> Binary,
        digest -> Binary,
        case_id -> Uuid,
        version -> BigInt,
        answer -> Text,
        changed_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

table! {
    case_search (case_id) {
        case_id -> Uuid,
    }
}

table! {
    webhook_endpoints (id) {
        id -> Uuid,
        url -> Text,
        description -> Nullable<Text>,
        event_types -> Text,
        event_subtypes -> Text,
        includes_internal -> Bool,
        secret -> Binary,
        previous_secret -> Nullable<Binary>,
        previous_secret_until -> Nullable<Timestamptz>,
        older_secrets -> Binary,
        disabled_at -> Nullable<Timestamptz>,
        disabled_reason -> Nullable<Text>,
        created_at -> Timestamptz,
        failing_since -> Nullable<Timestamptz>,
        headers -> Text,
    }
}

table! {
    directory (is_only) {
        is_only -> Bool,
        version -> BigInt,
    }
}

table! {
    uploads (id) {
        id -> Uuid,
        uploaded_by -> Nullable<Text>,
        filename -> Text,
        content_type -> Text,
        created_at -> Timestamptz,
        size -> Nullable<BigInt>,
        hash -> Nullable<Binary>,
    }
}

table! {
    audit_entries (id) {
        id -> Uuid,
        position -> Nullable<BigInt>,
        at -> Timestamptz,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        credential -> Nullable<Text>,
        request_id -> Nullable<Text>,
        action -> Text,
        subject -> Nullable<Text>,
        owner -> Nullable<Text>,
        fields -> Text,
        values_mac -> Nullable<Binary>,
        hash -> Nullable<Binary>,
        committed_at -> Timestamptz,
    }
}

table! {
    audit_values (entry_id) {
        entry_id -> Uuid,
        salt -> Binary,
        details -> Text,
        case_id -> Nullable<Uuid>,
    }
}

table! {
    audit_base (id) {
        id -> Integer,
        position -> BigInt,
        hash -> Binary,
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
