//! Notifications to participants whom use cases add and remove.

use std::collections::HashSet;
use std::sync::Arc;

use engage_application::{
    CaseCommand, ManageParticipants, NewParticipants, RefusedParticipants, UpdateCase,
};
use engage_domain::{AddParticipantRequest, Case, PersonId, Template, UpdateRequest, Visibility};
use engage_repository::{ChangeSet, MockBudgetRepository, MockStaffRepository};
use engage_testkit::builders::{a_staff_member, an_opened, by, minutes_later, written};
use engage_testkit::use_cases::case_changes;
use engage_testkit::{FakeCases, SequentialIds};

use crate::setup::{attachments, by_member, made};

/// The use cases on one case, by a member of staff.
struct Desk {
    cases: FakeCases,
    manage: ManageParticipants,
    update: UpdateCase,
}

impl Desk {
    fn of(case: Case) -> Self {
        let cases = FakeCases::default();
        cases.add(case);
        let mut staff = MockStaffRepository::new();
        staff.expect_find_staff_by_email().returning(|_| Ok(None));
        let (ids, refused) = (Arc::new(SequentialIds::new()), RefusedParticipants::default());
        let changes = case_changes(&cases);
        let new = NewParticipants::new(Arc::new(MockBudgetRepository::new()), 50);
        let manage = ManageParticipants::new(changes.clone(), Arc::new(staff), ids, refused, new);
        let update = UpdateCase::new(changes, attachments());
        Self { cases, manage, update }
    }

    async fn add(&self, email: &str) -> ChangeSet {
        let request = AddParticipantRequest::new(email.parse().unwrap());
        made(self.manage.add(by_jane(), request).await);
        self.last()
    }

    async fn answer(&self) -> ChangeSet {
        let request = UpdateRequest {
            message: Some("It works now.".parse().unwrap()),
            visibility: Visibility::Public,
            status_change: None,
            attachments: Vec::new(),
            ..UpdateRequest::default()
        };
        let jane = a_staff_member("jane");
        made(self.update.execute(by_jane(), request, &[], &jane.id).await);
        self.last()
    }

    fn last(&self) -> ChangeSet {
        self.cases.commits().pop().unwrap()
    }
}

fn answered() -> Case {
    let jane = by(&a_staff_member("jane"));
    written(&an_opened(1).case, "Please sign in.", Visibility::Public, jane, minutes_later(1)).case
}

fn by_jane() -> CaseCommand {
    by_member(1, &a_staff_member("jane"))
}

/// Returns the templates, addresses and persons of the e-mails to participants.
fn to_participants(change_set: &ChangeSet) -> Vec<(Template, String, PersonId)> {
    let messages = change_set.messages.iter();
    let told = messages.filter_map(|message| {
        message.person.map(|person| (message.template, message.address.to_string(), person))
    });
    told.collect()
}

#[tokio::test]
async fn each_participant_gets_an_email_of_their_own() {
    let desk = Desk::of(answered());
    let [(template, address, _)] = &to_participants(&desk.add("ann@x.example").await)[..] else {
        panic!("one invitation");
    };
    let invited = (Template::CaseInvitedParticipant, "ann@x.example");
    assert_eq!((*template, address.as_str()), invited);
    desk.add("ben@x.example").await;

    let answer = desk.answer().await;
    let known = answer.case.facts().participants.iter();
    let update = Template::CaseUpdatedParticipant;
    let expected: Vec<_> = known.map(|one| (update, one.email.to_string(), one.id)).collect();
    assert_eq!(to_participants(&answer), expected);
    let ids: HashSet<_> = answer.messages.iter().map(|message| message.id).collect();
    assert_eq!(ids.len(), answer.messages.len());
}

#[tokio::test]
async fn participants_hear_nothing_before_the_first_answer() {
    let desk = Desk::of(an_opened(1).case);
    assert_eq!(to_participants(&desk.add("ann@x.example").await), []);
    let told: Vec<_> = to_participants(&desk.answer().await).iter().map(|told| told.0).collect();
    assert_eq!(told, [Template::CaseUpdatedParticipant]);
}

#[tokio::test]
async fn who_was_removed_hears_nothing_more() {
    let desk = Desk::of(answered());
    let ann = desk.add("ann@x.example").await.case.facts().participants[0].id;
    made(desk.manage.remove(by_jane(), ann).await);
    let removal = desk.last();
    assert_eq!(to_participants(&removal), []);
    assert_eq!(removal.event.ended_participations().collect::<Vec<_>>(), [ann]);
    assert_eq!(to_participants(&desk.answer().await), []);
}
