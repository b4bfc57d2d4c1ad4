/// Generates one test for every function of the contract, in a module for each port.
///
/// `make_store` is an async function or closure without arguments. It returns a fresh, empty
/// [`Store`](crate::contract::Store) and a guard that is dropped after it. The calling crate needs
/// tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! repository_contract {
    ($make_store:expr) => {
        $crate::repository_contract! { @tests $make_store;
            cases {
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
                every_status_is_read_back
                every_escalation_level_is_read_back
                text_of_every_script_is_read_back
                the_longest_texts_are_read_back
                an_email_address_retains_its_spelling
                timestamps_retain_their_milliseconds
                updates_are_read_back_with_their_authors_and_attachments
                escalations_are_read_back_with_their_requesters
                an_update_retains_the_name_that_its_author_had
            }
            access {
                a_new_case_is_in_the_first_generation
                rotated_access_is_seen_by_every_reader_of_the_case
                access_to_an_unknown_case_is_not_rotated
                changing_a_case_does_not_change_its_generation
                rotating_access_changes_nothing_else_of_a_case
                a_code_is_stored_together_with_its_notification
                an_unknown_case_gets_no_code
                a_code_is_found_until_its_attempts_are_used_up
                concurrent_attempts_are_all_counted
                an_expired_code_is_not_found
                a_new_code_replaces_the_previous_one
                codes_are_spaced_by_a_minimum_interval
                a_case_gets_no_more_codes_than_the_limit
                one_of_many_concurrent_requests_gets_a_code
                a_code_is_redeemed_once_for_a_new_generation
                a_replaced_code_is_not_redeemed
                one_of_many_concurrent_redemptions_succeeds
                a_code_does_not_wait_for_other_notifications_of_the_case
                a_notification_with_a_code_expires_with_the_code
                an_expired_code_is_cancelled_while_it_waits
            }
            erasure {
                earlier_text_is_erased_and_later_text_is_not
                erased_snapshots_replace_the_stored_ones
                an_erased_case_is_not_found_by_its_former_words
                files_become_expired_uploads
                notifications_to_the_customer_lose_their_address_and_are_not_sent
                endpoint_notices_to_staff_are_still_sent
                a_code_is_only_sent_to_the_address_of_the_customer
                webhooks_are_still_called
                responses_codes_and_proofs_become_void
                other_cases_are_not_affected
                erasing_again_succeeds
            }
            retention {
                finished_notifications_are_pruned_with_their_attempts
                notifications_are_pruned_in_batches_with_the_oldest_first
                responses_are_pruned_once_they_have_expired
            }
            history {
                the_origin_of_a_change_is_retained_until_its_address_is_erased
                an_unknown_number_has_no_history
                the_events_of_a_case_are_listed_in_order_up_to_the_limit
                a_snapshot_is_read_as_stored
                an_empty_history_has_no_event_and_no_position
                an_event_is_visible_once_its_commit_returns
                a_position_never_changes
                a_reader_that_resumes_from_the_last_position_misses_nothing
                readers_miss_nothing_during_concurrent_writes
                a_failed_change_has_no_position
            }
            idempotency {
                an_unused_key_has_no_response
                a_response_is_stored_with_a_new_case
                a_response_is_stored_with_a_change
                a_response_is_gone_once_it_expires
                a_second_new_case_under_a_key_is_a_duplicate_and_stores_nothing
                a_second_change_under_a_key_is_a_duplicate_and_stores_nothing
                a_key_can_be_reused_after_its_expiry
                a_conflicting_change_stores_no_response
                committing_a_stored_event_again_succeeds_under_its_key
                exactly_one_of_many_new_cases_under_one_key_is_stored
                a_commit_under_a_used_key_in_a_burst_fails_alone
            }
            numbers {
                the_first_number_of_a_year_is_1
                numbers_are_drawn_once_and_increase
                concurrent_draws_never_return_the_same_number
                years_are_numbered_independently
                the_number_of_a_stored_case_is_never_drawn
                the_number_of_a_case_stored_after_the_first_draw_is_never_drawn
                the_number_of_a_stored_case_with_another_prefix_is_never_drawn
                a_case_of_another_year_uses_up_no_number
            }
            queries {
                an_unknown_number_is_not_found_by_customers_or_staff
                a_new_case_has_no_updates
                a_conversation_is_paged_from_the_newest_update
                a_page_can_start_between_the_updates_of_one_event
                updates_written_meanwhile_do_not_shift_pages
                only_the_newest_of_many_escalations_are_read
                customers_see_only_public_updates_with_the_oldest_first
                staff_see_all_updates_and_escalations_with_the_oldest_first
                the_updates_of_one_event_are_read_in_the_order_of_writing
                simultaneous_events_are_read_in_the_order_in_which_they_happened
                an_assignee_who_has_left_is_still_shown
                all_parts_of_a_case_are_read_consistently
                the_assignee_and_the_case_are_read_consistently
                an_empty_filter_matches_every_case
                cases_are_filtered_by_status
                cases_are_filtered_by_urgency
                cases_are_filtered_by_customer_type
                cases_are_filtered_by_issue_type
                cases_are_filtered_by_assignee
                an_unassigned_case_is_listed_as_unassigned_again
                cases_are_filtered_by_department
                cases_are_filtered_by_a_range_of_creation_times
                cases_are_filtered_by_customer
                cases_are_filtered_by_their_last_change
                cases_are_filtered_by_their_service_targets
                a_case_must_match_every_criterion
                cases_sort_by_creation_and_ties_by_number
                cases_sort_by_last_activity_and_ties_by_number
                cases_sort_by_urgency_from_low_to_critical_and_ties_by_number
                cases_sort_by_priority_score_and_ties_by_number
                cases_sort_by_estimated_resolution_and_ties_by_number
                cases_sort_by_status_in_the_order_of_the_lifecycle_and_ties_by_number
                cases_sort_by_the_year_and_the_value_of_their_numbers
                pages_never_overlap_and_together_are_complete_in_every_order
                following_the_cursor_yields_the_complete_list_in_every_order
                a_list_that_ends_with_a_full_page_has_no_next_page
                a_cursor_stays_valid_when_its_case_no_longer_matches
                a_summary_shows_when_a_case_was_resolved_and_closed
                a_case_is_found_by_a_word_of_any_of_its_texts
                a_case_is_found_by_later_updates
                a_case_is_found_by_the_reason_of_its_escalation
                a_change_without_text_does_not_affect_search
                words_match_by_prefix_and_short_words_as_a_whole
                words_match_regardless_of_case_accents_and_script
                a_search_has_no_query_syntax
                a_search_ranks_number_then_subject_then_customer_then_conversation
                a_search_combines_with_filters_and_other_orders
                references_are_found_as_written
                a_case_number_ranks_its_case_before_mentions_of_it
                a_full_address_ranks_its_customer_first
                words_of_scripts_without_spaces_are_found_inside_text
                letters_are_found_as_people_type_them
                a_case_is_found_by_the_name_of_its_assignee
                a_new_store_has_no_outdated_search_terms
                the_longest_texts_are_searchable
                a_case_with_very_many_distinct_words_takes_more_of_them
                an_empty_store_lists_nothing
                a_page_has_the_requested_size
                every_page_has_the_total_even_past_the_end
                the_total_counts_the_matching_cases
                a_listed_case_has_the_data_of_the_case
            }
            due_cases {
                the_next_action_of_a_case_is_read_back_and_cleared
                raised_alerts_of_a_case_are_read_back
                an_escalating_alert_is_listed_as_an_escalation
                due_cases_are_listed_with_the_longest_waiting_first
                a_case_without_a_next_action_is_never_due
                paging_through_due_cases_leaves_none_out
                a_postponed_case_is_due_later_and_otherwise_unchanged
                a_case_changed_meanwhile_is_not_postponed
            }
            staff {
                a_member_is_read_back
                every_role_is_read_back
                an_unknown_member_is_not_found
                a_member_is_found_by_their_address_ignoring_case
                an_id_is_unique
                an_address_is_unique_ignoring_case
                the_id_and_address_of_a_former_member_stay_taken
                one_of_many_members_added_under_one_id_is_stored
                members_are_listed_in_the_order_of_their_ids
                everything_but_the_id_and_join_date_of_a_member_can_change
                a_former_member_is_found_with_the_time_of_leaving
                a_former_member_can_come_back
                an_outdated_or_unknown_member_is_not_changed
                one_of_many_concurrent_changes_of_a_member_succeeds
                a_member_cannot_take_the_address_of_another
                the_case_of_an_address_can_change
                the_last_active_admin_cannot_step_down_or_leave
                an_admin_can_step_down_or_leave_if_another_remains
                one_of_all_admins_who_leave_at_once_stays
            }
            tokens {
                each_token_has_its_owner
                an_unknown_token_has_no_owner
                a_token_is_void_once_it_expires
                a_token_without_expiry_stays_valid
                all_tokens_of_a_former_member_are_void
                a_member_who_comes_back_has_no_tokens
                a_token_hash_is_unique
                a_token_is_read_back
                the_tokens_of_a_member_are_listed_with_the_oldest_first
                a_removed_token_is_void_at_once
                a_token_is_only_removed_for_its_owner
                the_latest_use_of_a_token_is_recorded
                recording_the_use_of_a_removed_token_does_nothing
                a_token_is_revoked_together_with_its_parent
                a_revoked_token_cannot_create_another
                no_token_outlives_a_parent_revoked_during_its_creation
                a_rotated_token_is_found_by_both_secrets_until_the_old_one_expires
                an_expired_or_removed_token_is_found_by_no_secret
                a_token_is_only_rotated_for_its_owner
                tokens_are_removed_by_their_creator
                removed_tokens_are_listed_with_the_latest_first
            }
            outbox {
                nothing_is_due_in_an_empty_store
                a_claimed_notification_reads_as_stored
                every_template_is_read_back
                a_notification_has_the_snapshot_of_its_own_event
                a_claimed_notification_is_not_claimed_again_during_its_lease
                a_notification_is_due_after_its_lease_and_the_attempt_counts
                no_more_are_claimed_than_requested
                the_longest_overdue_are_claimed_first
                a_batch_is_ordered_with_the_longest_overdue_first
                concurrent_claims_never_return_the_same_notification
                a_failing_notification_does_not_block_others
                a_claim_that_was_taken_over_cannot_complete
                an_expired_claim_holds_until_it_is_taken_over
                an_unclaimed_notification_is_not_completed
                a_claim_completes_once
                a_finished_notification_is_never_claimed_again
                a_retry_is_not_due_before_its_time
                a_retry_is_due_as_the_next_attempt
                a_retry_waits_for_the_requested_delay
                a_released_notification_is_due_at_once_without_using_an_attempt
                a_deferred_notification_waits_without_using_an_attempt
                a_cancelled_notification_is_finished_without_an_attempt
                an_empty_batch_completes_nothing
                the_results_of_a_batch_are_in_the_order_of_its_attempts
                the_later_of_two_claims_of_a_notification_in_a_batch_counts
                a_repeated_attempt_in_a_batch_is_recorded_once
                concurrent_batches_record_each_attempt_once
                a_later_event_waits_for_an_earlier_one_of_its_case
                a_later_event_waits_for_up_to_three_failures_of_an_earlier_one
                a_later_event_is_sent_after_four_failures_of_an_earlier_one
                a_fourth_attempt_in_flight_is_not_a_failure_yet
                attempts_after_the_fourth_failure_block_nothing
                uncounted_attempts_are_not_failures
                an_expired_claim_still_blocks_later_events
                each_event_waits_for_the_previous_one
                a_resent_notification_blocks_later_events
                notifications_waiting_for_a_retry_do_not_block_other_cases
                notifications_waiting_for_a_retry_are_sent_after_it
                other_cases_are_not_blocked
                other_addresses_are_not_blocked
                channels_do_not_wait_for_each_other
                notifications_of_one_event_to_one_address_do_not_wait_for_each_other
                concurrent_claims_preserve_the_order
                claims_for_an_address_respect_its_limit_in_flight
                notifications_in_flight_to_an_address_count
                an_address_at_its_limit_gets_nothing
                several_claims_never_exceed_the_limit_of_an_address
                the_limit_of_an_address_applies_besides_the_total_limit
                an_endpoint_at_its_limit_does_not_block_others
                a_flood_for_one_endpoint_does_not_block_others
                every_channel_is_listed_in_order_and_runs_at_first
                a_stopped_channel_is_listed_with_the_reason
                stopping_a_channel_again_updates_only_the_reason
                stopping_a_restarted_channel_records_a_new_time
                a_channel_stopped_concurrently_is_stopped_once
                a_running_channel_can_be_started_again
                a_stopped_channel_yields_nothing_before_the_first_probe
                other_channels_continue_while_one_is_stopped
                a_started_channel_yields_everything_due
                a_claim_holds_while_its_channel_is_stopped
                one_refusal_does_not_stop_the_channel
                two_equal_refusals_including_a_trusted_recipient_stop_the_channel
                equal_refusals_of_untrusted_recipients_do_not_stop_the_channel
                repeated_refusals_of_one_recipient_do_not_stop_the_channel
                refusals_of_different_kinds_do_not_stop_the_channel
                an_accepted_notification_resets_the_refusals
                an_accepted_notification_of_another_channel_resets_nothing
                two_refusals_independent_of_the_recipient_stop_the_channel
                dead_notifications_with_the_same_refusal_are_due_again
                an_attempt_recorded_after_the_stop_does_not_count
                starting_a_channel_resets_the_refusals
                two_concurrent_refusals_stop_the_channel
                a_budget_admits_as_many_as_it_allows
                budgets_are_independent
                uses_of_a_budget_are_pruned_only_once_they_are_old
                uses_of_budgets_are_pruned_in_batches
                a_notification_counts_against_all_budgets_or_none
                a_single_user_gets_all_of_a_shared_budget
                after_a_refusal_those_who_used_less_of_a_budget_come_first
                a_refusal_by_one_budget_uses_nothing_of_another
                concurrent_requests_never_exceed_the_budget
                a_notification_is_admitted_once
                a_held_back_notification_waits_without_using_an_attempt
                held_back_notifications_are_counted_until_they_are_sent
                a_notification_gathers_all_that_were_held_back_for_its_address
                a_notification_does_not_gather_its_own_case
                a_notification_in_flight_is_not_gathered
                only_the_holder_of_a_claim_gathers
                a_held_back_notification_does_not_block_later_ones
                an_address_is_suppressed_for_the_first_reason_ignoring_case
                other_addresses_are_not_suppressed
                an_unattempted_notification_has_no_attempts
                each_outcome_of_an_attempt_is_recorded_with_its_reason
                a_release_is_not_an_attempt
                attempts_are_listed_with_the_first_one_first
                an_attempt_is_recorded_with_its_start_and_duration
                an_attempt_whose_claim_was_taken_over_is_not_recorded
                a_resent_notification_retains_its_earlier_attempts
                attempts_of_other_notifications_are_not_listed
            }
            notifications {
                an_empty_store_lists_no_notifications
                a_notification_is_listed_as_stored
                a_listed_notification_has_the_data_of_the_notification
                notifications_are_listed_with_the_newest_first
                pages_of_notifications_never_overlap_and_together_are_complete
                the_count_of_notifications_covers_all_pages
                notifications_are_filtered_by_status
                notifications_are_filtered_by_channel
                notifications_are_filtered_by_case
                notifications_are_filtered_by_event_type
                notifications_are_filtered_by_a_range_of_times
                a_notification_must_match_every_criterion
                an_unknown_notification_is_not_found
                a_notification_shows_its_status
                a_notification_shows_its_attempts_and_last_error
                an_empty_store_has_no_totals
                totals_count_notifications_by_status_and_channel
                totals_count_recently_accepted_and_dead_notifications
                an_empty_outbox_has_no_oldest_due_notification
                a_due_notification_has_an_age
                the_oldest_due_notification_is_found_in_every_channel
                the_age_of_an_unsent_notification_ignores_deferrals
                the_age_of_unsent_notifications_is_reported_by_channel
                a_channel_has_delivered_if_something_was_accepted_recently
                a_retry_counts_as_due_from_its_time
                a_notification_counts_as_due_since_its_claim_expired
                a_dead_or_cancelled_notification_can_be_resent
                a_notification_that_failed_after_acceptance_can_be_resent
                an_unfinished_or_sent_notification_cannot_be_resent
                a_notification_is_resent_once
                an_unknown_notification_cannot_be_resent
                all_dead_notifications_for_an_address_are_resent
                notifications_dead_before_a_time_are_not_resent
                nothing_is_resent_to_an_address_without_notifications
                dead_notifications_are_resent_by_channel_address_and_reason
                more_than_one_batch_can_be_resent
                an_individually_resent_notification_is_marked
                suppressions_are_listed_by_channel_and_address
                a_lifted_suppression_no_longer_applies
                an_address_without_suppression_cannot_be_lifted
                notifications_are_filtered_by_endpoint
                all_unfinished_notifications_for_an_address_are_cancelled
                a_cancelled_notification_is_never_claimed
                notifications_for_other_addresses_are_not_cancelled
                an_attempt_of_a_notification_cancelled_meanwhile_records_nothing
                a_notification_cancelled_in_flight_and_resent_needs_a_new_claim
                only_one_of_a_concurrent_cancellation_and_completion_is_recorded
                a_delivery_report_retains_the_time_of_acceptance
                a_failure_report_marks_a_notification_dead
                a_delivered_notification_stays_delivered
                an_undelivered_notification_stays_undelivered
                a_report_is_ignored_unless_in_flight_or_accepted
                a_report_can_precede_the_record_of_the_attempt
                a_report_on_a_resent_notification_is_too_late
                a_report_on_an_unknown_notification_is_not_recorded
                a_report_does_not_affect_other_notifications
            }
            uploads {
                an_upload_is_found_once_it_is_finished
                only_the_named_uploads_are_found
                uploads_of_other_members_are_not_found
                an_upload_started_before_the_cutoff_is_not_found
                an_unknown_upload_cannot_finish
                an_attached_upload_is_not_found_again_but_its_file_is
                an_attached_file_outlives_its_upload
                customers_find_only_files_of_public_updates_of_their_case
                expired_uploads_show_whether_they_were_attached
                attaching_a_file_to_a_second_update_is_a_duplicate
                exactly_one_of_many_concurrent_updates_gets_a_file
                attached_files_are_measured_in_batches
            }
            directory {
                the_version_changes_with_everything_that_affects_recipients_or_permissions
                the_version_stays_if_nothing_relevant_changes
                a_change_planned_with_an_old_version_is_outdated_and_stores_nothing
                a_change_planned_with_the_current_version_is_stored
                committing_a_stored_event_again_ignores_the_directory_version
                only_changes_planned_with_an_old_version_are_outdated_in_a_burst
            }
            webhooks {
                an_endpoint_is_read_back
                an_endpoint_for_all_event_types_is_read_back
                an_unknown_endpoint_is_not_found
                the_id_of_an_endpoint_is_unique
                one_of_many_endpoints_added_under_one_id_is_stored
                endpoints_are_listed_with_the_oldest_first
                everything_but_the_registration_date_of_an_endpoint_can_change
                a_replaced_secret_is_retained_until_it_is_dropped
                replacing_a_secret_requires_the_current_one
                a_change_of_an_endpoint_preserves_its_secrets
                an_unknown_endpoint_is_not_updated
                an_endpoint_is_removed_once
                an_unknown_endpoint_is_not_removed
                a_succeeding_endpoint_is_not_failing
                an_endpoint_has_been_failing_since_the_first_failure_after_a_success
                endpoints_fail_independently
                an_unknown_endpoint_is_not_failing
                a_re_enabled_endpoint_starts_without_failures
                any_other_change_of_an_endpoint_retains_its_failures
                recording_deliveries_does_not_change_an_endpoint
                an_endpoint_is_disabled_together_with_the_notices_to_staff
                a_disabled_or_unknown_endpoint_is_not_disabled_again
                concurrent_disabling_sends_one_notice
                several_endpoints_can_be_disabled_by_one_event
                disabling_an_endpoint_again_by_the_same_event_sends_another_notice
            }
            audit {
                an_empty_log_ends_before_its_first_entry
                an_entry_reads_as_recorded
                concurrent_entries_form_one_chain
                entries_are_filtered_and_listed_with_the_latest_first
                a_truncated_log_retains_its_end
                an_action_is_recorded_only_if_it_changes_something
                changes_of_endpoints_are_audited
                resending_notifications_is_audited
                lifting_a_suppression_is_audited
                revoking_proofs_is_audited
                erasing_a_case_erases_its_values_from_the_log
            }
            health {
                a_working_store_is_healthy
                the_number_of_connections_stays_within_its_limit
                an_idle_store_uses_no_connection
            }
        }
    };
    (@tests $make_store:expr; $($port:ident { $($promise:ident)+ })+) => {
        $(
            mod $port {
                #[allow(unused_imports)]
                use super::*;

                $(
                    #[tokio::test(flavor = "multi_thread")]
                    async fn $promise() {
                        let (store, guard) = ($make_store)().await;
                        let promise = $crate::contract::$port::$promise(&store);
                        $crate::contract::in_time(promise).await;
                        drop(store);
                        drop(guard);
                    }
                )+
            }
        )+

        /// Runs the whole contract at once, for tests that inspect every statement it issues.
        #[allow(dead_code)]
        pub(crate) async fn keep_every_promise() {
            $crate::contract::keep(vec![$($({
                // Boxed, because all of these futures together would not fit on the stack.
                fn boxed() -> $crate::contract::BoxedPromise {
                    Box::pin(async {
                        let (store, guard) = ($make_store)().await;
                        $crate::contract::in_time($crate::contract::$port::$promise(&store)).await;
                        drop(store);
                        drop(guard);
                    })
                }
                boxed
            }),+),+])
            .await;
        }
    };
}

/// Generates one test for every function that takes two handles on one store.
///
/// `make_stores` is an async function or closure without arguments. It returns two
/// [`Store`](crate::contract::Store)s on a fresh, empty database, and a guard that is dropped after
/// them.
#[macro_export]
macro_rules! shared_store_contract {
    ($make_stores:expr) => {
        $crate::shared_store_contract! { @tests $make_stores;
            a_change_by_another_handle_outdates_earlier_plans
            no_commit_with_an_old_version_starts_after_a_change_returns
        }
    };
    (@tests $make_stores:expr; $($promise:ident)+) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $promise() {
                let ([store, other], guard) = ($make_stores)().await;
                let promise = $crate::contract::directory::$promise(&store, &other);
                $crate::contract::in_time(promise).await;
                drop((store, other));
                drop(guard);
            }
        )+
    };
}

/// Generates one test for every function of the contract of
/// [`AttachmentStore`](engage_repository::AttachmentStore).
///
/// `make_store` is an async function or closure without arguments. It returns a fresh, empty store
/// as an `Arc<dyn AttachmentStore>` and a guard that is dropped after it. The calling crate needs
/// tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! attachment_store_contract {
    ($make_store:expr) => {
        $crate::repository_contract! { @tests $make_store;
            contents {
                a_content_of_any_length_is_read_back
                an_unknown_id_has_no_content
                a_new_content_replaces_the_previous_one
                nothing_is_stored_of_an_interrupted_content
                deleting_a_content_does_not_affect_others
                deleting_an_unknown_content_succeeds
                many_contents_are_stored_concurrently
                the_free_space_is_reported_if_it_is_limited
            }
        }
    };
}

/// Generates one test for every function of the contract of
/// [`RequestCounts`](engage_repository::RequestCounts).
///
/// `make_store` is an async function or closure without arguments. It returns a fresh, empty store
/// as an `Arc<dyn RequestCounts>` and a guard that is dropped after it. The calling crate needs
/// tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! request_counts_contract {
    ($make_store:expr) => {
        $crate::repository_contract! { @tests $make_store;
            request_counts {
                a_server_reads_the_total_of_the_others
                counts_of_a_minute_add_up
                concurrent_exchanges_lose_nothing
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Returns the names of the public functions in the files of a folder, each with its file.
    fn promises(folder: &Path) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(promises(&path));
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let functions = source.lines().filter_map(|line| line.strip_prefix("pub async fn "));
            let names = functions.map(|rest| rest.split(['(', '<']).next().unwrap().to_owned());
            found.extend(names.map(|name| (name, path.display().to_string())));
        }
        found
    }

    /// Functions that run the contract and are not part of it.
    const RUNNERS: [&str; 2] = ["in_time", "keep"];

    #[test]
    fn every_promise_is_tested() {
        let tested: Vec<_> = include_str!("macros.rs").lines().map(str::trim).collect();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
        let promises = promises(&folder);
        assert!(promises.len() > 400, "only {} promises were found", promises.len());
        let is_missing = |name: &&(String, String)| {
            !tested.contains(&name.0.as_str()) && !RUNNERS.contains(&name.0.as_str())
        };
        let missing: Vec<_> = promises.iter().filter(is_missing).collect();
        assert!(missing.is_empty(), "missing in the macros: {missing:#?}");
    }
}
