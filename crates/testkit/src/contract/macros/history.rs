/// Generates one test for every function of [`history`](crate::contract::history). Calls the ports
/// `cases`, `history`, `erasure`.
#[macro_export]
macro_rules! history_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { history, $make_store;
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
    };
}
