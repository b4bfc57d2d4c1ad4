//! Contacts and organizations.

use engage_domain::case::Version;
use engage_domain::contact::{ContactEmails, ContactOrganization};
use engage_domain::organization::{OrganizationDomains, PublicDomains, SlaOverride};
use engage_domain::{
    Contact, ContactId, CustomerOrganization, CustomerType, OrganizationId, Urgency,
};

use super::{a_fresh_id, monday};

/// Builds a contact with one address and no optional fields.
pub fn a_contact(email: &str) -> Contact {
    a_contact_with(&[email])
}

/// Builds a contact with these addresses and no optional fields.
pub fn a_contact_with(emails: &[&str]) -> Contact {
    let emails = emails.iter().map(|email| email.parse().unwrap());
    Contact {
        id: ContactId::from_u128(a_fresh_id()),
        version: Version::FIRST,
        emails: ContactEmails::new(emails).unwrap(),
        name: "Jane Roe".parse().unwrap(),
        phone: None,
        organization: ContactOrganization::ByDomain,
        locale: None,
        time_zone: None,
        notes: None,
        created_at: monday(),
    }
}

/// Builds a contact with two addresses and all optional fields but an organization.
pub fn a_contact_with_everything() -> Contact {
    Contact {
        name: "Zoë e\u{301} 你好 👩‍👩‍👧‍👦 'quoted'".parse().unwrap(),
        phone: Some("+4989123456".parse().unwrap()),
        locale: Some("pt-BR".parse().unwrap()),
        time_zone: Some("Europe/Berlin".parse().unwrap()),
        notes: Some("Prefers mail.\nWorks at night.".parse().unwrap()),
        ..a_contact_with(&["Zoe.Not@Example.com", "z@m\u{fc}nchen.example"])
    }
}

/// Builds a business organization with these domains and no optional fields.
pub fn an_organization(domains: &[&str]) -> CustomerOrganization {
    let domains = domains.iter().map(|domain| domain.parse().unwrap());
    CustomerOrganization {
        id: OrganizationId::from_u128(a_fresh_id()),
        version: Version::FIRST,
        name: "Acme Inc.".parse().unwrap(),
        domains: OrganizationDomains::new(domains, &PublicDomains::default()).unwrap(),
        customer_type: CustomerType::Business,
        notes: None,
        sla_override: None,
        created_at: monday(),
    }
}

/// Builds an organization with two domains and all optional fields.
pub fn an_organization_with_everything() -> CustomerOrganization {
    let targets = [(Urgency::High, 60, 480), (Urgency::Critical, 15, 240)];
    CustomerOrganization {
        name: "Ministère 你好 'quoted'".parse().unwrap(),
        customer_type: CustomerType::Enterprise,
        notes: Some("Renews in May.\nAsk for Zoë.".parse().unwrap()),
        sla_override: Some(SlaOverride::of_minutes(targets).unwrap()),
        ..an_organization(&["everything.example", "m\u{fc}nchen.example"])
    }
}
