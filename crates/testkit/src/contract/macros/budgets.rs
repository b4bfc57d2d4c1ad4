/// Generates one test for every function of [`budgets`](crate::contract::budgets). Calls the port
/// `budgets`.
#[macro_export]
macro_rules! budgets_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { budgets, $make_store;
            a_budget_grants_as_many_uses_as_it_allows
            a_repeated_use_is_free
            concurrent_uses_never_exceed_the_budget
            one_of_many_concurrent_repetitions_is_counted
        }
    };
}
