/// Generates one test for every function of
/// [`person_erasures`](crate::contract::person_erasures). Calls the ports `cases`, `person_erasures`,
/// `outbox`, `audit`, `acts`.
#[macro_export]
macro_rules! person_erasures_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { person_erasures, $make_store;
            an_erasure_is_read_back
            a_key_of_an_erasure_is_used_once
            an_expired_key_of_an_erasure_can_be_used_again
            one_of_many_erasures_requested_under_one_key_is_added
            an_erasure_belongs_to_one_worker_until_its_claim_ends
            the_erasure_that_is_due_for_longest_is_claimed_first
            progress_of_an_erasure_is_read_back_when_it_is_claimed_again
            a_finished_erasure_has_no_addresses_and_is_not_claimed
            erasures_of_persons_are_audited
            a_person_is_found_as_customer_in_any_spelling_of_the_address
            a_person_is_found_as_participant_in_every_state
            cases_of_a_person_are_listed_in_parts_and_each_once
            a_suppressed_address_of_an_erased_person_is_hashed
        }
    };
}
