//! Proven addresses and what follows from them.

use engage_domain::case::{AddressProof, Contract, Entitlement};
use engage_domain::organization::SlaOverride;
use engage_domain::{
    Actor, Case, CorrectRequest, CustomerType, Decision, Policies, Stamp, Urgency,
};
use engage_repository::{AccessGeneration, CaseGenerations, ChangeSet, Revision};

use crate::builders::{
    a_change_set, a_staff_member, a_stamp, an_opened, by, corrected, minutes_later,
};
use crate::contract::Store;

fn proven(case: &Case) -> Decision {
    let sla_override = SlaOverride::of_minutes([(Urgency::High, 30, 120)]).unwrap();
    let contract =
        Contract { customer_type: CustomerType::Enterprise, sla_override: Some(sla_override) };
    let stamp: Stamp = a_stamp(Actor::Customer, minutes_later(10));
    let stamp = stamp.with_proof(AddressProof::with_contract(contract));
    case.prove(&Policies::default(), stamp).expect("the address was not proven before")
}

async fn prove(store: &Store, case: &Case) -> Case {
    let decision = proven(case);
    let case = decision.case.clone();
    let revision = Some(Revision { proves_customer: true, ..Revision::default() });
    let change_set = ChangeSet { revision, ..a_change_set(decision, Vec::new()) };
    store.cases.commit(change_set).await.expect("the proof is committed");
    case
}

async fn generations(store: &Store, case: &Case) -> CaseGenerations {
    let stored = store.find(case.number()).await.expect("the case is stored");
    let wanted = engage_repository::UpdatesWanted::LATEST;
    let progress = store.queries.find_case_progress(case.number(), &wanted).await.unwrap();
    assert_eq!(progress.expect("the case is stored").generations, stored.generations);
    stored.generations
}

pub async fn what_a_contract_gives_is_read_back(store: &Store) {
    let opening = an_opened(1);
    store.keep(opening.clone()).await;
    assert_eq!(store.find(opening.case.number()).await.unwrap().case, opening.case);
    let case = prove(store, &opening.case).await;
    let facts = case.facts();
    assert_eq!(facts.entitlement, Entitlement::Verified);
    assert!(facts.customer_proven_at.is_some() && facts.claimed_customer_type.is_some());
    assert!(facts.sla_targets.is_some());
    assert_eq!(store.find(case.number()).await.unwrap().case, case);
}

pub async fn a_proof_starts_a_generation_that_knows_the_one_before(store: &Store) {
    let opening = an_opened(1);
    store.keep(opening.clone()).await;
    assert_eq!(generations(store, &opening.case).await, CaseGenerations::default());
    store.access.rotate_access(opening.case.number(), None).await.unwrap();
    let case = prove(store, &opening.case).await;
    let after = generations(store, &case).await;
    assert_eq!(after.customer, AccessGeneration(2));
    assert_eq!(after.before_proof(), Some(AccessGeneration(1)));

    store.access.rotate_access(case.number(), None).await.unwrap();
    let after = generations(store, &case).await;
    assert_eq!(after.customer, AccessGeneration(3));
    assert_eq!(after.before_proof(), None, "a leaked link is void, wherever it came from");
}

pub async fn a_corrected_address_revokes_the_links_to_the_proven_one(store: &Store) {
    let opening = an_opened(1);
    store.keep(opening.clone()).await;
    let case = prove(store, &opening.case).await;
    let request = CorrectRequest::default()
        .with_email("jd@x.example".parse::<engage_domain::EmailAddress>().unwrap());
    let decision = corrected(&case, request, by(&a_staff_member("ann")), minutes_later(30));
    let corrected = decision.case.clone();
    assert!(!corrected.facts().is_customer_proven());
    let revision = Some(Revision { ends_access: true, ..Revision::default() });
    let change_set = ChangeSet { revision, ..a_change_set(decision, Vec::new()) };
    store.cases.commit(change_set).await.expect("the correction is committed");
    assert_eq!(generations(store, &corrected).await.before_proof(), None);
    assert_eq!(store.find(corrected.number()).await.unwrap().case, corrected);
}
