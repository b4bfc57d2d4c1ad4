/// Generates one test for every function of [`staff`](crate::contract::staff). Calls the ports
/// `staff`.
#[macro_export]
macro_rules! staff_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { staff, $make_store;
            a_member_is_read_back
            every_role_is_read_back
            a_machine_is_read_back_with_its_rights
            the_rights_of_a_machine_can_change
            a_machine_can_leave_and_come_back
            an_unknown_member_is_not_found
            a_member_is_found_by_their_address_ignoring_case
            an_id_is_unique
            an_address_is_unique_ignoring_case
            the_id_and_address_of_a_former_member_stay_taken
            one_of_many_members_added_under_one_id_is_stored
            members_are_listed_in_the_order_of_their_ids
            everything_but_the_id_and_join_date_of_a_member_can_change
            a_former_member_is_found_with_the_time_of_leaving
            a_former_member_can_come_back
            an_outdated_or_unknown_member_is_not_changed
            one_of_many_concurrent_changes_of_a_member_succeeds
            a_member_cannot_take_the_address_of_another
            the_case_of_an_address_can_change
            the_last_active_admin_cannot_step_down_or_leave
            an_admin_can_step_down_or_leave_if_another_remains
            one_of_all_admins_who_leave_at_once_stays
        }
    };
}
