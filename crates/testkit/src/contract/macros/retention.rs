/// Generates one test for every function of [`retention`](crate::contract::retention). Calls the ports
/// `cases`, `idempotency`, `outbox`, `notifications`, `retention`.
#[macro_export]
macro_rules! retention_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { retention, $make_store;
            finished_notifications_are_pruned_with_their_attempts
            notifications_are_pruned_in_batches_with_the_oldest_first
            responses_are_pruned_once_they_have_expired
        }
    };
}
