//! Leaving a case with the token of an e-mail.

use engage_application::{CaseError, ChangeOptions, Unsubscribe};
use engage_domain::case::ParticipantState;
use engage_domain::{Actor, CaseNumber, Policies};
use engage_testkit::FakeCases;
use engage_testkit::builders::{
    a_case_number, a_stamp, an_opened, by_participant, joined, minutes_later,
};
use engage_testkit::use_cases::case_changes;

use crate::setup::{made, tokens};

#[tokio::test]
async fn a_participant_leaves_once_and_whoever_is_gone_changes_nothing() {
    let case = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1)).case;
    let (ann, by_ann) = (case.facts().participants[0].id, by_participant(&case));
    let token = tokens().issue_unsubscription(&a_case_number(1), ann);
    let removed = case.remove_participant(
        ann,
        &Policies::default(),
        a_stamp(Actor::Customer, minutes_later(2)),
    );
    let removed = removed.unwrap().unwrap().case;

    let cases = FakeCases::default();
    cases.add(case);
    let unsubscribe = Unsubscribe::new(case_changes(&cases), tokens());
    let leave =
        async || unsubscribe.execute(a_case_number(1), &token, ChangeOptions::default()).await;
    let changed = made(leave().await);
    assert_eq!(changed.case.facts().participants[0].state, ParticipantState::Left);
    assert_eq!(changed.event.unwrap().actor, by_ann);
    assert!(made(leave().await).event.is_none());
    assert_eq!(cases.commits().len(), 1);

    let cases = FakeCases::default();
    cases.add(removed);
    let unsubscribe = Unsubscribe::new(case_changes(&cases), tokens());
    let left = unsubscribe.execute(a_case_number(1), &token, ChangeOptions::default()).await;
    assert!(made(left).event.is_none());
}

#[tokio::test]
async fn a_wrong_token_and_an_unknown_case_are_the_same() {
    let case = joined(&an_opened(1).case, "ann@x.example", Actor::Customer, minutes_later(1)).case;
    let ann = case.facts().participants[0].id;
    let cases = FakeCases::default();
    cases.add(case);
    let unsubscribe = Unsubscribe::new(case_changes(&cases), tokens());
    let token_of = |number: &CaseNumber| tokens().issue_unsubscription(number, ann);
    for (number, token) in [
        (a_case_number(1), token_of(&a_case_number(2))),
        (a_case_number(1), "cau_AAAA".into()),
        (a_case_number(2), token_of(&a_case_number(1))),
        (a_case_number(2), token_of(&a_case_number(2))),
    ] {
        let refused = unsubscribe.execute(number.clone(), &token, ChangeOptions::default()).await;
        assert!(matches!(&refused, Err(CaseError::NotFound(of)) if *of == number), "{refused:?}");
    }
}
