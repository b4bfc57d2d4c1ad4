/// Generates one test for every function of [`audit`](crate::contract::audit). Calls the ports
/// `cases`, `staff`, `outbox`, `notifications`, `audit`, `acts`.
#[macro_export]
macro_rules! audit_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { audit, $make_store;
            an_empty_log_ends_before_its_first_entry
            an_entry_reads_as_recorded
            an_entry_is_in_the_chain_or_known_to_wait
            concurrent_entries_form_one_chain
            entries_are_filtered_and_listed_with_the_latest_first
            a_truncated_log_retains_its_end
            an_action_is_recorded_only_if_it_changes_something
            changes_of_endpoints_are_audited
            resending_notifications_is_audited
            lifting_a_suppression_is_audited
            revoking_proofs_is_audited
            erasing_a_case_erases_its_values_from_the_log
        }
    };
}
