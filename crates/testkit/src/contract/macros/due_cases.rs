/// Generates one test for every function of [`due_cases`](crate::contract::due_cases). Calls the ports
/// `cases`, `queries`, `due_cases`.
#[macro_export]
macro_rules! due_cases_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { due_cases, $make_store;
            the_next_action_of_a_case_is_read_back_and_cleared
            raised_alerts_of_a_case_are_read_back
            an_escalating_alert_is_listed_as_an_escalation
            due_cases_are_listed_with_the_longest_waiting_first
            a_case_without_a_next_action_is_never_due
            paging_through_due_cases_leaves_none_out
            a_postponed_case_is_due_later_and_otherwise_unchanged
            a_case_changed_meanwhile_is_not_postponed
        }
    };
}
