/// Generates one test for every function of [`access`](crate::contract::access). Calls the ports
/// `cases`, `queries`, `access`, `outbox`, `notifications`.
#[macro_export]
macro_rules! access_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { access, $make_store;
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
            codes_are_redeemed_while_others_are_requested
            a_code_does_not_wait_for_other_notifications_of_the_case
            a_notification_with_a_code_expires_with_the_code
            an_expired_code_is_cancelled_while_it_waits
            the_access_of_one_person_is_rotated_alone
            the_access_of_everybody_is_rotated_together
            the_access_of_a_stranger_is_not_rotated
            codes_belong_to_one_person_of_a_case
            only_people_with_their_own_address_get_codes
            a_participants_code_replaces_the_previous_one
            participants_codes_are_limited_for_each_person
            a_participants_code_expires
            one_of_many_concurrent_requests_of_a_participant_gets_a_code
            concurrent_requests_of_a_participant_leave_one_code
            one_of_many_concurrent_redemptions_by_a_participant_succeeds
            concurrent_attempts_of_a_participant_are_all_counted
            concurrent_rotations_are_all_counted
        }
    };
}
