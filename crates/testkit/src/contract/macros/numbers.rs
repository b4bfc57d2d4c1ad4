/// Generates one test for every function of [`numbers`](crate::contract::numbers). Calls the ports
/// `cases`, `numbers`.
#[macro_export]
macro_rules! numbers_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { numbers, $make_store;
            the_first_number_of_a_year_is_1
            numbers_are_drawn_once_and_increase
            concurrent_draws_never_return_the_same_number
            years_are_numbered_independently
            the_number_of_a_stored_case_is_never_drawn
            the_number_of_a_case_stored_after_the_first_draw_is_never_drawn
            the_number_of_a_stored_case_with_another_prefix_is_never_drawn
            a_case_of_another_year_uses_up_no_number
        }
    };
}
