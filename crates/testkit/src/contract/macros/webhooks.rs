/// Generates one test for every function of [`webhooks`](crate::contract::webhooks). Calls the ports
/// `outbox`, `webhooks`.
#[macro_export]
macro_rules! webhooks_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { webhooks, $make_store;
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
    };
}
