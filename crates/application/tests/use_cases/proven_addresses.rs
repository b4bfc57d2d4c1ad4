//! Marks of links, and the proofs of addresses that follow from them.

use std::sync::Arc;

use engage_application::{
    AccessMode, CaseCommand, CaseError, ChangeOptions, Contracts, EscalateCase, LinkMark,
    OpenCaseByStaff, Proof, Requester, StaffOpenCommand,
};
use engage_domain::case::{Entitlement, EscalateError};
use engage_domain::contact::ContactOrganization;
use engage_domain::{
    Case, Contact, CustomerOrganization, CustomerType, EscalateRequest, OrganizationId,
};
use engage_repository::{
    AccessGeneration, CaseGenerations, ChangeSet, ContactWrite, MockCaseRepository,
    MockContactRepository, MockOrganizationRepository, RepositoryError, StoredCase,
};
use engage_testkit::FakeCases;
use engage_testkit::builders::{
    a_case_number, a_contact, a_new_case, a_staff_member, an_opened, an_organization, monday,
};
use engage_testkit::use_cases::case_changes_with;
use mockall::predicate::eq;

use crate::setup::*;

const GENERATION: AccessGeneration = AccessGeneration(3);

fn token(case: &Case, generation: AccessGeneration) -> String {
    tokens().issue(case.facts().id, generation, monday()).expose().to_owned()
}

fn mark(case: &Case, address: &str) -> LinkMark {
    tokens().link_mark(case.facts().id, &address.parse().unwrap())
}

fn shown(token: &str, mark: Option<LinkMark>) -> Proof {
    Proof { token: Some(token.into()), mark, ..Proof::default() }
}

fn an_enterprise() -> CustomerOrganization {
    CustomerOrganization {
        customer_type: CustomerType::Enterprise,
        ..an_organization(&["example.com"])
    }
}

/// Contracts of a directory with this contact, if one is given, and an enterprise that has the domain.
fn contracts(contact: Option<Contact>, adds: usize) -> Contracts {
    let mut contacts = MockContactRepository::new();
    contacts
        .expect_find_contacts_by_email()
        .returning(move |_| Ok(contact.iter().cloned().collect()));
    contacts.expect_add_contact().times(adds).returning(|contact| {
        assert_eq!(contact.emails.as_slice(), ["john@example.com".parse().unwrap()]);
        assert_eq!((contact.phone.as_ref(), contact.name.as_str()), (None, "John Doe"));
        Ok(ContactWrite::Made)
    });
    let mut organizations = MockOrganizationRepository::new();
    organizations
        .expect_find_organization_by_domain()
        .with(eq("example.com".parse::<engage_domain::organization::DomainName>().unwrap()))
        .returning(|_| Ok(Some(an_enterprise())));
    organizations.expect_find_organization().returning(|id| {
        Ok((id == OrganizationId::from_u128(7)).then(|| an_organization(&["other.example"])))
    });
    Contracts::new(Arc::new(contacts), Arc::new(organizations))
}

/// Storage of one case that may be changed.
fn holding_any(stored: StoredCase) -> (MockCaseRepository, Committed) {
    let mut cases = MockCaseRepository::new();
    let committed = Committed::default();
    let log = committed.clone();
    cases.expect_find_case().returning(move |_| Ok(Some(stored.clone())));
    cases.expect_commit().returning(move |change_set| {
        log.lock().unwrap().push(change_set);
        Ok(())
    });
    (cases, committed)
}

/// Escalates the case with a proof, and returns the change if there is one.
async fn escalate(
    stored: StoredCase,
    contracts: Option<Contracts>,
    proof: Proof,
) -> Result<ChangeSet, CaseError<EscalateError>> {
    let (cases, committed) = holding_any(stored);
    let authorizer = an_authorizer(AccessMode::Token);
    let setup = Setup { clock: a_clock_at(30), authorizer, contracts, ..a_setup(cases) };
    let escalate = EscalateCase::new(Arc::new(setup.changes()));
    let command = CaseCommand::by_customer(a_case_number(1), proof);
    let request = EscalateRequest { reason: "No answer.".parse().unwrap(), new_urgency: None };
    escalate.execute(command, request).await?;
    Ok(committed.lock().unwrap().remove(0))
}

fn in_generation(case: Case) -> StoredCase {
    let generations = CaseGenerations { customer: GENERATION, ..CaseGenerations::default() };
    StoredCase { generations, ..StoredCase::new(case, None) }
}

#[tokio::test(start_paused = true)]
async fn an_act_behind_a_mailed_link_proves_the_address_and_entitles() {
    let case = an_opened(1).case;
    let proof = shown(&token(&case, GENERATION), Some(mark(&case, "John@Example.com")));
    let change = escalate(in_generation(case), Some(contracts(None, 1)), proof).await.unwrap();
    let facts = change.case.facts();
    assert!(facts.is_customer_proven());
    assert_eq!(facts.entitlement, Entitlement::Verified);
    assert_eq!(facts.customer.customer_type, CustomerType::Enterprise);
    assert!(change.revision.unwrap().proves_customer);
}

#[tokio::test(start_paused = true)]
async fn a_token_without_the_mark_of_this_case_and_address_proves_nothing() {
    let (case, other) = (an_opened(1).case, an_opened(2).case);
    for shown_mark in [
        None,
        Some(mark(&case, "jane@example.com")),
        Some(mark(&other, "john@example.com")),
        Some(LinkMark::from("nonsense")),
        Some("".into()),
    ] {
        let proof = shown(&token(&case, GENERATION), shown_mark);
        let change = escalate(in_generation(case.clone()), Some(contracts(None, 0)), proof).await;
        let change = change.unwrap();
        assert!(!change.case.facts().is_customer_proven());
        assert_eq!(change.revision, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_mark_opens_nothing() {
    let case = an_opened(1).case;
    let right = mark(&case, "john@example.com");
    let alone = Proof { mark: Some(right.clone()), ..Proof::default() };
    let refused = escalate(in_generation(case.clone()), None, alone).await;
    assert!(matches!(refused, Err(CaseError::ProofRequired { .. })), "{refused:?}");
    // Nor does it revive a token that was revoked.
    for generation in [2, 4].map(AccessGeneration) {
        let proof = shown(&token(&case, generation), Some(right.clone()));
        let refused = escalate(in_generation(case.clone()), None, proof).await;
        assert!(matches!(refused, Err(CaseError::NotFound(_))), "{refused:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_proof_earlier_tokens_are_valid_with_their_mark_only() {
    let case = an_opened(1).case;
    let right = mark(&case, "john@example.com");
    let proven = |current: u32| {
        let generations = CaseGenerations {
            customer: AccessGeneration(current),
            proven_in: Some(GENERATION),
            ..CaseGenerations::default()
        };
        StoredCase { generations, ..StoredCase::new(case.clone(), None) }
    };
    for (current, generation, shown_mark, is_valid) in [
        (4, 4, None, true),
        (4, 3, Some(right.clone()), true),
        (4, 3, None, false),
        (4, 3, Some(mark(&case, "jane@example.com")), false),
        (4, 2, Some(right.clone()), false),
        // Revoked since then.
        (5, 3, Some(right.clone()), false),
        (5, 4, Some(right), false),
    ] {
        let proof = shown(&token(&case, AccessGeneration(generation)), shown_mark);
        let outcome = escalate(proven(current), None, proof).await;
        assert_eq!(outcome.is_ok(), is_valid, "{current}, {generation}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_contact_decides_on_the_contract_before_the_domain() {
    let with = |organization| Some(Contact { organization, ..a_contact("john@example.com") });
    let own = ContactOrganization::Own(OrganizationId::from_u128(7));
    for (contact, customer_type) in [
        (None, Some(CustomerType::Enterprise)),
        (with(ContactOrganization::ByDomain), Some(CustomerType::Enterprise)),
        (with(own), Some(an_organization(&[]).customer_type)),
        (with(ContactOrganization::None), None),
        // Deleted meanwhile.
        (with(ContactOrganization::Own(OrganizationId::from_u128(8))), None),
    ] {
        let found = contracts(contact.clone(), 0).of(&"john@example.com".parse().unwrap()).await;
        let found = found.unwrap().map(|contract| contract.customer_type);
        assert_eq!(found, customer_type, "{contact:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_fails_refuses_the_change() {
    let mut contacts = MockContactRepository::new();
    contacts.expect_find_contacts_by_email().returning(|_| Err(no_connection()));
    let failing = Contracts::new(Arc::new(contacts), Arc::new(MockOrganizationRepository::new()));
    let case = an_opened(1).case;
    let proof = shown(&token(&case, GENERATION), Some(mark(&case, "john@example.com")));
    let failed = escalate(in_generation(case), Some(failing), proof).await;
    assert!(matches!(failed, Err(CaseError::Repository(RepositoryError::Unavailable(_)))));
}

#[tokio::test]
async fn staff_open_a_case_whose_customer_they_know() {
    for proven in [false, true] {
        let cases = FakeCases::default();
        let changes = case_changes_with(&cases, |ports, _| {
            ports.contracts = Some(contracts(None, usize::from(proven)));
        });
        let staff = Arc::new(engage_repository::MockStaffRepository::new());
        let open = OpenCaseByStaff::new(changes, staff, attachments());
        let jane = a_staff_member("jane");
        let requester = Requester::Staff { member: jane.to_ref(), authority: None };
        let command =
            StaffOpenCommand { customer_proven: proven, ..StaffOpenCommand::new(a_new_case()) };
        open.execute(requester, &command, &jane.id, &ChangeOptions::default()).await.unwrap();
        let case = cases.case(&a_case_number(1)).unwrap();
        assert_eq!(case.facts().is_customer_proven(), proven);
        assert_eq!(case.facts().entitlement == Entitlement::Verified, proven);
        assert_eq!(cases.commits()[0].revision, None);
    }
}
