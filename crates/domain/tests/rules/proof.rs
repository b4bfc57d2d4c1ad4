//! Proven addresses, and the contracts to which they entitle.

use engage_domain::case::{AddressProof, Contract, Entitlement, UnknownType};
use engage_domain::event::Change;
use engage_domain::organization::SlaOverride;
use engage_domain::sla::ServiceAlert;
use engage_domain::*;

use crate::support::*;

fn contract(customer_type: CustomerType) -> Contract {
    Contract { customer_type, sla_override: None }
}

fn agreed(urgency: Urgency, first_response: u32, resolution: u32) -> Contract {
    let minutes = [(urgency, first_response, resolution)];
    let sla_override = SlaOverride::of_minutes(minutes).unwrap();
    Contract { sla_override: Some(sla_override), ..contract(CustomerType::Business) }
}

fn proving(contract: impl Into<Option<Contract>>, at: Timestamp) -> Stamp {
    by_customer(at).with_proof(AddressProof { contract: contract.into() })
}

fn proven(case: &Case, contract: impl Into<Option<Contract>>, at: Timestamp) -> Decision {
    case.prove(&Policies::default(), proving(contract, at)).unwrap()
}

/// Returns the due times as working time from the opening.
fn due(case: &Case) -> (Timestamp, Timestamp) {
    (case.facts().first_response_due, case.facts().estimated_resolution)
}

fn type_of(case: &Case) -> (CustomerType, CustomerType, Entitlement) {
    let facts = case.facts();
    (facts.customer.customer_type, facts.claimed_type(), facts.entitlement)
}

fn under(unknown_type: UnknownType) -> Policies {
    Policies { unknown_type, ..Policies::default() }
}

fn open_under(policies: &Policies, stamp: Stamp) -> Case {
    Case::open(CaseId::from_u128(1), text("CW-2025-001"), new_case(), policies, stamp).case
}

#[test]
fn a_claimed_type_applies_until_the_address_is_proven() {
    let case = open_under(&under(UnknownType::AsClaimed), by_customer(opening()));
    let claimed = (CustomerType::Business, CustomerType::Business, Entitlement::Claimed);
    assert_eq!(type_of(&case), claimed);
    assert_eq!(due(&case), (after(hours(4)), after(hours(48))));
}

#[test]
fn a_policy_runs_unproven_cases_as_free_and_keeps_the_claim() {
    let case = open_under(&under(UnknownType::Free), by_customer(opening()));
    let kept = (CustomerType::Free, CustomerType::Business, Entitlement::Claimed);
    assert_eq!(type_of(&case), kept);
    assert_eq!(due(&case), (after(hours(24)), after(hours(96))));
    let as_free = open_as(CustomerType::Free, Urgency::High).case;
    assert_eq!(case.facts().priority_score, as_free.facts().priority_score);

    let verified = proven(&case, contract(CustomerType::Business), after(hours(1))).case;
    let runs_as_claimed = (CustomerType::Business, CustomerType::Business, Entitlement::Verified);
    assert_eq!(type_of(&verified), runs_as_claimed);
    assert_eq!(verified.facts().claimed_customer_type, None);
}

#[test]
fn the_policy_does_not_doubt_what_staff_state() {
    let by_jane = stamp(Actor::Staff(jane().to_ref()), opening());
    let case = open_under(&under(UnknownType::Free), by_jane);
    assert_eq!(case.facts().customer.customer_type, CustomerType::Business);

    let by_machine = stamp(Actor::Service(gateway_alone()), opening());
    let case = open_under(&under(UnknownType::Free), by_machine);
    assert_eq!(case.facts().customer.customer_type, CustomerType::Free);
}

#[test]
fn a_proof_without_a_contract_is_recorded_and_changes_nothing_else() {
    let case = case();
    let Decision { case: after_it, event } = proven(&case, None, after(hours(1)));
    assert_eq!(event.changes, [Change::CustomerProven { from: false, to: true }]);
    assert_eq!(event.event_type(), EventType::Updated);
    assert_eq!(event.visibility, Visibility::Internal);
    assert_eq!(after_it.facts().customer_proven_at, Some(after(hours(1))));
    assert_eq!((due(&after_it), type_of(&after_it)), (due(&case), type_of(&case)));
    assert_eq!(after_it.facts().last_updated, case.facts().last_updated);
}

#[test]
fn a_better_contract_counts_from_the_proof_unless_the_case_is_due_before() {
    // Enterprise: one hour to respond, 24 to resolve.
    let enterprise = contract(CustomerType::Enterprise);
    let soon = proven(&case(), enterprise.clone(), after(hours(2)));
    assert_eq!(due(&soon.case), (after(hours(3)), after(hours(26))));
    let (from, to) = (Entitlement::Claimed, Entitlement::Verified);
    assert!(soon.event.changes.contains(&Change::Entitlement { from, to }));
    assert_eq!(soon.case.facts().escalation_level, case().facts().escalation_level);

    let late = proven(&case(), enterprise, after(hours(47)));
    assert_eq!(due(&late.case), (after(hours(4)), after(hours(48))));
}

#[test]
fn a_lesser_contract_counts_from_the_proof_unless_the_case_is_due_later() {
    // Claimed to be a business with 4 and 48 hours, and has 24 and 96.
    let lesser = proven(&case(), contract(CustomerType::Free), after(hours(1))).case;
    assert_eq!(due(&lesser), (after(hours(25)), after(hours(97))));
    let corrected = (CustomerType::Free, CustomerType::Business, Entitlement::Verified);
    assert_eq!(type_of(&lesser), corrected);
}

#[test]
fn the_targets_of_an_organization_win_and_are_kept_with_the_case() {
    let case = proven(&case(), agreed(Urgency::High, 30, 120), after(hours(1))).case;
    assert_eq!(due(&case), (after(minutes(90)), after(hours(3))));
    // Those of another urgency are those of the customer type.
    let corrected = corrected(&case, to_urgency(Urgency::Medium), after(hours(2))).case;
    assert_eq!(due(&corrected), (after(hours(12)), after(hours(72))));
    let escalated = corrected.escalate(
        EscalateRequest::new(text("Now.")).with_urgency(Urgency::High),
        &Policies::default(),
        by_customer(after(hours(3))),
    );
    assert_eq!(due(&escalated.unwrap().case), (after(minutes(210)), after(hours(5))));
}

#[test]
fn a_case_that_waits_is_due_its_whole_target_after_it_resumes() {
    let case = become_(&case(), Status::OnHold, after(hours(1)));
    let case = proven(&case, contract(CustomerType::Enterprise), after(hours(5))).case;
    let case = become_(&case, Status::InProgress, after(hours(9)));
    // 24 hours, none of which have passed while the case was on hold.
    assert_eq!(case.facts().estimated_resolution, after(hours(9 + 24)));
}

#[test]
fn a_reply_from_the_address_proves_it_in_the_same_change() {
    let request = ReplyRequest::message(text("It still says 403."));
    let stamp = proving(contract(CustomerType::Enterprise), after(hours(1)));
    let Decision { case, event } = case().reply(request, &Policies::default(), stamp).unwrap();
    assert!(case.facts().is_customer_proven());
    assert_eq!(case.facts().entitlement, Entitlement::Verified);
    assert_eq!((event.updates.len(), event.visibility), (1, Visibility::Public));
    assert!(event.changes.contains(&Change::CustomerProven { from: false, to: true }));
}

#[test]
fn a_reply_that_reopens_a_case_entitles_and_a_cancellation_does_not() {
    let resolved = become_(&case(), Status::Resolved, after(hours(1)));
    let stamp = proving(contract(CustomerType::Enterprise), after(hours(2)));
    let reply = ReplyRequest::message(text("Not solved."));
    let reopened = resolved.reply(reply, &Policies::default(), stamp.clone()).unwrap().case;
    assert_eq!(reopened.facts().entitlement, Entitlement::Verified);

    let cancelled = case().cancel(text("No need."), &Policies::default(), stamp).unwrap().case;
    assert!(cancelled.facts().is_customer_proven());
    assert_eq!(cancelled.facts().entitlement, Entitlement::Claimed);
    assert_eq!(due(&cancelled), due(&case()));
}

#[test]
fn only_the_first_proof_counts() {
    let first = proven(&case(), None, after(hours(1))).case;
    let stamp = proving(contract(CustomerType::Enterprise), after(hours(2)));
    assert_eq!(first.prove(&Policies::default(), stamp.clone()), None);
    let reply = ReplyRequest::message(text("Again."));
    let replied = first.reply(reply, &Policies::default(), stamp).unwrap().case;
    assert_eq!(replied.facts().entitlement, Entitlement::Claimed);
    assert_eq!(case().prove(&Policies::default(), by_customer(opening())), None);
}

#[test]
fn a_case_opened_with_a_proof_runs_under_the_contract_from_the_start() {
    let better = proving(contract(CustomerType::Enterprise), opening());
    let case = open_under(&Policies::default(), better);
    assert_eq!(due(&case), (after(hours(1)), after(hours(24))));
    let enterprise = open_as(CustomerType::Enterprise, Urgency::High).case;
    assert_eq!(case.facts().priority_score, enterprise.facts().priority_score);

    let lesser = proving(contract(CustomerType::Free), opening());
    let case = open_under(&Policies::default(), lesser);
    assert_eq!(due(&case), (after(hours(24)), after(hours(96))));
}

#[test]
fn a_corrected_address_is_unproven_and_runs_by_the_claim_again() {
    let entitled = proven(&case(), agreed(Urgency::High, 30, 120), after(hours(1))).case;
    let entitled = corrected(
        &entitled,
        CorrectRequest::default().with_name(text("Johnny Doe")),
        after(hours(2)),
    );
    assert_eq!(entitled.case.facts().entitlement, Entitlement::Verified);

    let to = CorrectRequest::default().with_email(text::<EmailAddress>("other@example.com"));
    let Decision { case: other, event } = corrected(&entitled.case, to, after(hours(3)));
    assert!(!other.facts().is_customer_proven());
    let claimed = (CustomerType::Business, CustomerType::Business, Entitlement::Claimed);
    assert_eq!(type_of(&other), claimed);
    assert_eq!(due(&other), due(&case()));
    assert!(event.changes.contains(&Change::CustomerProven { from: true, to: false }));
}

#[test]
fn an_alert_that_holds_is_not_raised_again_by_a_proof() {
    let policies = Policies::default();
    let overdue = case().apply_due_action(&policies, by_system(after(hours(5)))).unwrap().case;
    assert_eq!(overdue.facts().first_response_alert, Some(ServiceAlert::Breach));
    let better = proven(&overdue, contract(CustomerType::Enterprise), after(hours(6))).case;
    assert_eq!(better.facts().first_response_alert, Some(ServiceAlert::Breach));
    assert_eq!(better.facts().first_response_due, after(hours(4)));
    // A lesser contract leaves time to respond, so that the breach is none any more.
    let lesser = proven(&overdue, contract(CustomerType::Free), after(hours(6))).case;
    assert_eq!(lesser.facts().first_response_alert, None);
    assert_eq!(lesser.facts().first_response_due, after(hours(30)));
}

mod text_messages {
    use engage_domain::{Channel, Contacts, NotificationMatrix, Template};

    use super::*;

    fn matrix() -> NotificationMatrix {
        let mut matrix = NotificationMatrix::default();
        for rule in matrix.rules.values_mut() {
            rule.sms_requires_entitlement = true;
        }
        matrix
    }

    /// Returns the templates of the text messages that an event sends.
    fn texts(matrix: &NotificationMatrix, decision: &Decision) -> Vec<Template> {
        let contacts = Contacts {
            on_call: vec![text("+15550000911"), text("+15550000912")],
            ..Contacts::default()
        };
        let audience = Audience::new(&contacts);
        let planned = matrix.plan(&decision.event, decision.case.facts(), &audience);
        let by_sms = planned.iter().filter(|one| one.address.channel() == Channel::Sms);
        by_sms.map(|planned| planned.template).collect()
    }

    #[test]
    fn those_about_a_new_case_wait_until_its_customer_is_entitled() {
        let opened = open_as(CustomerType::Enterprise, Urgency::Critical);
        let told = texts(&NotificationMatrix::default(), &opened);
        assert_eq!(told.len(), 2, "one to each telephone on call");
        assert_eq!(texts(&matrix(), &opened), []);

        let unproven = proven(&opened.case, None, after(minutes(1)));
        assert_eq!(texts(&matrix(), &unproven), []);
        let entitled = proven(&opened.case, contract(CustomerType::Business), after(minutes(1)));
        assert_eq!(texts(&matrix(), &entitled), told);
        // Without the setting, they have been sent before.
        assert_eq!(texts(&NotificationMatrix::default(), &entitled), []);
    }

    #[test]
    fn an_answered_or_minor_case_needs_none_any_more() {
        let opened = open_as(CustomerType::Free, Urgency::Critical);
        let answer = UpdateRequest::message(text("We're on it."));
        let answered = updated(&opened.case, answer, by_staff(after(minutes(1)))).case;
        let entitled = proven(&answered, contract(CustomerType::Business), after(minutes(2)));
        assert_eq!(texts(&matrix(), &entitled), []);

        let minor = open_as(CustomerType::Free, Urgency::Medium).case;
        let entitled = proven(&minor, contract(CustomerType::Business), after(minutes(2)));
        assert_eq!(texts(&matrix(), &entitled), []);
    }

    #[test]
    fn escalations_reach_those_on_call_if_the_customer_is_entitled_or_staff_escalate() {
        let opened = open_as(CustomerType::Free, Urgency::High).case;
        let escalate = |case: &Case, stamp: Stamp| {
            let request = EscalateRequest::new(text("Nobody can work."));
            case.escalate(request, &Policies::default(), stamp).unwrap()
        };
        let by_stranger = escalate(&opened, by_customer(after(hours(1))));
        assert_eq!(texts(&matrix(), &by_stranger), []);
        assert_eq!(texts(&matrix(), &escalate(&opened, by_staff(after(hours(1))))).len(), 2);
        let stamp = proving(contract(CustomerType::Business), after(hours(1)));
        assert_eq!(texts(&matrix(), &escalate(&opened, stamp)).len(), 2, "once to each");
    }
}
