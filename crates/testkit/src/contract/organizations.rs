//! Tests of [`OrganizationRepository`](engage_repository::OrganizationRepository).

use std::num::NonZeroU32;

use engage_domain::contact::ContactOrganization;
use engage_domain::organization::{OrganizationDomains, PublicDomains};
use engage_domain::{Contact, CustomerOrganization, CustomerType, OrganizationId};
use engage_repository::{ContactWrite, OrganizationFilter, OrganizationWrite, RepositoryError};

use super::audit::{actions, an_act};
use super::{Store, all_at_once};
use crate::builders::{
    a_contact, a_fresh_id, an_organization, an_organization_with_everything, minutes_later,
};

async fn add(store: &Store, organization: &CustomerOrganization) {
    let added = store.organizations.add_organization(organization).await;
    assert_eq!(added.expect("an organization is added"), OrganizationWrite::Made);
}

async fn find(store: &Store, id: OrganizationId) -> Option<CustomerOrganization> {
    store.organizations.find_organization(id).await.expect("an organization is read")
}

async fn find_by(store: &Store, domain: &str) -> Option<CustomerOrganization> {
    let found = store.organizations.find_organization_by_domain(&domain.parse().unwrap()).await;
    found.expect("an organization is found")
}

async fn list(store: &Store, filter: &OrganizationFilter) -> Vec<OrganizationId> {
    let limit = NonZeroU32::new(100).unwrap();
    let listed = store.organizations.list_organizations(filter, None, limit).await;
    listed.expect("organizations are listed").iter().map(|organization| organization.id).collect()
}

fn next(organization: &CustomerOrganization) -> CustomerOrganization {
    CustomerOrganization { version: organization.version.next(), ..organization.clone() }
}

fn domains(all: &[&str]) -> OrganizationDomains {
    let all = all.iter().map(|domain| domain.parse().unwrap());
    OrganizationDomains::new(all, &PublicDomains::default()).unwrap()
}

pub async fn an_organization_is_read_back(store: &Store) {
    let types = CustomerType::ALL
        .iter()
        .map(|&customer_type| CustomerOrganization { customer_type, ..an_organization(&[]) });
    for organization in types.chain([an_organization_with_everything()]) {
        add(store, &organization).await;
        assert_eq!(find(store, organization.id).await, Some(organization));
    }
    assert_eq!(find(store, OrganizationId::from_u128(a_fresh_id())).await, None);
}

pub async fn an_organization_is_found_by_exactly_its_domains(store: &Store) {
    let organization = an_organization_with_everything();
    add(store, &organization).await;
    add(store, &an_organization(&["other.example"])).await;
    for domain in ["everything.example", "Everything.EXAMPLE", "M\u{fc}nchen.example"] {
        assert_eq!(find_by(store, domain).await.as_ref(), Some(&organization), "{domain}");
    }
    for domain in ["mail.everything.example", "thing.example", "everything.example.com"] {
        assert_eq!(find_by(store, domain).await, None, "{domain}");
    }
}

pub async fn a_domain_has_one_organization(store: &Store) {
    let first = an_organization(&["a.example", "b.example"]);
    add(store, &first).await;
    let second = an_organization(&["new.example", "b.example"]);
    let taken =
        OrganizationWrite::DomainTaken { domain: "b.example".parse().unwrap(), by: first.id };
    assert_eq!(store.organizations.add_organization(&second).await.unwrap(), taken);
    assert_eq!(find(store, second.id).await, None);
    let third = an_organization(&["new.example"]);
    add(store, &third).await;
    let after =
        CustomerOrganization { domains: domains(&["new.example", "b.example"]), ..next(&third) };
    assert_eq!(store.organizations.change_organization(&after).await.unwrap(), taken);
    assert_eq!(find(store, third.id).await, Some(third));
}

pub async fn one_of_many_organizations_added_with_one_domain_is_stored(store: &Store) {
    let outcomes = all_at_once((0..10).map(|number| {
        let organizations = store.organizations.clone();
        let own = format!("own-{number}.example");
        let organization = an_organization(&["same.example", &own]);
        async move { organizations.add_organization(&organization).await }
    }))
    .await;
    let is_made = |outcome: &&Result<OrganizationWrite, RepositoryError>| {
        matches!(outcome, Ok(OrganizationWrite::Made))
    };
    assert_eq!(outcomes.iter().filter(is_made).count(), 1);
    for refusal in outcomes.iter().filter(|outcome| !is_made(outcome)) {
        let is_refused = matches!(
            refusal,
            Ok(OrganizationWrite::DomainTaken { .. }) | Err(RepositoryError::Conflict)
        );
        assert!(is_refused, "{refusal:?}");
    }
}

pub async fn everything_but_the_id_and_date_of_an_organization_can_change(store: &Store) {
    let plain = an_organization(&["plain.example"]);
    add(store, &plain).await;
    let complete = an_organization_with_everything();
    let second = CustomerOrganization { id: plain.id, version: plain.version.next(), ..complete };
    let third = CustomerOrganization { version: second.version.next(), ..plain.clone() };
    for after in [&second, &third] {
        let later = CustomerOrganization { created_at: minutes_later(9), ..after.clone() };
        let changed = store.organizations.change_organization(&later).await.unwrap();
        assert_eq!(changed, OrganizationWrite::Made);
        assert_eq!(find(store, plain.id).await.as_ref(), Some(after));
    }
    assert_eq!(find_by(store, "everything.example").await, None);
    assert_eq!(find_by(store, "plain.example").await, Some(third));
}

pub async fn an_outdated_or_unknown_organization_is_not_changed(store: &Store) {
    let organization = an_organization(&["a.example"]);
    add(store, &organization).await;
    let second = next(&organization);
    let changed = store.organizations.change_organization(&second).await.unwrap();
    assert_eq!(changed, OrganizationWrite::Made);
    for outdated in [&second, &next(&an_organization(&[]))] {
        let refused = store.organizations.change_organization(outdated).await;
        assert!(matches!(refused, Err(RepositoryError::Conflict)), "{refused:?}");
    }
    assert_eq!(find(store, organization.id).await, Some(second));
}

pub async fn organizations_are_listed_in_parts_and_found_by_text_and_domain(store: &Store) {
    let named = |name: &str, domain: &str| CustomerOrganization {
        name: name.parse().unwrap(),
        ..an_organization(&[domain])
    };
    let (one, two) = (named("Bäcker & Söhne", "bread.example"), named("Ring", "ring.example"));
    let notes = Some("Ask Ann@x.example.".parse().unwrap());
    let two = CustomerOrganization { notes, ..two };
    add(store, &one).await;
    add(store, &two).await;
    let text = |text: &str| OrganizationFilter {
        text: Some(text.parse().unwrap()),
        ..OrganizationFilter::default()
    };
    let notes = |text: &str| OrganizationFilter {
        notes: Some(text.to_owned()),
        ..OrganizationFilter::default()
    };
    let domain = |domain: &str| OrganizationFilter {
        domain: Some(domain.parse().unwrap()),
        ..OrganizationFilter::default()
    };
    for (filter, expected) in [
        (OrganizationFilter::default(), vec![one.id, two.id]),
        (text("BÄCKER"), vec![one.id]),
        (text("read.ex"), vec![one.id]),
        (text("example"), vec![one.id, two.id]),
        (text("nothing"), vec![]),
        (notes("ann@X.example"), vec![two.id]),
        (notes("nobody"), vec![]),
        (domain("Ring.example"), vec![two.id]),
        (domain("example.com"), vec![]),
    ] {
        assert_eq!(list(store, &filter).await, expected, "{filter:?}");
    }
    let part = async |after| {
        let all = OrganizationFilter::default();
        store.organizations.list_organizations(&all, after, NonZeroU32::MIN).await.unwrap()
    };
    assert_eq!(part(None).await, std::slice::from_ref(&one));
    assert_eq!(part(Some(one.id)).await, std::slice::from_ref(&two));
    assert_eq!(part(Some(two.id)).await, []);
}

pub async fn existing_organizations_are_told_from_others(store: &Store) {
    let (one, two) = (an_organization(&[]), an_organization(&[]));
    add(store, &one).await;
    add(store, &two).await;
    let nobody = OrganizationId::from_u128(a_fresh_id());
    let known = store.organizations.known_organizations(&[two.id, nobody, one.id]).await;
    let mut known = known.unwrap();
    known.sort();
    assert_eq!(known, [one.id, two.id]);
    assert_eq!(store.organizations.known_organizations(&[]).await.unwrap(), []);
}

pub async fn an_organization_is_removed_once_and_its_contacts_have_none(store: &Store) {
    let organization = an_organization(&["acme.example"]);
    add(store, &organization).await;
    let own = ContactOrganization::Own(organization.id);
    let contact = Contact { organization: own, ..a_contact("a@acme.example") };
    assert_eq!(store.contacts.add_contact(&contact).await.unwrap(), ContactWrite::Made);
    assert!(store.organizations.remove_organization(organization.id).await.unwrap());
    assert!(!store.organizations.remove_organization(organization.id).await.unwrap());
    assert_eq!(find(store, organization.id).await, None);
    let left = store.contacts.find_contact(contact.id).await.unwrap();
    let expected = Contact { organization: ContactOrganization::None, ..contact };
    assert_eq!(left, Some(expected));
    // The domain is free again, and does not count for a contact whose organization was set.
    add(store, &an_organization(&["acme.example"])).await;
}

pub async fn changes_of_organizations_are_audited(store: &Store) {
    let organization = an_organization(&["a.example"]);
    let organizations = |action: &str| store.acts.organizations(an_act(action));
    organizations("add").add_organization(&organization).await.unwrap();
    organizations("add again").add_organization(&an_organization(&["a.example"])).await.unwrap();
    organizations("change").change_organization(&next(&organization)).await.unwrap();
    let outdated = organizations("change again").change_organization(&next(&organization)).await;
    assert!(outdated.is_err(), "{outdated:?}");
    assert!(organizations("remove").remove_organization(organization.id).await.unwrap());
    assert!(!organizations("remove again").remove_organization(organization.id).await.unwrap());
    assert_eq!(actions(store).await, ["add", "change", "remove"]);
}
