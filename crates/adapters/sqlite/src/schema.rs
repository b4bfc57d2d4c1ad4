//! The tables of `migrations/sqlite`, for diesel.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    staff (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        role -> Text,
        department -> Nullable<Text>,
        phone -> Nullable<Text>,
        created_at -> BigInt,
        deactivated_at -> Nullable<BigInt>,
    }
}

table! {
    staff_tokens (id) {
        id -> Binary,
        staff_id -> Text,
        name -> Nullable<Text>,
        hash -> Binary,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        role_ceiling -> Nullable<Text>,
        parent_id -> Nullable<Binary>,
        made_by -> Nullable<Text>,
        superseded_hash -> Nullable<Binary>,
        superseded_until -> Nullable<BigInt>,
    }
}

table! {
    removed_tokens (id) {
        id -> Binary,
        staff_id -> Text,
        name -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        role_ceiling -> Nullable<Text>,
        parent_id -> Nullable<Binary>,
        made_by -> Nullable<Text>,
        removed_at -> BigInt,
    }
}

table! {
    cases (id) {
        id -> Binary,
        number_prefix -> Text,
        number_year -> Integer,
        number_sequence -> BigInt,
        version -> BigInt,
        status -> Text,
        status_rank -> Integer,
        status_since -> BigInt,
        urgency -> Text,
        urgency_rank -> Integer,
        issue_type -> Text,
        escalation_level -> Integer,
        customer_escalated_at -> Nullable<BigInt>,
        priority_score -> Integer,
        assigned_to -> Nullable<Text>,
        assigned_at -> Nullable<BigInt>,
        department -> Nullable<Text>,
        created_at -> BigInt,
        last_activity -> BigInt,
        last_updated -> BigInt,
        first_response -> Nullable<BigInt>,
        first_response_due -> BigInt,
        estimated_resolution -> BigInt,
        paused -> BigInt,
        customer_name -> Text,
        customer_email -> Text,
        customer_organization -> Nullable<Text>,
        customer_phone -> Nullable<Text>,
        customer_type -> Text,
        client_or_project_name -> Nullable<Text>,
        subject -> Text,
        message -> Text,
        first_response_alert -> Nullable<Text>,
        resolution_alert -> Nullable<Text>,
        next_target_at -> Nullable<BigInt>,
        access_generation -> Integer,
        replies_since -> Nullable<BigInt>,
        replies_counted -> Nullable<Integer>,
        first_response_ended_at -> Nullable<BigInt>,
        customer_file_bytes -> BigInt,
    }
}

table! {
    events (id) {
        position -> BigInt,
        id -> Binary,
        case_id -> Binary,
        sequence -> BigInt,
        #[sql_name = "type"]
        event_type -> Text,
        timestamp -> BigInt,
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
        id -> Binary,
        case_id -> Binary,
        sequence -> BigInt,
        position -> Integer,
        timestamp -> BigInt,
        author_kind -> Text,
        author_id -> Nullable<Text>,
        author_name -> Nullable<Text>,
        visibility -> Text,
        message -> Text,
    }
}

table! {
    attachments (id) {
        id -> Binary,
        update_id -> Binary,
        position -> Integer,
        filename -> Text,
        content_type -> Text,
        size -> BigInt,
        hash -> Binary,
    }
}

table! {
    escalations (case_id, sequence) {
        case_id -> Binary,
        sequence -> BigInt,
        reason -> Text,
        level -> Integer,
        previous_urgency -> Text,
        new_urgency -> Text,
    }
}

table! {
    notifications (id) {
        id -> Binary,
        event_id -> Binary,
        channel -> Text,
        template -> Text,
        address -> Text,
        status -> Text,
        attempts -> Integer,
        due_at -> BigInt,
        claim -> BigInt,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        endpoint_id -> Nullable<Binary>,
        notice -> Nullable<Text>,
        admitted_at -> Nullable<BigInt>,
        held_back_at -> Nullable<BigInt>,
        digest -> Nullable<Text>,
        is_asked_again -> Bool,
        expires_at -> Nullable<BigInt>,
    }
}

table! {
    idempotency_keys (key) {
        key -> Binary,
        digest -> Binary,
        case_id -> Binary,
        version -> BigInt,
        answer -> Text,
        changed_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    access_codes (case_id) {
        case_id -> Binary,
        notification_id -> Binary,
        created_at -> BigInt,
        tries -> Integer,
        is_redeemed -> Integer,
        counted_since -> BigInt,
        counted -> Integer,
    }
}

table! {
    case_search (id) {
        id -> BigInt,
        case_id -> Binary,
        version -> Integer,
    }
}

table! {
    channels (channel) {
        channel -> Text,
        stopped_at -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        probe_due_at -> Nullable<BigInt>,
    }
}

table! {
    clock (id) {
        id -> BigInt,
        seen_at -> BigInt,
    }
}

table! {
    refusals (notification_id) {
        notification_id -> Binary,
        channel -> Text,
        kind -> Text,
        is_ours -> Bool,
        depends_on_recipient -> Bool,
        is_of_channel -> Bool,
        is_undone -> Bool,
    }
}

table! {
    suppressed_addresses (channel, address) {
        channel -> Text,
        address -> Text,
        reason -> Text,
        created_at -> BigInt,
    }
}

table! {
    webhook_endpoints (id) {
        id -> Binary,
        url -> Text,
        description -> Nullable<Text>,
        event_types -> Text,
        event_subtypes -> Text,
        includes_internal -> Bool,
        secret -> Binary,
        previous_secret -> Nullable<Binary>,
        previous_secret_until -> Nullable<BigInt>,
        older_secrets -> Binary,
        disabled_at -> Nullable<BigInt>,
        disabled_reason -> Nullable<Text>,
        created_at -> BigInt,
        failing_since -> Nullable<BigInt>,
        headers -> Text,
    }
}

table! {
    directory (is_only) {
        is_only -> BigInt,
        version -> BigInt,
    }
}

table! {
    delivery_attempts (notification_id, claim) {
        notification_id -> Binary,
        claim -> BigInt,
        started_at -> BigInt,
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

table! {
    uploads (id) {
        id -> Binary,
        uploaded_by -> Nullable<Text>,
        filename -> Text,
        content_type -> Text,
        created_at -> BigInt,
        size -> Nullable<BigInt>,
        hash -> Nullable<Binary>,
    }
}

table! {
    audit_entries (position) {
        position -> BigInt,
        id -> Binary,
        at -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        credential -> Nullable<Text>,
        request_id -> Nullable<Text>,
        action -> Text,
        subject -> Nullable<Text>,
        owner -> Nullable<Text>,
        fields -> Text,
        values_mac -> Nullable<Binary>,
        hash -> Binary,
    }
}

table! {
    audit_values (entry_id) {
        entry_id -> Binary,
        salt -> Binary,
        details -> Text,
        case_id -> Nullable<Binary>,
    }
}

table! {
    audit_base (id) {
        id -> BigInt,
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
    case_words,
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
