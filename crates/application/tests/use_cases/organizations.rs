//! Organizations: domains, conflicts and the audit log.

use std::sync::Arc;

use engage_application::{
    ManageOrganizations, NewOrganization, OrganizationChange, OrganizationError,
};
use engage_domain::organization::{OrganizationDomainsError, PublicDomains};
use engage_domain::{CustomerType, OrganizationId};
use engage_repository::{MockOrganizationRepository, OrganizationWrite};
use engage_testkit::builders::an_organization;
use engage_testkit::{ManualClock, SequentialIds};

use crate::acts::{Acts, Records, an_operator};

fn manage(organizations: MockOrganizationRepository) -> (ManageOrganizations, Records) {
    let organizations = Arc::new(organizations);
    let acts = Acts { organizations: Some(organizations.clone()), ..Acts::default() };
    let records = acts.records.clone();
    let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SequentialIds::new()));
    let public = PublicDomains::default().with(["isp.example".parse().unwrap()]);
    let manage = ManageOrganizations::new(organizations, Arc::new(acts), clock, ids);
    (manage.with_public_domains(public), records)
}

fn new(domain: &str) -> NewOrganization {
    NewOrganization {
        name: "Acme Inc.".parse().unwrap(),
        domains: vec![domain.parse().unwrap()],
        customer_type: CustomerType::Business,
        notes: None,
        sla_override: None,
    }
}

#[tokio::test]
async fn a_public_domain_is_refused_before_anything_is_written() {
    let (manage, records) = manage(MockOrganizationRepository::new());
    for domain in ["gmail.com", "isp.example"] {
        let refused = manage.add(new(domain), &an_operator()).await;
        let is_public =
            matches!(refused, Err(OrganizationError::Domains(OrganizationDomainsError::Public(_))));
        assert!(is_public, "{refused:?}");
    }
    assert!(records.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_taken_domain_names_the_organization_that_has_it() {
    let other = OrganizationId::from_u128(7);
    let mut organizations = MockOrganizationRepository::new();
    organizations.expect_add_organization().returning(move |organization| {
        let domain = organization.domains.as_slice()[0].clone();
        Ok(OrganizationWrite::DomainTaken { domain, by: other })
    });
    let (manage, _) = manage(organizations);
    let refused = manage.add(new("acme.example"), &an_operator()).await;
    let names_it =
        matches!(refused, Err(OrganizationError::DomainTaken { other: id, .. }) if id == other);
    assert!(names_it, "{refused:?}");
}

#[tokio::test]
async fn a_change_of_the_type_is_recorded_with_both_types() {
    let organization = an_organization(&["acme.example"]);
    let mut organizations = MockOrganizationRepository::new();
    let held = organization.clone();
    organizations.expect_find_organization().returning(move |_| Ok(Some(held.clone())));
    organizations.expect_change_organization().returning(|_| Ok(OrganizationWrite::Made));
    let (manage, records) = manage(organizations);
    let change = OrganizationChange {
        customer_type: Some(CustomerType::Enterprise),
        ..OrganizationChange::default()
    };
    let changed = manage.change(organization.id, &change, &an_operator()).await.unwrap();
    assert_eq!(changed.version, organization.version.next());
    let records = records.lock().unwrap();
    let values = &records[0].values.as_ref().unwrap().json;
    assert_eq!(values, r#"{"customerType":{"from":"BUSINESS","to":"ENTERPRISE"}}"#);
}
