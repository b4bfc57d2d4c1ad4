use std::time::Duration;

use engage_domain::{Actor, Visibility};
use engage_repository::{AccessGeneration, ChangeSet};
use engage_testkit::builders::{
    a_change_set, a_claimed_message, a_message, a_message_to_participant, a_staff_member,
    an_opened, by, by_participant, joined, minutes_later, replied_by, written,
};

use super::*;
use crate::customer_access::ServerSecret;

const PAGE: &str = "https://desk.example/support";

fn links() -> CustomerLinks {
    let secret = ServerSecret::from_bits([7; 32]);
    CustomerLinks::new(AccessTokens::new(&secret, Duration::from_hours(1)), PAGE.to_owned())
}

/// A case of Ann's and Ben's, and the answer of staff.
fn answered() -> ChangeSet {
    let case = an_opened(1).case;
    let case = joined(&case, "ann@x.example", Actor::Customer, minutes_later(1)).case;
    let case = joined(&case, "ben@x.example", Actor::Customer, minutes_later(2)).case;
    let jane = by(&a_staff_member("jane"));
    a_change_set(
        written(&case, "Please sign in.", Visibility::Public, jane, minutes_later(3)),
        Vec::new(),
    )
}

/// The claimed notification of a change to the first participant.
fn to_first(about: &ChangeSet) -> ClaimedMessage {
    let message = a_message_to_participant(&about.case.facts().participants[0]);
    ClaimedMessage { access_generation: AccessGeneration(3), ..a_claimed_message(message, about) }
}

fn names(access: &CustomerAccess) -> Vec<String> {
    let reader = access.participant.as_ref().unwrap();
    let name =
        |name: &Option<PersonName>| name.as_ref().map_or("-".to_owned(), ToString::to_string);
    reader.others.iter().map(name).collect()
}

#[test]
fn a_participant_gets_a_link_with_a_token_of_their_own() {
    let answer = answered();
    let message = to_first(&answer);
    let access = links().access(&message);
    let (case, person) = (message.case_id, message.person.unwrap());
    let token = links().tokens.issue_to_participant(
        case,
        person,
        AccessGeneration(3),
        answer.event.timestamp,
    );
    assert!(token.expose().starts_with("cap_"));
    let expected = format!("{PAGE}#{}/{}", message.case_number, token.expose());
    assert_eq!(access.link, Some(expected));
    assert_eq!(access.code, None);
    let unsubscribe = access.unsubscribe.unwrap();
    let (page, token) = unsubscribe.split_once("&token=").unwrap();
    assert_eq!(page, format!("{PAGE}/unsubscribe?caseNumber={}", message.case_number));
    let named = links().tokens.unsubscriber(&token.into(), &message.case_number);
    assert_eq!(named, Some(person));
    let reader = access.participant.unwrap();
    assert_eq!(reader.name.unwrap().as_str(), "Ann Lee");

    let to_customer = a_claimed_message(a_message("john@example.com"), &answer);
    let access = links().access(&to_customer);
    assert!(access.link.unwrap().contains("/cat_"));
    assert_eq!((access.participant, access.unsubscribe), (None, None));
}

#[test]
fn only_an_https_page_is_offered_to_mail_programs() {
    let message = to_first(&answered());
    for page in ["http://desk.example/support", "https://m\u{fc}nchen.example/support"] {
        let links = CustomerLinks { page: page.to_owned(), ..links() };
        let access = links.access(&message);
        assert_eq!((access.unsubscribe, access.link.is_some()), (None, true), "{page}");
    }
}

#[test]
fn a_participant_who_asked_for_a_code_gets_the_code_and_no_link() {
    let message = ClaimedMessage {
        template: Template::CaseCodeParticipant,
        expires_at: Some(minutes_later(15)),
        ..to_first(&answered())
    };
    let access = links().access(&message);
    assert_eq!((access.link, access.unsubscribe), (None, None));
    assert_eq!(access.code, Some(links().tokens.code(message.id).to_string()));
    assert_eq!(access.code_expires_at, Some(minutes_later(15)));
}

#[test]
fn nobody_gets_the_access_of_another() {
    let message = to_first(&answered());
    for wrong in [
        // The customer's text to a participant, and a participant's text to nobody.
        ClaimedMessage { template: Template::CaseUpdatedCustomer, ..message.clone() },
        ClaimedMessage { person: None, ..message.clone() },
        ClaimedMessage { participants: Vec::new(), ..message.clone() },
        ClaimedMessage { template: Template::CaseUpdatedStaff, ..message },
    ] {
        assert!(links().access(&wrong) == CustomerAccess::default(), "{}", wrong.template);
    }
}

#[test]
fn the_others_are_those_who_are_told_the_same() {
    let answer = answered();
    assert_eq!(names(&links().access(&to_first(&answer))), ["John Doe", "Ann Lee"]);

    // Ben, who wrote the reply, is not told of it, and neither is Cai, who came later.
    let reply = replied_by(&answer.case, by_participant(&answer.case), "Me too.", minutes_later(4));
    let later = joined(&reply.case, "cai@x.example", Actor::Customer, minutes_later(5)).case;
    let message = ClaimedMessage {
        participants: later.facts().participants.clone(),
        ..to_first(&a_change_set(reply, Vec::new()))
    };
    assert_eq!(names(&links().access(&message)), ["John Doe"]);
    let invited = ClaimedMessage { template: Template::CaseInvitedParticipant, ..message };
    assert_eq!(names(&links().access(&invited)).len(), 2);
}
