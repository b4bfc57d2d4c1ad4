/// Generates one test for every function of [`uploads`](crate::contract::uploads). Calls the ports
/// `cases`, `queries`, `uploads`.
#[macro_export]
macro_rules! uploads_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { uploads, $make_store;
            an_upload_is_found_once_it_is_finished
            only_the_named_uploads_are_found
            uploads_of_other_members_are_not_found
            an_upload_started_before_the_cutoff_is_not_found
            an_unknown_upload_cannot_finish
            an_attached_upload_is_not_found_again_but_its_file_is
            an_attached_file_outlives_its_upload
            participants_find_only_files_in_their_view
            customers_find_only_files_of_public_updates_of_their_case
            expired_uploads_show_whether_they_were_attached
            attaching_a_file_to_a_second_update_is_a_duplicate
            exactly_one_of_many_concurrent_updates_gets_a_file
            attached_files_are_measured_in_batches
        }
    };
}
