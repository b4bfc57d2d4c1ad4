/// Generates one test for every function of [`credentials`](crate::contract::credentials).
/// `make_subject` returns a [`Subject`](crate::contract::credentials::Subject) and a guard that is
/// dropped after it.
#[macro_export]
macro_rules! credentials_contract {
    ($make_subject:expr) => {
        $crate::contract_tests! { credentials, $make_subject;
            a_valid_credential_has_a_bearer
            a_credential_of_another_kind_has_no_bearer
            an_expired_credential_has_no_bearer
            a_credential_that_was_changed_has_no_bearer
            what_cannot_be_verified_at_the_moment_is_unavailable
        }
    };
}
