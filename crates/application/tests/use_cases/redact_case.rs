use std::sync::{Arc, Mutex};

use engage_application::{Attachments, CaseError, RedactCase, RedactCaseError, Redacted};
use engage_domain::event::{Quote, RedactableField, RedactedPart, Redaction};
use engage_domain::{
    AttachmentId, CorrectRequest, Decision, Message, Policies, UpdateId, Version, Visibility,
};
use engage_notifier::Snapshot;
use engage_repository::{
    MockAttachmentStore, MockEventHistory, MockUploadRepository, StoredRedaction,
};
use engage_testkit::FakeCases;
use engage_testkit::builders::{
    a_stamp, an_opened, by, corrected, minutes_later, replied, written,
};
use engage_testkit::use_cases::case_changes;

use crate::setup::{a_colleague, attachments, by_member};

const SUBJECT: RedactedPart = RedactedPart::Field(RedactableField::Subject);
const MARK: &str = "Redacted by eve at 2025-01-27T10:30:00.000Z";

/// A case whose reply is quoted by the answer.
fn a_story() -> Vec<Decision> {
    let opening = an_opened(1);
    let reply = replied(&opening.case, "My password is h7Kx92mmQ.", minutes_later(10));
    let ann = by(&a_colleague("ann"));
    let quoting = "> My password is h7Kx92mmQ.\nNever send it.";
    let answer = written(&reply.case, quoting, Visibility::Public, ann, minutes_later(20));
    let other =
        replied(&answer.case, "Sorry. I have changed it in the meantime.", minutes_later(30));
    vec![opening, reply, answer, other]
}

struct World {
    cases: FakeCases,
    redact_case: RedactCase,
    deleted: Arc<Mutex<Vec<AttachmentId>>>,
}

impl World {
    fn after(story: &[Decision]) -> Self {
        let cases = FakeCases::default();
        cases.add(story.last().unwrap().case.clone());
        let texts: Vec<(Version, String)> = story
            .iter()
            .map(|Decision { case, event }| {
                let snapshot = Snapshot::new(event, case.facts(), None);
                (event.sequence, snapshot.into_stored_json().unwrap())
            })
            .collect();
        let mut history = MockEventHistory::new();
        history.expect_list_case_events().returning(move |_, after, _| {
            let later = texts.iter().filter(|(sequence, _)| Some(*sequence) > after);
            Ok(Some(later.map(|(_, text)| text.clone()).collect()))
        });
        let deleted = Arc::<Mutex<Vec<AttachmentId>>>::default();
        let noted = deleted.clone();
        let mut contents = MockAttachmentStore::new();
        contents.expect_delete().returning(move |id| {
            noted.lock().unwrap().push(id);
            Ok(())
        });
        let mut uploads = MockUploadRepository::new();
        uploads.expect_remove_uploads().returning(|_| Ok(()));
        let files = Attachments {
            contents: Arc::new(contents),
            uploads: Arc::new(uploads),
            ..attachments()
        };
        let redact_case = RedactCase::new(case_changes(&cases), Arc::new(history), files);
        Self { cases, redact_case, deleted }
    }

    async fn redact(&self, part: RedactedPart) -> Result<Redacted, CaseError<RedactCaseError>> {
        self.redact_case.execute(by_member(1, &a_colleague("eve")), part).await
    }

    /// Redacts a part, and returns what the commit revises.
    async fn redaction(&self, part: RedactedPart) -> StoredRedaction {
        self.redact(part).await.unwrap();
        let revision = self.cases.commits().remove(0).revision.expect("something is revised");
        assert!(revision.renews_words && !revision.ends_access, "{revision:?}");
        assert_eq!(revision.former_addresses, []);
        revision.redaction.expect("something is redacted")
    }
}

fn mark() -> Message {
    let name = a_colleague("eve").name;
    MARK.replace("eve", name.as_str()).parse().unwrap()
}

fn quote(decision: &Decision) -> Quote {
    let update = &decision.event.updates[0];
    Quote { update_id: update.id, at: update.timestamp }
}

#[tokio::test]
async fn a_redacted_update_is_gone_from_its_event_and_its_response() {
    let story = a_story();
    let world = World::after(&story);
    let id = story[1].event.updates[0].id;
    let redaction = world.redaction(RedactedPart::UpdateId(id)).await;
    assert_eq!(redaction.update, Some((id, mark())));
    assert_eq!(redaction.attachment, None);
    let [(event, text)] = &redaction.snapshots[..] else { panic!("{redaction:?}") };
    assert_eq!(*event, story[1].event.id);
    assert!(!text.contains("h7Kx92mmQ") && text.contains(mark().as_str()), "{text}");
    let before = "\"message\":\"My password is h7Kx92mmQ.\"".to_owned();
    assert_eq!(redaction.responses, [(before, format!("\"message\":\"{}\"", mark().as_str()))]);
}

#[tokio::test]
async fn later_entries_that_quote_it_are_listed_and_recorded() {
    let story = a_story();
    let world = World::after(&story);
    let part = RedactedPart::UpdateId(story[1].event.updates[0].id);
    let redacted = world.redact(part).await.unwrap();
    assert_eq!(redacted.quotes, [quote(&story[2])]);
    let changed = redacted.outcome.into_changed().unwrap();
    let expected = Redaction { part, quotes: redacted.quotes };
    let recorded = engage_domain::event::Change::Redaction { from: (), to: Box::new(expected) };
    assert_eq!(changed.event.unwrap().changes, [recorded]);
}

#[tokio::test]
async fn a_preview_lists_the_quotes_and_changes_nothing() {
    let story = a_story();
    let world = World::after(&story);
    let part = RedactedPart::UpdateId(story[1].event.updates[0].id);
    let command = by_member(1, &a_colleague("eve"));
    let preview = world.redact_case.preview(command, part).await.unwrap();
    assert_eq!(preview.quotes, [quote(&story[2])]);
    assert_eq!(preview.outcome.into_changed().unwrap().event, None);
    assert_eq!(world.cases.commits(), []);
}

#[tokio::test]
async fn a_redacted_file_is_deleted_and_leaves_a_mark() {
    let story = a_story();
    let world = World::after(&story);
    let update = &story[1].event.updates[0];
    let file = update.attachments[0].id;
    let redaction = world.redaction(RedactedPart::AttachmentId(file)).await;
    assert_eq!(redaction.attachment, Some(file));
    let (id, text) = redaction.update.unwrap();
    assert_eq!(id, update.id);
    assert_eq!(text.as_str(), format!("{}\n\n{}", update.message, mark()));
    assert!(redaction.snapshots.iter().all(|(_, text)| !text.contains("screen shot")));
    assert_eq!(*world.deleted.lock().unwrap(), [file]);
}

#[tokio::test]
async fn a_redacted_subject_is_gone_from_every_event_and_from_its_corrections() {
    let mut story = a_story();
    let request = CorrectRequest::default().with_subject("Password".parse().unwrap());
    let last = &story[3].case;
    story.push(corrected(last, request, by(&a_colleague("ann")), minutes_later(40)));
    let world = World::after(&story);
    let redaction = world.redaction(SUBJECT).await;
    assert_eq!(redaction.snapshots.len(), 5);
    for (_, text) in &redaction.snapshots {
        assert!(!text.contains("Unable to access dashboard"), "{text}");
        assert!(!text.contains("\"Password\""), "{text}");
    }
    assert_eq!((redaction.update, redaction.attachment), (None, None));
    assert!(world.cases.commits()[0].case.facts().subject.as_str().starts_with("Redacted by "));
}

#[tokio::test]
async fn earlier_subjects_are_replaced_in_responses_and_found_in_quotes() {
    let mut story = a_story();
    let ann = by(&a_colleague("ann"));
    let to = |subject: &str| CorrectRequest::default().with_subject(subject.parse().unwrap());
    for (subject, minute) in [("PIN 47118150", 40), ("No access", 41)] {
        let last = &story.last().unwrap().case;
        story.push(corrected(last, to(subject), ann.clone(), minutes_later(minute)));
    }
    let last = &story.last().unwrap().case;
    let quoting = "Why is it called \"Unable to access dashboard\"?";
    story.push(replied(last, quoting, minutes_later(42)));
    let world = World::after(&story);
    let redacted = world.redact(SUBJECT).await.unwrap();
    assert_eq!(redacted.quotes, [quote(story.last().unwrap())]);
    let revision = world.cases.commits().remove(0).revision.unwrap();
    let responses = revision.redaction.unwrap().responses;
    let before: Vec<_> = responses.iter().map(|(before, _)| before.as_str()).collect();
    let expected = ["No access", "Unable to access dashboard", "PIN 47118150"];
    assert_eq!(before, expected.map(|subject| format!("\"subject\":\"{subject}\"")));
    // Nothing is earlier than the last reply.
    let mark = format!("Redacted by Name of eve at {}", minutes_later(42));
    assert!(responses.iter().all(|(_, after)| after.contains(&mark)), "{responses:?}");
}

#[tokio::test]
async fn something_that_was_redacted_stays_as_it_is() {
    let mut story = a_story();
    let part = RedactedPart::UpdateId(story[1].event.updates[0].id);
    let quotes = vec![quote(&story[2])];
    let redaction = Redaction { part, quotes: quotes.clone() };
    let stamp = a_stamp(by(&a_colleague("ann")), minutes_later(40));
    story.push(story[3].case.redact(redaction, &Policies::default(), stamp).unwrap());
    let world = World::after(&story);
    let redacted = world.redact(part).await.unwrap();
    assert_eq!(redacted.quotes, quotes);
    assert_eq!(redacted.outcome.into_changed().unwrap().event, None);
    assert_eq!(world.cases.commits(), []);
}

#[tokio::test]
async fn a_subject_that_was_corrected_since_is_redacted_again() {
    let mut story = vec![an_opened(1)];
    let redaction = Redaction { part: SUBJECT, quotes: Vec::new() };
    let ann = by(&a_colleague("ann"));
    let stamp = a_stamp(ann.clone(), minutes_later(1));
    story.push(story[0].case.redact(redaction, &Policies::default(), stamp).unwrap());
    let request = CorrectRequest::default().with_subject("Password".parse().unwrap());
    story.push(corrected(&story[1].case, request, ann, minutes_later(2)));
    let mark = story[1].case.facts().subject.clone();
    let world = World::after(&story);
    let redacted = world.redact(SUBJECT).await.unwrap();
    assert!(redacted.outcome.into_changed().unwrap().event.is_some());
    let responses = world.cases.commits().remove(0).revision.unwrap().redaction.unwrap().responses;
    let is_of_mark = |(before, _): &&(String, String)| before.contains(mark.as_str());
    assert_eq!(responses.iter().find(is_of_mark), None, "the mark is no subject");
}

#[tokio::test]
async fn an_unknown_part_is_refused() {
    let world = World::after(&a_story());
    let (update, file) = (UpdateId::from_u128(1), AttachmentId::from_u128(1));
    for (part, expected) in [
        (RedactedPart::UpdateId(update), RedactCaseError::UpdateNotFound(update)),
        (RedactedPart::AttachmentId(file), RedactCaseError::AttachmentNotFound(file)),
    ] {
        let refused = world.redact(part).await;
        assert!(
            matches!(&refused, Err(CaseError::Refused(error)) if *error == expected),
            "{refused:?}"
        );
    }
    assert_eq!(world.cases.commits(), []);
}

#[tokio::test]
async fn a_redaction_that_lost_a_race_reads_the_history_again() {
    let story = a_story();
    let world = World::after(&story);
    world.cases.lose_next_race();
    let redaction = world.redaction(RedactedPart::UpdateId(story[1].event.updates[0].id)).await;
    assert_eq!(redaction.snapshots.len(), 1);
}
