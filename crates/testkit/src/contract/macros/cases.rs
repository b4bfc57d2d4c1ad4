/// Generates one test for every function of [`cases`](crate::contract::cases). Calls the ports
/// `cases`, `queries`, `staff`, `outbox`, `notifications`, `access`, `history`, `idempotency`,
/// `uploads`.
#[macro_export]
macro_rules! cases_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { cases, $make_store;
            an_unknown_number_finds_no_case
            a_case_reads_as_last_committed
            numbers_that_differ_in_one_part_name_different_cases
            a_case_comes_with_its_assignee
            a_case_comes_with_an_assignee_who_has_left
            a_commit_stores_the_case_its_event_updates_and_notifications
            a_change_of_an_outdated_version_is_a_conflict
            a_change_of_a_future_version_is_a_conflict
            a_change_of_an_unknown_case_is_a_conflict
            a_conflict_stores_nothing
            a_new_case_under_a_taken_number_is_a_duplicate
            a_number_stays_taken_after_its_case_changes
            a_duplicate_stores_nothing
            a_duplicate_case_can_be_stored_under_another_number
            committing_a_stored_event_again_changes_nothing
            committing_a_stored_event_again_succeeds_after_later_changes
            committing_a_stored_event_again_sends_no_notification_twice
            a_failed_change_set_does_not_affect_the_next_one
            exactly_one_of_many_changes_of_one_version_succeeds
            concurrent_changes_of_different_cases_all_succeed
            a_hundred_cases_opened_concurrently_are_all_stored
            exactly_one_of_many_cases_opened_under_one_number_is_stored
            a_bad_commit_in_a_burst_fails_alone
            an_event_committed_concurrently_is_stored_once
            a_commit_is_atomic_when_its_caller_is_cancelled
            a_case_with_every_optional_field_absent_is_read_back
            a_case_with_every_optional_field_set_is_read_back
            optional_fields_that_were_set_are_cleared_again
            every_classification_is_read_back
            every_source_is_read_back
            every_status_is_read_back
            every_escalation_level_is_read_back
            text_of_every_script_is_read_back
            the_longest_texts_are_read_back
            an_email_address_retains_its_spelling
            a_customer_without_an_email_address_is_read_back
            timestamps_retain_their_milliseconds
            updates_are_read_back_with_their_authors_and_attachments
            updates_of_machines_are_read_back_with_their_authors
            escalations_are_read_back_with_their_requesters
            an_update_retains_the_name_that_its_author_had
            participants_are_read_back_in_every_state
            updates_of_participants_are_read_back_with_their_authors
            changes_of_participants_are_read_back_and_hidden_from_earlier_programs
            a_participant_of_an_outdated_version_is_a_conflict
            notifications_that_have_not_reached_a_former_address_are_cancelled
            text_messages_to_a_former_number_are_cancelled
            a_former_address_loses_its_access
            what_a_contract_gives_is_read_back
            a_proof_starts_a_generation_that_knows_the_one_before
            a_corrected_address_revokes_the_links_to_the_proven_one
            a_corrected_case_is_found_by_its_present_words_alone
            a_redacted_update_is_replaced_wherever_it_is_stored
            a_redacted_reason_is_gone_from_its_escalation
            a_redacted_file_becomes_an_expired_upload
            a_revision_of_an_outdated_version_changes_nothing
        }
    };
}
