/// Generates one test for every function of [`contacts`](crate::contract::contacts). Calls the ports
/// `contacts`, `organizations`, `audit`, `acts`.
#[macro_export]
macro_rules! contacts_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { contacts, $make_store;
            a_contact_is_read_back
            an_unknown_contact_is_not_found
            a_contact_is_found_by_any_spelling_of_any_of_its_addresses
            contacts_with_several_of_the_addresses_are_found_once
            an_address_has_one_contact
            one_of_many_contacts_added_with_one_address_is_stored
            everything_but_the_id_and_date_of_a_contact_can_change
            a_removed_address_is_free_for_another_contact
            a_contact_cannot_take_the_address_of_another
            an_outdated_or_unknown_contact_is_not_changed
            one_of_many_concurrent_changes_of_a_contact_succeeds
            a_contact_needs_an_existing_organization
            an_organization_set_to_none_differs_from_one_that_was_never_set
            a_contact_is_removed_once_with_its_addresses
            changes_of_contacts_are_audited
            a_merged_contact_has_the_addresses_of_both
            contacts_that_changed_meanwhile_are_not_merged
            a_merge_takes_no_address_of_a_third_contact
            an_import_adds_and_changes_contacts_in_one_commit
            an_import_that_cannot_be_written_as_a_whole_writes_nothing
            contacts_are_listed_in_parts_in_the_order_of_their_ids
            contacts_are_found_by_a_part_of_their_texts
            contacts_are_found_by_address
            contacts_are_found_by_their_notes
            contacts_of_an_organization_have_it_themselves_or_by_a_domain
            the_addresses_of_an_organization_are_its_domains_and_what_was_set
        }
    };
}
