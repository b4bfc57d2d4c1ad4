/// Generates one test for every function of [`tags`](crate::contract::tags). Calls the ports `tags`, `cases`,
/// `queries`, `audit`, `acts`.
#[macro_export]
macro_rules! tags_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { tags, $make_store;
            a_tag_is_found_by_its_name_without_case
            a_tag_keeps_its_first_spelling
            one_of_many_tags_added_with_one_name_is_stored
            tags_are_listed_by_name_and_by_its_start
            the_tags_of_a_case_are_stored_and_read_back
            other_changes_leave_the_tags_as_they_are
            a_case_can_be_opened_with_tags
            a_change_to_a_tag_that_does_not_exist_is_not_stored
            cases_show_the_new_name_of_a_renamed_tag
            a_name_of_another_tag_is_refused
            a_merged_tag_lives_on_in_the_other
            two_tags_merged_into_each_other_leave_one
            cases_are_filtered_by_tags
            the_active_cases_of_tags_are_counted
            changes_of_tags_are_audited
        }
    };
}
