/// Generates one test for every function of [`tokens`](crate::contract::tokens). Calls the ports
/// `staff`, `tokens`.
#[macro_export]
macro_rules! tokens_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { tokens, $make_store;
            each_token_has_its_owner
            an_unknown_token_has_no_owner
            a_token_is_void_once_it_expires
            a_token_without_expiry_stays_valid
            all_tokens_of_a_former_member_are_void
            a_member_who_comes_back_has_no_tokens
            the_tokens_of_a_machine_are_valid_until_it_leaves
            a_token_hash_is_unique
            a_token_is_read_back
            the_tokens_of_a_member_are_listed_with_the_oldest_first
            a_removed_token_is_void_at_once
            a_token_is_only_removed_for_its_owner
            the_latest_use_of_a_token_is_recorded
            recording_the_use_of_a_removed_token_does_nothing
            a_token_is_revoked_together_with_its_parent
            a_revoked_token_cannot_create_another
            no_token_outlives_a_parent_revoked_during_its_creation
            a_rotated_token_is_found_by_both_secrets_until_the_old_one_expires
            an_expired_or_removed_token_is_found_by_no_secret
            a_token_is_only_rotated_for_its_owner
            tokens_are_removed_by_their_creator
            removed_tokens_are_listed_with_the_latest_first
        }
    };
}
