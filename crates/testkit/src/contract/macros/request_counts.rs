/// Generates one test for every function of the contract of
/// [`RequestCounts`](engage_repository::RequestCounts).
///
/// `make_store` is an async function or closure without arguments. It returns a fresh, empty store
/// as an `Arc<dyn RequestCounts>` and a guard that is dropped after it. The calling crate needs
/// tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! request_counts_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { request_counts, $make_store;
            a_server_reads_the_total_of_the_others
            counts_of_a_minute_add_up
            concurrent_exchanges_lose_nothing
        }
    };
}
