//! Proof required from customers in every access mode.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    AccessMode, AccessToken, CancelCase, CaseChanges, CaseCommand, CaseError, EscalateCase,
    LookUpCase, Proof,
};
use engage_domain::contact::ABSENT_EMAIL;
use engage_domain::{Actor, Case, CaseId, EscalateRequest, Policies, Source};
use engage_repository::{
    AccessGeneration, CaseGenerations, CaseProgress, MockCaseQueries, MockCaseRepository,
    StoredCase, UpdatePage, UpdatesWanted,
};
use engage_testkit::builders::{
    a_case_number, a_new_case_by_phone, a_stamp, an_opened, joined, minutes_later, monday, opened,
    opened_from,
};
use tokio::time::Instant;

use crate::setup::{Setup, a_setup, an_authorizer, tokens};

use AccessMode::{CaseNumber, Email, Token};

const MODES: [AccessMode; 3] = [CaseNumber, Email, Token];

/// Access generation of the case.
const PRESENT: AccessGeneration = AccessGeneration(3);

fn at_present() -> CaseGenerations {
    CaseGenerations { customer: PRESENT, ..CaseGenerations::default() }
}

/// Email addresses as entered by customers.
const RIGHT_EMAIL: &str = "JOHN@Example.com";
const WRONG_EMAIL: &str = "jane@example.com";

fn a_token(case: &Case) -> String {
    tokens().issue(case.facts().id, PRESENT, monday()).expose().to_owned()
}

/// Tokens that do not match the case.
fn wrong_tokens(case: &Case) -> Vec<String> {
    let id = case.facts().id;
    let issue = |id, generation, at| tokens().issue(id, generation, at).expose().to_owned();
    vec![
        issue(CaseId::from_u128(1), PRESENT, monday()),
        issue(id, AccessGeneration(2), monday()),
        issue(id, AccessGeneration(4), monday()),
        issue(id, PRESENT, monday().minus(Duration::from_hours(1))),
        "cat_".to_owned(),
        "nonsense".to_owned(),
    ]
}

fn proof(email: Option<&str>, token: Option<&str>, bearer: Option<&str>) -> Proof {
    Proof {
        email: email.map(|email| email.parse().unwrap()),
        token: token.map(AccessToken::from),
        bearer: bearer.map(AccessToken::from),
        mark: None,
    }
}

fn looking_up(mode: AccessMode, case: Option<Case>) -> LookUpCase {
    let mut queries = MockCaseQueries::new();
    queries.expect_find_case_progress().returning(move |_, _| {
        let progress = |case| CaseProgress {
            case,
            public_updates: UpdatePage::default(),
            generations: at_present(),
        };
        Ok(case.clone().map(progress))
    });
    LookUpCase::new(Arc::new(queries), an_authorizer(mode))
}

/// Looks up the case with a proof.
async fn outcome(
    mode: AccessMode,
    case: &Case,
    proof: &Proof,
) -> Result<(), CaseError<Infallible>> {
    let found = looking_up(mode, Some(case.clone()))
        .execute(&a_case_number(1), proof, &UpdatesWanted::LATEST)
        .await?;
    assert_eq!(&found.progress.case, case);
    Ok(())
}

fn is_not_found<T, E: std::error::Error>(outcome: &Result<T, CaseError<E>>) -> bool {
    matches!(outcome, Err(CaseError::NotFound(number)) if *number == a_case_number(1))
}

#[tokio::test(start_paused = true)]
async fn insufficient_proof_is_refused_before_any_look_up() {
    for (mode, shown, accepts) in [
        (Email, proof(None, None, None), &["email", "accessToken"][..]),
        (Token, proof(None, None, None), &["accessToken"]),
        (Token, proof(Some(RIGHT_EMAIL), None, None), &["accessToken"]),
    ] {
        // A mock that allows no calls.
        let look_up = LookUpCase::new(Arc::new(MockCaseQueries::new()), an_authorizer(mode));
        let refused = look_up.execute(&a_case_number(1), &shown, &UpdatesWanted::LATEST).await;
        let Err(CaseError::ProofRequired { accepts: fields }) = refused else { panic!("{mode}") };
        assert_eq!(fields, accepts, "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_address_proves_a_case_of_a_customer_without_one() {
    let case = opened(a_new_case_by_phone(), a_case_number(1), monday()).case;
    for email in [RIGHT_EMAIL, ABSENT_EMAIL, "nobody@nowhere.invalid"] {
        for mode in [CaseNumber, Email] {
            let refused = outcome(mode, &case, &proof(Some(email), None, None)).await;
            assert!(is_not_found(&refused), "{mode}, {email}");
        }
    }
    let token = a_token(&case);
    assert!(outcome(Email, &case, &proof(None, Some(&token), None)).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn no_proof_is_required_in_case_number_mode() {
    let case = an_opened(1).case;
    assert!(outcome(CaseNumber, &case, &Proof::default()).await.is_ok());
    // A token for something else, such as that of a member of staff.
    assert!(outcome(CaseNumber, &case, &proof(None, None, Some("eng_123"))).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_case_that_its_customer_did_not_open_requires_a_token_in_every_mode() {
    for &source in Source::ALL {
        let case = opened_from(source, a_case_number(1)).case;
        let token = a_token(&case);
        let is_open = matches!(source, Source::Api | Source::Form);
        for mode in MODES {
            let with_token = proof(None, Some(&token), None);
            assert!(outcome(mode, &case, &with_token).await.is_ok(), "{mode}, {source}");
            let wrong = proof(Some(WRONG_EMAIL), None, None);
            assert!(outcome(mode, &case, &wrong).await.is_err(), "{mode}, {source}");
        }
        for (mode, shown) in [
            (CaseNumber, Proof::default()),
            (CaseNumber, proof(None, None, Some("eng_123"))),
            (CaseNumber, proof(Some(RIGHT_EMAIL), None, None)),
            (Email, proof(Some(RIGHT_EMAIL), None, None)),
        ] {
            match outcome(mode, &case, &shown).await {
                Ok(()) => assert!(is_open, "{mode}, {source}: {shown:?}"),
                Err(CaseError::ProofRequired { accepts }) => {
                    assert!(!is_open, "{mode}, {source}: {shown:?}");
                    assert_eq!(accepts, ["accessToken"]);
                }
                Err(error) => panic!("{mode}, {source}: {error}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_case_with_participants_requires_a_token_in_every_mode() {
    let joined = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1));
    let participant = joined.case.facts().participants[0].id;
    let stamp = a_stamp(Actor::Customer, minutes_later(2));
    let removed = joined.case.remove_participant(participant, &Policies::default(), stamp);
    for case in [joined.case, removed.unwrap().unwrap().case] {
        let token = a_token(&case);
        for mode in MODES {
            assert!(outcome(mode, &case, &proof(None, Some(&token), None)).await.is_ok(), "{mode}");
        }
        for (mode, shown) in [
            (CaseNumber, Proof::default()),
            (CaseNumber, proof(Some(RIGHT_EMAIL), None, None)),
            (Email, proof(Some(RIGHT_EMAIL), None, None)),
        ] {
            let refused = outcome(mode, &case, &shown).await;
            let Err(CaseError::ProofRequired { accepts }) = refused else { panic!("{mode}") };
            assert_eq!(accepts, ["accessToken"], "{mode}");
        }
        // The address of a participant proves nothing.
        let theirs = proof(Some("ann@x.example"), None, None);
        assert!(is_not_found(&outcome(Email, &case, &theirs).await));
    }
}

#[tokio::test(start_paused = true)]
async fn matching_proof_is_accepted_in_every_mode() {
    let case = an_opened(1).case;
    let token = a_token(&case);
    let token = Some(token.as_str());
    for mode in MODES {
        for shown in [
            proof(None, token, None),
            proof(None, None, token),
            proof(None, token, token),
            proof(Some(RIGHT_EMAIL), token, None),
        ] {
            assert!(outcome(mode, &case, &shown).await.is_ok(), "{mode}, {shown:?}");
        }
    }
    for mode in [CaseNumber, Email] {
        let shown = proof(Some(RIGHT_EMAIL), None, None);
        assert!(outcome(mode, &case, &shown).await.is_ok(), "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_proof_is_refused_in_every_mode_even_beside_valid_proof() {
    let case = an_opened(1).case;
    let right = a_token(&case);
    let right = Some(right.as_str());
    for mode in MODES {
        let mut all =
            vec![proof(Some(WRONG_EMAIL), right, None), proof(Some(WRONG_EMAIL), None, right)];
        for wrong in wrong_tokens(&case) {
            let wrong = Some(wrong.as_str());
            all.push(proof(None, wrong, None));
            all.push(proof(Some(RIGHT_EMAIL), wrong, None));
            all.push(proof(None, wrong, right));
            if mode != CaseNumber || wrong.is_some_and(|wrong| wrong.starts_with("cat_")) {
                all.push(proof(None, right, wrong));
                all.push(proof(None, None, wrong));
            }
        }
        if mode != Token {
            all.push(proof(Some(WRONG_EMAIL), None, None));
        }
        for shown in all {
            let outcome = outcome(mode, &case, &shown).await;
            assert!(is_not_found(&outcome), "{mode}, {shown:?}: {outcome:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_missing_case_and_wrong_proof_are_indistinguishable() {
    let case = an_opened(1).case;
    let fitting = a_token(&case);
    for mode in MODES {
        for (there, token) in [(true, "cat_wrong"), (false, "cat_wrong"), (false, &*fitting)] {
            let look_up = looking_up(mode, there.then(|| case.clone()));
            let begun_at = Instant::now();
            let refused = look_up
                .execute(&a_case_number(1), &proof(None, Some(token), None), &UpdatesWanted::LATEST)
                .await;
            assert!(is_not_found(&refused), "{mode}, {there}");
            assert_eq!(begun_at.elapsed(), Duration::from_millis(100), "{mode}, {there}");
        }
    }
    // Without any proof there is nothing to guess, so the response is immediate.
    let begun_at = Instant::now();
    let refused = looking_up(CaseNumber, None)
        .execute(&a_case_number(1), &Proof::default(), &UpdatesWanted::LATEST)
        .await;
    assert!(is_not_found(&refused));
    assert_eq!(begun_at.elapsed(), Duration::ZERO);
}

fn command(proof: &Proof) -> CaseCommand {
    CaseCommand::by_customer(a_case_number(1), proof.clone())
}

/// Storage with one case that must not be changed.
fn guarded(mode: AccessMode) -> Arc<CaseChanges> {
    let mut cases = MockCaseRepository::new();
    cases.expect_find_case().returning(|_| {
        let case = an_opened(1).case;
        Ok(Some(StoredCase { generations: at_present(), ..StoredCase::new(case, None) }))
    });
    cases.expect_commit().never();
    Arc::new((Setup { authorizer: an_authorizer(mode), ..a_setup(cases) }).changes())
}

#[tokio::test(start_paused = true)]
async fn nothing_is_changed_without_proof_of_ownership() {
    let escalation = || EscalateRequest { reason: "Now!".parse().unwrap(), new_urgency: None };
    for mode in MODES {
        let shown = proof(None, Some("cat_wrong"), None);
        let cancelled = CancelCase::new(guarded(mode));
        let cancelled = cancelled.execute(command(&shown), "No.".parse().unwrap()).await;
        assert!(is_not_found(&cancelled), "{mode}: {cancelled:?}");
        let escalate = EscalateCase::new(guarded(mode));
        let escalated = escalate.execute(command(&shown), escalation()).await;
        assert!(is_not_found(&escalated), "{mode}: {escalated:?}");
    }
    for mode in [Email, Token] {
        let nothing = Proof::default();
        let cancelled = CancelCase::new(guarded(mode));
        let cancelled = cancelled.execute(command(&nothing), "No.".parse().unwrap()).await;
        assert!(matches!(cancelled, Err(CaseError::ProofRequired { .. })), "{cancelled:?}");
        let escalate = EscalateCase::new(guarded(mode));
        let escalated = escalate.execute(command(&nothing), escalation()).await;
        assert!(matches!(escalated, Err(CaseError::ProofRequired { .. })), "{escalated:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn guesses_at_a_case_do_not_delay_its_customer() {
    let changes = guarded(Token);
    let shown = proof(None, Some("cat_wrong"), None);
    let cancel = CancelCase::new(changes);
    let guess = || async {
        let reason = "No.".parse().unwrap();
        cancel.execute(command(&shown), reason).await
    };
    let begun_at = Instant::now();
    let guesses = futures_util::future::join_all((0..50).map(|_| guess())).await;
    assert!(guesses.iter().all(is_not_found));
    // The delays run concurrently, not one after another.
    assert!(begun_at.elapsed() < Duration::from_millis(200), "{:?}", begun_at.elapsed());
}
