/// Makes one test of every function of the contract, in a module for each port.
///
/// `make_store` is an async function or closure without arguments; it returns a fresh and empty
/// [`Store`](crate::contract::Store) and a guard that is dropped after it. The crate that calls
/// this needs tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! repository_contract {
    ($make_store:expr) => {
        $crate::repository_contract! { @tests $make_store;
            cases {
                a_number_that_no_case_has_finds_nothing
                a_case_is_read_as_the_last_commit_left_it
                numbers_that_differ_in_one_part_only_name_different_cases
                a_case_comes_with_its_assignee
                a_case_comes_with_its_assignee_also_when_they_have_left
                a_commit_keeps_the_case_the_event_its_updates_and_the_messages
                a_change_of_a_case_that_was_changed_since_is_a_conflict
                a_change_of_a_case_that_is_not_that_far_yet_is_a_conflict
                a_change_of_a_case_that_is_not_kept_is_a_conflict
                a_conflict_keeps_nothing
                a_new_case_under_a_taken_number_is_a_duplicate
                a_number_stays_taken_when_its_case_has_changed
                a_duplicate_keeps_nothing
                a_case_that_was_a_duplicate_is_kept_under_another_number
                an_event_that_is_kept_already_succeeds_and_changes_nothing
                an_event_that_is_kept_succeeds_also_when_the_case_has_gone_on
                an_event_that_is_kept_does_not_send_its_messages_again
                a_change_set_that_failed_does_not_make_the_next_one_fail
                of_many_changes_at_one_version_exactly_one_succeeds
                many_changes_of_many_cases_all_succeed
                a_hundred_cases_opened_at_once_are_all_kept
                of_many_cases_opened_at_once_under_one_number_exactly_one_is_kept
                in_a_burst_of_commits_a_bad_one_fails_alone
                one_event_committed_by_many_at_once_is_kept_once
                a_commit_is_complete_or_undone_where_its_caller_goes_away
                a_case_with_every_optional_field_absent_is_read_back
                a_case_with_every_optional_field_set_is_read_back
                optional_fields_that_were_set_are_cleared_again
                every_classification_is_read_back
                every_status_is_read_back
                every_escalation_level_is_read_back
                text_of_every_script_is_read_back
                the_longest_texts_are_read_back
                an_email_address_keeps_its_spelling
                instants_keep_their_milliseconds
                updates_are_read_back_with_their_authors_and_attachments
                escalations_are_read_back_with_who_asked_for_them
                a_staff_members_words_keep_the_name_they_had_then
            }
            access {
                a_new_case_is_in_the_first_generation
                access_is_rotated_for_all_who_read_the_case
                access_to_a_case_that_is_not_there_is_not_rotated
                changes_of_a_case_leave_its_generation_alone
                rotating_access_leaves_everything_else_of_a_case_alone
                a_code_is_written_down_with_the_message_that_brings_it
                a_case_that_is_not_there_gets_no_code
                a_code_is_found_by_as_many_tries_as_it_has
                tries_at_once_are_all_counted
                a_code_that_is_too_old_is_not_found
                another_code_ends_the_one_before
                codes_keep_their_distance
                a_case_gets_as_many_codes_as_the_limit_says
                of_many_who_ask_for_a_code_at_once_one_gets_it
                a_code_is_redeemed_once_for_another_generation
                a_code_that_another_has_taken_the_place_of_is_not_redeemed
                of_many_who_redeem_a_code_at_once_one_does
                a_code_does_not_wait_for_other_messages_of_the_case
                a_message_with_a_code_has_the_last_moment_of_the_code
                a_code_that_is_too_late_is_cancelled_while_it_waits
            }
            erasure {
                what_was_written_before_is_erased_and_what_comes_after_is_not
                the_snapshots_given_take_the_place_of_those_there_are
                an_erased_case_is_found_by_no_word_that_it_had
                files_become_uploads_that_have_expired
                messages_to_the_customer_lose_their_address_and_are_not_sent
                what_tells_staff_of_an_endpoint_is_still_sent
                a_code_goes_to_no_other_address_than_the_customers
                webhooks_are_still_called
                responses_codes_and_proofs_are_worth_nothing_any_more
                other_cases_are_left_alone
                erasing_again_succeeds
            }
            retention {
                finished_messages_are_pruned_with_their_attempts_and_others_are_kept
                messages_are_pruned_so_many_at_a_time_and_the_oldest_first
                responses_are_pruned_once_they_have_expired
            }
            history {
                by_what_and_from_where_a_change_came_is_kept_until_the_address_is_erased
                a_number_that_no_case_has_has_no_history
                the_events_of_a_case_come_in_order_and_no_more_than_wanted
                a_snapshot_is_read_as_it_was_kept
                where_nothing_happened_there_is_no_event_and_no_place
                an_event_is_there_once_its_commit_has_ended
                a_place_never_changes
                who_goes_on_from_the_last_place_misses_nothing
                readers_miss_nothing_while_many_write_at_once
                a_change_that_failed_has_no_place
            }
            idempotency {
                a_key_that_was_never_used_has_no_response
                a_response_is_kept_with_the_change_of_a_new_case
                a_response_is_kept_with_the_change_of_a_case
                a_response_is_gone_from_its_expiry_on
                a_second_new_case_under_a_key_is_a_duplicate_and_nothing_of_it_is_kept
                a_second_change_under_a_key_is_a_duplicate_and_nothing_of_it_is_kept
                a_key_is_free_again_for_a_change_after_its_expiry
                a_change_that_is_a_conflict_keeps_no_response
                an_event_that_is_kept_already_succeeds_also_under_its_key
                of_many_new_cases_under_one_key_exactly_one_is_kept
                in_a_burst_of_commits_one_under_a_taken_key_fails_alone
            }
            numbers {
                the_first_place_of_a_year_is_1
                a_place_is_drawn_once_and_later_ones_are_larger
                a_place_is_drawn_once_however_many_draw_at_a_time
                years_do_not_matter_to_each_other
                the_place_of_a_stored_case_is_never_drawn
                the_place_of_a_case_stored_after_the_first_draw_is_never_drawn
                the_place_of_a_stored_case_is_never_drawn_whatever_its_prefix
                a_case_of_another_year_takes_no_place
            }
            queries {
                a_number_that_no_case_has_is_not_found_by_anybody
                a_case_to_which_nothing_happened_has_no_updates
                a_conversation_is_read_page_by_page_from_the_newest_on
                a_page_may_begin_between_the_updates_of_one_event
                what_is_written_meanwhile_moves_no_page
                of_many_escalations_the_newest_are_read
                a_customer_sees_the_public_updates_only_and_the_oldest_first
                staff_see_all_updates_and_escalations_and_the_oldest_first
                the_updates_of_one_event_come_in_the_order_in_which_they_were_written
                events_of_one_instant_come_in_the_order_in_which_they_happened
                the_assignee_shows_also_when_they_have_left
                all_parts_of_a_case_are_of_one_moment
                the_assignee_and_the_case_are_of_one_moment
                a_filter_with_no_criterion_is_met_by_every_case
                cases_are_filtered_by_one_status_or_several
                cases_are_filtered_by_one_urgency_or_several
                cases_are_filtered_by_one_customer_type_or_several
                cases_are_filtered_by_one_issue_type_or_several
                cases_are_filtered_by_who_works_on_them
                a_case_that_was_taken_back_is_unassigned_again
                cases_are_filtered_by_one_department_or_several
                cases_are_filtered_by_creation_from_an_instant_and_before_another
                cases_are_filtered_by_who_needs_help
                cases_are_filtered_by_their_last_change
                cases_are_filtered_by_their_service_targets
                a_case_must_fit_every_criterion
                cases_sort_by_creation_and_ties_by_number
                cases_sort_by_last_activity_and_ties_by_number
                cases_sort_by_urgency_from_low_to_critical_and_ties_by_number
                cases_sort_by_priority_score_and_ties_by_number
                cases_sort_by_estimated_resolution_and_ties_by_number
                cases_sort_by_status_in_the_order_of_the_lifecycle_and_ties_by_number
                cases_sort_by_the_year_and_the_value_of_their_numbers
                pages_never_overlap_and_together_are_complete_in_every_order
                a_list_goes_on_after_each_part_until_it_is_complete_in_every_order
                a_list_that_ends_with_a_full_part_ends_there
                a_list_goes_on_where_the_case_at_its_position_no_longer_fits
                a_summary_tells_when_a_case_was_resolved_and_closed
                a_case_is_found_by_a_word_of_any_of_its_texts
                a_case_is_found_by_what_was_written_later
                a_case_is_found_by_the_reason_of_its_escalation
                a_change_without_words_leaves_what_is_found_as_it_was
                words_are_found_by_how_they_begin_and_short_ones_as_a_whole
                words_are_found_whatever_their_case_accents_and_script
                a_search_means_nothing_but_its_words
                a_search_ranks_number_then_subject_then_customer_then_conversation
                a_search_goes_together_with_filters_and_other_orders
                references_are_found_as_they_are_written
                a_case_number_finds_its_case_before_those_that_mention_it
                a_whole_address_finds_its_customer_first
                words_of_scripts_without_spaces_are_found_in_the_midst
                letters_are_found_as_people_type_them
                a_case_is_found_by_the_name_of_who_works_on_it
                no_words_of_a_new_store_are_of_an_earlier_version
                the_longest_texts_are_searched
                a_case_with_very_many_different_words_takes_more_of_them
                an_empty_store_lists_nothing
                a_list_comes_in_parts_of_the_size_asked_for
                every_part_comes_with_the_true_total_also_one_past_the_end
                the_total_counts_the_cases_that_fit_the_filter
                a_listed_case_reads_like_the_case
            }
            due_cases {
                the_next_time_of_a_case_is_read_back_and_cleared_again
                what_was_told_of_a_case_is_read_back
                an_alert_that_escalates_is_among_the_escalations
                cases_are_due_from_their_time_on_and_those_that_waited_longest_come_first
                a_case_that_nothing_is_to_be_done_with_is_never_due
                a_list_of_due_cases_goes_on_after_the_last_one_and_leaves_none_out
                a_case_that_is_put_off_is_due_later_and_otherwise_as_it_was
                a_case_that_somebody_changed_meanwhile_is_not_put_off
            }
            staff {
                a_member_is_read_back
                every_role_is_read_back
                a_member_that_was_not_added_is_not_found
                a_member_is_found_by_their_address_in_any_case_of_letters
                an_id_is_given_once
                an_address_is_given_once_in_any_case_of_letters
                the_id_and_the_address_of_a_member_who_left_stay_taken
                of_many_who_are_added_at_once_under_one_id_one_is_kept
                all_members_are_listed_in_the_order_of_their_ids
                everything_known_of_a_member_is_changed_but_the_id_and_when_they_joined
                a_member_who_left_is_found_with_the_time
                a_member_who_left_comes_back
                a_member_who_was_changed_meanwhile_or_is_not_there_is_not_changed
                of_many_who_change_a_member_at_once_one_does
                a_member_does_not_get_the_address_of_another
                an_address_is_spelled_otherwise
                the_last_active_admin_stays_one
                an_admin_steps_down_or_leaves_where_there_is_another
                of_all_admins_who_leave_at_once_one_stays
            }
            tokens {
                each_token_has_its_owner
                an_unknown_token_has_no_owner
                a_token_is_void_from_its_expiry_on
                a_token_without_expiry_stays_valid
                all_tokens_of_a_member_who_left_are_void
                a_member_who_came_back_has_no_tokens
                a_hash_is_known_once
                a_token_is_read_back
                the_tokens_of_a_member_are_listed_with_the_oldest_first
                a_token_that_was_removed_is_void_at_once
                a_token_is_removed_for_its_owner_only
                the_latest_use_of_a_token_is_kept
                noting_the_use_of_a_token_that_was_removed_does_nothing
                a_token_ends_with_the_one_that_it_was_made_with
                a_token_is_not_made_with_one_that_is_gone
                no_token_outlives_one_that_is_revoked_while_it_is_made
                a_rotated_token_is_found_by_both_secrets_until_the_old_one_is_void
                a_token_that_has_expired_or_is_gone_is_found_by_no_secret
                a_token_is_rotated_for_its_owner_only
                tokens_are_removed_by_who_made_them
                what_was_removed_is_told_with_the_last_first
            }
            outbox {
                nothing_is_due_in_an_empty_store
                a_claimed_message_reads_as_it_was_written_down
                every_template_is_read_back
                a_message_keeps_the_snapshot_of_its_own_event
                a_claimed_message_is_not_claimed_again_while_its_lease_runs
                a_message_whose_lease_ran_out_is_due_and_the_attempt_counts
                no_more_are_claimed_than_asked_for
                the_longest_due_are_claimed_first
                those_claimed_together_come_with_the_longest_due_first
                many_who_claim_at_once_never_get_the_same_message
                a_message_that_fails_does_not_hold_others_back
                a_claim_that_was_taken_over_completes_nothing
                a_claim_that_ran_out_holds_until_another_takes_it_over
                what_was_never_claimed_so_is_not_completed
                a_claim_completes_once
                a_finished_message_is_never_claimed_again
                a_message_to_be_tried_again_is_not_due_until_then
                a_message_to_be_tried_again_is_due_then_as_the_next_attempt
                a_message_waits_as_long_as_it_is_told
                a_released_message_is_due_at_once_and_the_attempt_does_not_count
                a_deferred_message_waits_and_the_attempt_does_not_count
                a_message_that_is_not_to_be_sent_is_finished_and_was_not_attempted
                nothing_is_completed_where_there_are_no_attempts
                each_attempt_of_a_batch_is_answered_for_in_its_place
                of_two_claims_of_one_message_in_a_batch_the_later_one_counts
                an_attempt_that_is_twice_in_a_batch_is_recorded_once
                many_who_complete_batches_at_once_record_each_attempt_once
                a_later_event_waits_until_an_earlier_one_of_its_case_is_finished
                a_later_event_waits_while_an_earlier_one_has_failed_less_than_four_times
                a_later_event_goes_once_an_earlier_one_has_failed_four_times
                a_fourth_attempt_under_way_has_not_failed_yet
                attempts_after_the_fourth_failure_hold_nothing_back
                attempts_that_do_not_count_are_no_failures
                a_claim_that_ran_out_still_holds_later_events_back
                each_event_waits_for_the_one_before
                a_message_that_is_sent_again_holds_later_events_back
                what_waits_for_a_message_to_be_tried_again_is_not_in_the_way_of_other_cases
                what_waited_for_a_message_to_be_tried_again_goes_when_that_has_gone
                other_cases_are_not_held_back
                other_addresses_are_not_held_back
                channels_do_not_wait_for_each_other
                messages_of_one_event_to_one_address_do_not_wait_for_each_other
                many_who_claim_at_once_keep_the_order
                no_more_are_claimed_for_an_address_than_may_be_on_their_way
                those_under_way_to_an_address_count
                an_address_that_is_full_gets_nothing
                an_address_is_never_over_its_limit_in_several_claims
                a_limit_for_an_address_comes_on_top_of_the_one_for_all
                an_endpoint_that_is_full_does_not_keep_others_back
                a_flood_for_one_endpoint_does_not_keep_others_back
                every_channel_is_listed_in_order_and_takes_messages_at_first
                a_channel_that_was_stopped_is_listed_with_the_reason
                a_channel_that_is_stopped_again_keeps_the_time_and_takes_the_reason
                a_channel_that_was_started_meanwhile_is_stopped_since_a_new_time
                a_channel_that_was_stopped_by_many_at_once_was_stopped_once
                a_channel_that_runs_may_be_started_again
                a_stopped_channel_gives_nothing_before_the_first_probe
                other_channels_go_on_while_one_is_stopped
                a_channel_that_was_started_gives_all_that_is_due
                a_claim_holds_while_its_channel_is_stopped
                one_refusal_shows_nothing_of_the_channel
                two_recipients_with_one_of_ours_who_are_refused_alike_show_that_it_is_the_channel
                strangers_who_are_refused_alike_show_nothing_however_many
                one_recipient_who_is_refused_again_and_again_shows_nothing
                refusals_of_different_kinds_show_nothing
                a_message_that_was_accepted_in_between_ends_the_row
                a_message_that_was_accepted_by_another_channel_ends_no_row
                a_refusal_that_depends_on_no_recipient_shows_it_with_two_messages
                what_was_given_up_for_the_same_is_due_again
                an_attempt_that_is_recorded_after_that_does_not_count
                a_channel_that_was_started_begins_a_new_row
                two_who_are_refused_at_once_show_it
                a_budget_lets_go_as_many_as_it_has
                budgets_are_apart
                what_a_budget_counted_is_pruned_when_it_is_old_and_no_earlier
                uses_of_budgets_are_pruned_so_many_at_a_time
                a_message_counts_against_all_budgets_or_none
                one_alone_has_all_of_a_budget_that_is_shared
                once_another_is_refused_who_had_less_of_a_budget_comes_first
                who_is_refused_one_budget_has_had_nothing_of_another
                of_many_who_ask_at_once_as_many_may_go_as_the_budget_has
                a_message_is_admitted_once
                a_message_that_is_held_back_waits_without_using_up_an_attempt
                what_is_held_back_is_counted_until_it_goes
                a_message_tells_of_all_that_were_held_back_for_its_address
                a_message_does_not_name_its_own_case_among_others
                a_message_that_is_attempted_now_is_not_gathered
                only_who_has_claimed_a_message_gathers
                what_is_held_back_keeps_no_later_message_waiting
                an_address_is_suppressed_for_the_first_reason_in_any_case_of_letters
                other_addresses_are_not_suppressed
                a_message_that_was_not_attempted_has_no_attempts
                each_end_of_an_attempt_is_kept_with_its_reason
                what_was_released_is_no_attempt
                all_attempts_are_kept_and_the_first_one_comes_first
                an_attempt_is_kept_with_when_it_began_and_how_long_it_took
                an_attempt_whose_claim_was_taken_over_is_not_kept
                the_attempts_before_a_message_was_sent_again_are_kept
                the_attempts_of_other_messages_are_not_its_own
            }
            notifications {
                an_empty_store_lists_no_messages
                a_message_is_listed_as_it_was_written_down
                a_listed_message_reads_like_the_message
                messages_are_listed_with_the_newest_first
                pages_of_messages_never_overlap_and_together_are_complete
                messages_are_counted_on_all_pages
                messages_are_filtered_by_one_status_or_several
                messages_are_filtered_by_one_channel_or_several
                messages_are_filtered_by_the_case_they_are_about
                messages_are_filtered_by_one_type_of_event_or_several
                messages_are_filtered_from_a_time_and_before_another
                a_message_must_fit_every_criterion
                a_message_that_was_never_written_down_is_not_found
                a_message_shows_where_it_stands
                a_message_shows_how_often_it_was_attempted_and_what_went_wrong_last
                an_empty_store_has_no_totals
                totals_count_messages_by_status_and_channel
                totals_tell_how_many_were_accepted_and_given_up_lately
                nothing_has_been_due_where_nothing_is
                a_message_that_is_due_has_been_so_for_some_time
                the_oldest_due_is_looked_for_in_every_channel
                the_age_of_what_is_unsent_is_told_however_often_it_is_put_off
                the_age_of_what_is_unsent_is_told_by_channel_and_of_nothing_that_is_finished
                a_channel_has_delivered_where_something_was_accepted_lately
                a_message_is_due_when_it_is_to_be_tried_again
                a_message_whose_claim_ran_out_has_been_due_since
                a_message_that_was_given_up_or_cancelled_is_sent_again
                a_message_that_failed_after_it_was_accepted_is_sent_again
                a_message_that_is_neither_given_up_nor_cancelled_is_not_sent_again
                a_message_is_sent_again_once
                what_was_never_written_down_is_not_sent_again
                all_that_were_given_up_for_an_address_are_sent_again
                those_given_up_before_a_time_are_not_sent_again
                nothing_is_sent_again_to_an_address_that_got_nothing
                all_that_were_given_up_are_sent_again_by_channel_address_and_reason
                more_than_fit_into_a_batch_are_sent_again
                a_message_that_is_sent_again_by_itself_says_so
                suppressions_are_listed_by_channel_and_address
                a_suppression_that_was_lifted_is_no_obstacle_any_more
                what_was_never_suppressed_is_not_lifted
                messages_are_filtered_by_endpoint
                all_messages_for_an_address_that_are_not_finished_are_cancelled
                a_message_that_was_cancelled_is_never_claimed
                messages_for_other_addresses_are_not_cancelled
                an_attempt_at_a_message_that_was_cancelled_meanwhile_records_nothing
                a_message_that_was_cancelled_under_way_and_sent_again_needs_a_new_claim
                of_a_cancellation_and_a_completion_at_once_one_is_recorded
                a_message_that_arrived_is_delivered_and_was_finished_when_it_was_accepted
                a_message_that_did_not_arrive_is_given_up
                a_message_that_arrived_stays_so
                a_message_that_did_not_arrive_stays_so
                a_message_that_is_neither_on_its_way_nor_accepted_hears_no_report
                a_report_may_come_before_the_attempt_is_recorded
                a_report_on_a_message_that_was_sent_again_comes_too_late
                a_report_on_what_was_never_written_down_is_not_recorded
                a_report_on_one_message_says_nothing_of_others
            }
            uploads {
                an_upload_is_found_once_it_is_finished
                only_the_uploads_that_are_named_are_found
                the_uploads_of_others_are_not_found
                an_upload_that_began_before_the_time_is_not_found
                an_upload_that_nobody_began_does_not_finish
                an_upload_that_an_update_has_is_not_found_again_but_its_file_is
                a_file_of_an_update_is_kept_when_its_upload_is_forgotten
                customers_find_the_files_of_public_updates_of_their_case_only
                uploads_expire_whether_finished_or_not_and_say_whether_they_were_taken
                a_file_belongs_to_one_update_and_a_second_is_a_duplicate
                of_many_updates_that_take_one_file_at_once_exactly_one_has_it
                the_files_of_updates_are_measured_in_parts
            }
            directory {
                the_version_moves_with_everything_that_decides_who_is_told_or_may_act
                the_version_stays_where_nothing_that_was_read_is_wrong
                a_change_that_was_planned_by_an_old_version_is_outdated_and_keeps_nothing
                a_change_that_was_planned_by_the_present_version_is_kept
                an_event_that_is_kept_succeeds_whatever_became_of_the_directory
                in_a_burst_only_what_was_planned_by_an_old_version_is_outdated
            }
            webhooks {
                an_endpoint_is_read_back
                an_endpoint_that_wants_any_type_of_event_is_read_back
                an_endpoint_that_was_not_added_is_not_found
                the_id_of_an_endpoint_is_given_once
                of_many_endpoints_added_at_once_under_one_id_one_is_kept
                endpoints_are_listed_with_the_oldest_first
                everything_known_of_an_endpoint_is_replaced_but_when_it_was_registered
                a_secret_that_was_replaced_is_kept_until_it_is_dropped
                a_secret_is_replaced_by_who_knows_the_one_before_alone
                a_change_of_an_endpoint_leaves_its_secrets
                an_endpoint_that_is_not_there_is_not_updated
                an_endpoint_is_removed_once
                an_endpoint_that_was_never_there_is_not_removed
                an_endpoint_that_answers_well_is_not_failing
                an_endpoint_has_been_failing_since_the_first_failure_after_a_success
                endpoints_fail_each_for_themselves
                an_endpoint_that_is_not_there_is_not_failing
                an_endpoint_that_is_enabled_again_starts_without_failures
                an_endpoint_that_is_changed_otherwise_goes_on_failing
                noting_deliveries_changes_nothing_that_is_known_of_an_endpoint
                an_endpoint_is_disabled_together_with_what_staff_are_told_of_it
                an_endpoint_that_is_disabled_or_not_there_is_not_disabled_and_nobody_told
                of_many_who_disable_an_endpoint_at_once_one_tells_of_it
                several_endpoints_may_be_disabled_by_messages_of_one_event
                staff_are_told_again_of_an_endpoint_that_is_disabled_again_by_the_same_event
            }
            audit {
                an_empty_log_ends_before_its_first_entry
                an_act_is_read_as_it_was_written_down
                acts_of_many_at_once_are_all_in_one_chain
                entries_are_listed_with_the_last_first_by_what_is_asked_for
                what_is_cut_off_leaves_its_end_behind
                an_act_is_written_down_with_what_it_changes_and_only_then
                what_is_done_to_endpoints_is_written_down_with_it
                what_is_sent_again_is_written_down_with_it
                lifting_a_suppression_is_written_down_with_it
                making_proofs_void_is_written_down_with_it
                erasing_a_case_erases_what_the_log_says_of_it_in_values
            }
            health {
                a_store_that_works_is_healthy
                connections_are_counted_within_their_limit
                at_rest_no_connection_is_in_use
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

        /// Holds stores to the whole contract at once: for who looks at every statement that comes
        /// of it.
        #[allow(dead_code)]
        pub(crate) async fn keep_every_promise() {
            $crate::contract::keep(vec![$($({
                // In a box of its own: all of them together would not fit on a stack.
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

/// Makes one test of every function that takes two handles on one store.
///
/// `make_stores` is an async function or closure without arguments; it returns two of
/// [`Store`](crate::contract::Store) on a fresh and empty database, and a guard that is dropped after
/// them.
#[macro_export]
macro_rules! shared_store_contract {
    ($make_stores:expr) => {
        $crate::shared_store_contract! { @tests $make_stores;
            what_another_handle_changed_outdates_what_was_planned_before
            no_commit_by_an_old_version_begins_after_the_answer_to_a_change
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

/// Makes one test of every function of the contract of
/// [`AttachmentStore`](engage_repository::AttachmentStore).
///
/// `make_store` is an async function or closure without arguments; it returns a fresh and empty
/// store as an `Arc<dyn AttachmentStore>` and a guard that is dropped after it. The crate that calls
/// this needs tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! attachment_store_contract {
    ($make_store:expr) => {
        $crate::repository_contract! { @tests $make_store;
            contents {
                a_content_of_any_length_is_read_back
                an_id_under_which_nothing_is_kept_has_no_content
                a_content_replaces_the_one_before
                of_a_content_that_breaks_off_nothing_is_kept
                a_deleted_content_is_gone_and_others_stay
                deleting_what_is_not_there_succeeds
                many_contents_are_kept_at_once
                the_room_is_told_if_there_is_an_end_to_it
            }
        }
    };
}

/// Makes one test of every function of the contract of
/// [`RequestCounts`](engage_repository::RequestCounts).
///
/// `make_store` is an async function or closure without arguments; it returns a fresh and empty
/// store as an `Arc<dyn RequestCounts>` and a guard that is dropped after it. The crate that calls
/// this needs tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! request_counts_contract {
    ($make_store:expr) => {
        $crate::repository_contract! { @tests $make_store;
            request_counts {
                a_server_hears_what_the_others_counted_together
                counts_of_a_minute_add_up
                many_servers_tell_at_once_and_nothing_is_lost
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// The names of the public functions of a folder's files, each with its file.
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

    /// Runs the promises, and is none.
    const RUNNERS: [&str; 2] = ["in_time", "keep"];

    #[test]
    fn every_promise_is_tested() {
        let tested: Vec<_> = include_str!("macros.rs").lines().map(str::trim).collect();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
        let promises = promises(&folder);
        assert!(promises.len() > 400, "only {} promises are found", promises.len());
        let is_missing = |name: &&(String, String)| {
            !tested.contains(&name.0.as_str()) && !RUNNERS.contains(&name.0.as_str())
        };
        let missing: Vec<_> = promises.iter().filter(is_missing).collect();
        assert!(missing.is_empty(), "missing in the macros: {missing:#?}");
    }
}
