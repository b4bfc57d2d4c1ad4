//! Tokens of participants, in every access mode.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    AccessMode, AccessToken, CaseError, CasePerson, LookUpCase, LookedUpCase, Proof,
};
use engage_domain::{Actor, Case, CaseId, PersonId, Policies};
use engage_repository::{
    AccessGeneration, CaseGenerations, CaseProgress, MockCaseQueries, ParticipantGenerations,
    ParticipantView, UpdatePage, UpdatesWanted,
};
use engage_testkit::builders::{
    a_case_number, a_stamp, an_opened, by_participant, joined, minutes_later, monday,
};
use tokio::time::Instant;

use crate::setup::{an_authorizer, tokens};

const MODES: [AccessMode; 3] = [AccessMode::CaseNumber, AccessMode::Email, AccessMode::Token];

/// A case with two participants, of whom Ann is in her third generation.
fn a_case() -> (Case, [PersonId; 2], ParticipantGenerations) {
    let case = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1)).case;
    let case = joined(&case, "bob@x.example", Actor::Customer, minutes_later(2)).case;
    let [ann, bob] = [0, 1].map(|place: usize| case.facts().participants[place].id);
    let mut generations = ParticipantGenerations::default();
    generations.rotate_all();
    generations.rotate(ann);
    (case, [ann, bob], generations)
}

fn looking_up(mode: AccessMode, case: Option<Case>, at: ParticipantGenerations) -> LookUpCase {
    let mut queries = MockCaseQueries::new();
    queries.expect_find_case_progress().returning(move |_, _| {
        let progress = |case| CaseProgress {
            case,
            public_updates: UpdatePage::default(),
            generations: CaseGenerations { participants: at.clone(), ..CaseGenerations::default() },
        };
        Ok(case.clone().map(progress))
    });
    LookUpCase::new(Arc::new(queries), an_authorizer(mode))
}

fn issue(case: CaseId, person: PersonId, generation: u32) -> String {
    let token = tokens().issue_to_participant(case, person, AccessGeneration(generation), monday());
    token.expose().to_owned()
}

fn proof(email: Option<&str>, token: Option<&str>, bearer: Option<&str>) -> Proof {
    Proof {
        email: email.map(|email| email.parse().unwrap()),
        token: token.map(AccessToken::from),
        bearer: bearer.map(AccessToken::from),
        mark: None,
    }
}

async fn look_up(
    mode: AccessMode,
    case: &Case,
    generations: &ParticipantGenerations,
    shown: &Proof,
) -> Result<LookedUpCase, CaseError<Infallible>> {
    let look_up = looking_up(mode, Some(case.clone()), generations.clone());
    look_up.execute(&a_case_number(1), shown, &UpdatesWanted::LATEST).await
}

#[tokio::test(start_paused = true)]
async fn the_token_decides_who_acts_in_every_mode() {
    let (case, [ann, bob], generations) = a_case();
    let id = case.facts().id;
    for mode in MODES {
        for (person, generation, email) in [(ann, 2, "Ann@x.example"), (bob, 1, "bob@x.example")] {
            let token = issue(id, person, generation);
            for shown in [
                proof(None, Some(&token), None),
                proof(None, None, Some(&token)),
                proof(Some(email), Some(&token), Some(&token)),
            ] {
                let found = look_up(mode, &case, &generations, &shown).await.unwrap();
                let CasePerson::Participant(found) = found.person else { panic!("{mode}") };
                assert_eq!(found.id, person, "{mode}");
            }
        }
        let customers = tokens().issue(id, AccessGeneration::default(), monday());
        let shown = proof(None, Some(customers.expose()), None);
        let found = look_up(mode, &case, &generations, &shown).await.unwrap();
        assert_eq!(found.person, CasePerson::Customer, "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_the_persons_is_refused_in_every_mode() {
    let (case, [ann, bob], generations) = a_case();
    let id = case.facts().id;
    let (anns, bobs) = (issue(id, ann, 2), issue(id, bob, 1));
    let customers = tokens().issue(id, AccessGeneration::default(), monday());
    let customers = customers.expose();
    let expired = tokens().issue_to_participant(
        id,
        ann,
        AccessGeneration(2),
        monday().minus(Duration::from_hours(24 * 365)),
    );
    let wrong = [
        proof(None, Some(&issue(id, ann, 1)), None),
        proof(None, Some(&issue(id, ann, 3)), None),
        proof(None, Some(&issue(id, bob, 2)), None),
        proof(None, Some(&issue(CaseId::from_u128(1), ann, 2)), None),
        proof(None, Some(&issue(id, PersonId::from_u128(1), 1)), None),
        proof(None, Some(&issue(id, PersonId::of_customer(id), 1)), None),
        proof(None, Some(&issue(id, PersonId::of_customer(id), 0)), None),
        proof(None, Some(expired.expose()), None),
        proof(None, Some(&anns), Some(&bobs)),
        proof(None, Some(&anns), Some(customers)),
        proof(None, Some(customers), Some(&anns)),
        proof(Some("bob@x.example"), Some(&anns), None),
        proof(Some("john@example.com"), Some(&anns), None),
        proof(Some("ann@x.example"), Some(customers), None),
        proof(None, Some(&anns.replace("cap_", "cat_")), None),
        proof(None, Some(&customers.replace("cat_", "cap_")), None),
    ];
    for mode in MODES {
        for (turn, shown) in wrong.iter().enumerate() {
            let begun_at = Instant::now();
            let refused = look_up(mode, &case, &generations, shown).await;
            assert!(matches!(refused, Err(CaseError::NotFound(_))), "{mode} {turn}: {refused:?}");
            assert_eq!(begun_at.elapsed(), Duration::from_millis(100), "{mode} {turn}");
        }
        // The token of a case that there is not takes the same time.
        let begun_at = Instant::now();
        let refused = looking_up(mode, None, generations.clone())
            .execute(&a_case_number(1), &proof(None, Some(&anns), None), &UpdatesWanted::LATEST)
            .await;
        assert!(matches!(refused, Err(CaseError::NotFound(_))), "{mode}: {refused:?}");
        assert_eq!(begun_at.elapsed(), Duration::from_millis(100), "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_who_is_gone_reads_the_case() {
    let (case, [ann, bob], generations) = a_case();
    let id = case.facts().id;
    let policies = Policies::default();
    let stamp = a_stamp(Actor::Customer, minutes_later(3));
    let removed = case.remove_participant(ann, &policies, stamp).unwrap().unwrap().case;
    let left = removed.leave(&policies, a_stamp(by_participant(&removed), minutes_later(4)));
    let gone = left.unwrap().unwrap().case;
    for mode in MODES {
        for token in [issue(id, ann, 2), issue(id, bob, 1)] {
            let refused =
                look_up(mode, &gone, &generations, &proof(None, Some(&token), None)).await;
            assert!(matches!(refused, Err(CaseError::NotFound(_))), "{mode}: {refused:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_is_read_in_the_view_of_the_participant() {
    let (case, [ann, _], generations) = a_case();
    let view = ParticipantView { person: ann, reads_from: minutes_later(1) };
    let mut queries = MockCaseQueries::new();
    let (first, second) =
        (UpdatesWanted::LATEST, UpdatesWanted { view: Some(view), ..UpdatesWanted::LATEST });
    let token = issue(case.facts().id, ann, 2);
    for wanted in [first, second] {
        let (case, at) = (case.clone(), generations.clone());
        queries
            .expect_find_case_progress()
            .withf(move |_, given| *given == wanted)
            .once()
            .returning(move |_, _| {
                Ok(Some(CaseProgress {
                    case: case.clone(),
                    public_updates: UpdatePage::default(),
                    generations: CaseGenerations {
                        participants: at.clone(),
                        ..CaseGenerations::default()
                    },
                }))
            });
    }
    let look_up = LookUpCase::new(Arc::new(queries), an_authorizer(AccessMode::CaseNumber));
    let shown = proof(None, Some(&token), None);
    look_up.execute(&a_case_number(1), &shown, &first).await.unwrap();
}
