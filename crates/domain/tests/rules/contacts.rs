//! Contacts: their addresses, their organizations, and the joining of two.

use engage_domain::case::Version;
use engage_domain::contact::{
    ContactEmails, ContactEmailsError, ContactOrganization, MergeContactsError,
};
use engage_domain::{Contact, ContactId, EmailAddress, OrganizationId, Timestamp};
use proptest::prelude::*;

fn address(number: usize) -> EmailAddress {
    format!("person-{number}@example.com").parse().unwrap()
}

/// Builds a contact with as many addresses, numbered from `first`.
fn a_contact(id: u128, first: usize, count: usize) -> Contact {
    Contact {
        id: ContactId::from_u128(id),
        version: Version::FIRST,
        emails: ContactEmails::new((first..first + count).map(address)).unwrap(),
        name: format!("Person {id}").parse().unwrap(),
        phone: None,
        organization: ContactOrganization::ByDomain,
        locale: None,
        time_zone: None,
        notes: None,
        created_at: Timestamp::from_millis(0),
    }
}

#[test]
fn a_contact_has_at_most_10_addresses() {
    assert!(ContactEmails::new((0..10).map(address)).is_ok());
    let refused = ContactEmails::new((0..11).map(address));
    assert_eq!(refused, Err(ContactEmailsError::TooMany));
    assert_eq!(ContactEmails::new([]).unwrap().as_slice(), []);
}

#[test]
fn both_forms_of_an_internationalised_address_are_one() {
    let forms = ["info@m\u{fc}nchen.example", "INFO@xn--mnchen-3ya.example"];
    let refused = ContactEmails::new(forms.map(|text| text.parse().unwrap()));
    assert_eq!(refused, Err(ContactEmailsError::Repeated));
}

#[test]
fn a_merged_contact_keeps_what_it_has_and_takes_what_it_lacks() {
    let own = OrganizationId::from_u128(7);
    let into = Contact {
        phone: Some("+15550100001".parse().unwrap()),
        notes: Some("Prefers mail.".parse().unwrap()),
        ..a_contact(1, 0, 2)
    };
    let from = Contact {
        phone: Some("+15550100002".parse().unwrap()),
        locale: Some("de".parse().unwrap()),
        time_zone: Some("Europe/Berlin".parse().unwrap()),
        notes: Some("Works at night.".parse().unwrap()),
        organization: ContactOrganization::Own(own),
        ..a_contact(2, 2, 3)
    };
    let merged = into.clone().merged_with(from.clone()).unwrap();
    let expected = Contact {
        version: Version::FIRST.next(),
        emails: ContactEmails::new((0..5).map(address)).unwrap(),
        locale: from.locale,
        time_zone: from.time_zone,
        notes: Some("Prefers mail.\n\nWorks at night.".parse().unwrap()),
        organization: ContactOrganization::Own(own),
        ..into
    };
    assert_eq!(merged, expected);
}

#[test]
fn an_organization_that_was_set_to_none_stays_none_after_a_merge() {
    let into = Contact { organization: ContactOrganization::None, ..a_contact(1, 0, 1) };
    let own = ContactOrganization::Own(OrganizationId::from_u128(7));
    let from = Contact { organization: own, ..a_contact(2, 1, 1) };
    assert_eq!(into.merged_with(from).unwrap().organization, ContactOrganization::None);
}

#[test]
fn contacts_that_do_not_fit_in_one_are_not_merged() {
    let one = a_contact(1, 0, 6);
    assert_eq!(one.clone().merged_with(one.clone()), Err(MergeContactsError::Same));
    let refused = one.clone().merged_with(a_contact(2, 6, 5));
    assert_eq!(refused, Err(MergeContactsError::TooManyEmails));
    let long = |letter: &str| Some(letter.repeat(2_600).parse().unwrap());
    let one = Contact { notes: long("a"), ..one };
    let other = Contact { notes: long("b"), ..a_contact(2, 6, 1) };
    assert_eq!(one.merged_with(other), Err(MergeContactsError::NotesTooLong));
}

proptest! {
    #[test]
    fn a_merge_loses_no_address(one in 0_usize..=10, other in 0_usize..=10) {
        let (into, from) = (a_contact(1, 0, one), a_contact(2, one, other));
        match into.merged_with(from) {
            Ok(merged) => prop_assert_eq!(merged.emails.as_slice().len(), one + other),
            Err(error) => {
                prop_assert_eq!(error, MergeContactsError::TooManyEmails);
                prop_assert!(one + other > ContactEmails::MOST);
            }
        }
    }
}
