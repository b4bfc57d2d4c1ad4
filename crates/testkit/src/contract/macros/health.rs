/// Generates one test for every function of [`health`](crate::contract::health). Calls the ports
/// `health`.
#[macro_export]
macro_rules! health_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { health, $make_store;
            a_working_store_is_healthy
            the_number_of_connections_stays_within_its_limit
            an_idle_store_uses_no_connection
        }
    };
}
