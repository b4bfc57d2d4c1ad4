//! The domains of organizations.

use engage_domain::organization::{
    DomainName, OrganizationDomains, OrganizationDomainsError, PublicDomains,
};
use proptest::prelude::*;

fn domain(number: usize) -> DomainName {
    format!("customer-{number}.example").parse().unwrap()
}

#[test]
fn an_organization_has_at_most_50_domains() {
    let public = PublicDomains::default();
    assert!(OrganizationDomains::new((0..50).map(domain), &public).is_ok());
    let refused = OrganizationDomains::new((0..51).map(domain), &public);
    assert_eq!(refused, Err(OrganizationDomainsError::TooMany));
}

#[test]
fn a_domain_is_given_once_in_any_spelling() {
    let spellings = ["M\u{fc}nchen.example", "XN--MNCHEN-3YA.example"];
    let domains = spellings.map(|text| text.parse().unwrap());
    let refused = OrganizationDomains::new(domains.clone(), &PublicDomains::default());
    assert_eq!(refused, Err(OrganizationDomainsError::Repeated(domains[0].clone())));
}

#[test]
fn a_domain_of_a_public_mail_provider_is_refused() {
    let own: DomainName = "isp.example".parse().unwrap();
    let public = PublicDomains::default().with([own.clone()]);
    for domain in [own, "GMail.com".parse().unwrap(), "web.de".parse().unwrap()] {
        let refused = OrganizationDomains::new([domain.clone()], &public);
        assert_eq!(refused, Err(OrganizationDomainsError::Public(domain)));
    }
}

proptest! {
    #[test]
    fn a_domain_that_was_accepted_is_read_back_unchanged(text in "\\PC{0,30}\\.[a-z]{2,6}") {
        if let Ok(domain) = text.parse::<DomainName>() {
            prop_assert_eq!(domain.as_str().parse::<DomainName>(), Ok(domain.clone()));
            prop_assert!(!domain.as_str().bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()));
        }
    }
}
