/// Generates one test for every function of [`erasure`](crate::contract::erasure). Calls the ports
/// `cases`, `queries`, `history`, `idempotency`, `access`, `outbox`, `notifications`, `webhooks`, `uploads`, `erasure`.
#[macro_export]
macro_rules! erasure_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { erasure, $make_store;
            earlier_text_is_erased_and_later_text_is_not
            erased_snapshots_replace_the_stored_ones
            an_erased_case_is_not_found_by_its_former_words
            files_become_expired_uploads
            notifications_to_the_customer_lose_their_address_and_are_not_sent
            notifications_to_participants_lose_their_address_and_are_not_sent
            notifications_of_one_event_to_several_participants_lose_their_addresses
            codes_of_several_participants_lose_their_addresses
            endpoint_notices_to_staff_are_still_sent
            a_code_is_only_sent_to_the_address_of_the_customer
            webhooks_are_still_called
            responses_codes_and_proofs_become_void
            participants_and_their_names_are_erased
            revoked_proofs_stay_void_until_the_participants_are_erased
            participants_are_not_found_by_their_former_addresses
            participations_end_while_cases_are_erased
            codes_are_requested_while_cases_are_erased
            a_code_replaces_the_notification_of_one_that_is_gone
            other_cases_are_not_affected
            erasing_again_succeeds
        }
    };
}
