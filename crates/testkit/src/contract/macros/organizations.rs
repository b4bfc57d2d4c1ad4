/// Generates one test for every function of [`organizations`](crate::contract::organizations). Calls the ports
/// `organizations`, `contacts`, `audit`, `acts`.
#[macro_export]
macro_rules! organizations_contract {
    ($make_store:expr) => {
        $crate::contract_tests! { organizations, $make_store;
            an_organization_is_read_back
            an_organization_is_found_by_exactly_its_domains
            a_domain_has_one_organization
            one_of_many_organizations_added_with_one_domain_is_stored
            everything_but_the_id_and_date_of_an_organization_can_change
            an_outdated_or_unknown_organization_is_not_changed
            organizations_are_listed_in_parts_and_found_by_text_and_domain
            existing_organizations_are_told_from_others
            an_organization_is_removed_once_and_its_contacts_have_none
            changes_of_organizations_are_audited
        }
    };
}
