/// Generates one test for every function of [`idempotency`](crate::contract::idempotency). Calls the ports
/// `cases`, `idempotency`, `outbox`.
#[macro_export]
macro_rules! idempotency_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { idempotency, $make_store;
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
    };
}
