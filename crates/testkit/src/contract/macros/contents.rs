/// Generates one test for every function of the contract of
/// [`AttachmentStore`](engage_repository::AttachmentStore).
///
/// `make_store` is an async function or closure without arguments. It returns a fresh, empty store
/// as an `Arc<dyn AttachmentStore>` and a guard that is dropped after it. The calling crate needs
/// tokio with the features `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! attachment_store_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { contents, $make_store;
            a_content_of_any_length_is_read_back
            an_unknown_id_has_no_content
            a_new_content_replaces_the_previous_one
            nothing_is_stored_of_an_interrupted_content
            deleting_a_content_does_not_affect_others
            deleting_an_unknown_content_succeeds
            many_contents_are_stored_concurrently
            the_free_space_is_reported_if_it_is_limited
        }
    };
}
