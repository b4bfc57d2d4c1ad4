//! A change that is being made to a case.

use std::time::Duration;

use super::resolution_pause::end_pause;
use super::{Case, CaseFacts, Decision, Policies, Stamp, Status};
use crate::Message;
use crate::actor::Actor;
use crate::attachment::Attachment;
use crate::event::{Change, Event, EventKind};
use crate::id::UpdateId;
use crate::source::Source;
use crate::time::Timestamp;
use crate::update::Update;
use crate::visibility::Visibility;

/// A case between two states, with the updates that the change writes.
pub(super) struct Draft<'a> {
    before: &'a CaseFacts,
    pub(super) after: CaseFacts,
    pub(super) now: Timestamp,
    pub(super) actor: Actor,
    policies: &'a Policies,
    stamp: Stamp,
    updates: Vec<Update>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(case: &'a Case, policies: &'a Policies, stamp: Stamp) -> Self {
        let before = &case.facts;
        Self {
            before,
            after: before.clone(),
            // Time never runs backwards, so clock skew between machines causes no negative pauses.
            now: stamp.at.max(before.last_activity),
            actor: stamp.actor.clone(),
            policies,
            stamp,
            updates: Vec::new(),
        }
    }

    /// Makes the change later than everything before, also if it is made in the same millisecond or
    /// by a machine whose clock is behind. Somebody who reads from now on reads nothing before.
    pub(super) fn begin_after_the_last(&mut self) {
        let after_the_last = self.before.last_activity.plus(Duration::from_millis(1));
        self.now = self.now.max(after_the_last);
    }

    /// Moves the case to a status. The caller has checked that the transition is legal.
    pub(super) fn enter(&mut self, status: Status) {
        let case = &mut self.after;
        if case.status == status {
            return;
        }
        end_pause(case, &self.policies.sla, self.now);
        if status == Status::Open {
            case.assignment = None;
        }
        case.status = status;
        case.status_since = self.now;
    }

    /// Adds an update written by the actor.
    pub(super) fn write(
        &mut self,
        visibility: Visibility,
        message: Message,
        attachments: Vec<Attachment>,
    ) {
        self.after.note_first_response(&self.actor, visibility, self.now);
        self.push(self.actor.clone(), self.stamp.source, visibility, message, attachments);
    }

    /// Adds a generated update, which never counts as a response.
    pub(super) fn announce(&mut self, visibility: Visibility, message: Message) {
        self.push(Actor::System, Source::default(), visibility, message, Vec::new());
    }

    fn push(
        &mut self,
        author: Actor,
        source: Source,
        visibility: Visibility,
        message: Message,
        attachments: Vec<Attachment>,
    ) {
        let id = self.next_update_id();
        self.updates.push(Update {
            id,
            timestamp: self.now,
            person_id: author.person_id(self.after.id),
            author,
            source,
            visibility,
            message,
            attachments,
        });
    }

    fn next_update_id(&self) -> UpdateId {
        // A change writes at most two updates: a public one and an internal one.
        self.stamp.update_ids[self.updates.len()]
    }

    /// Completes the change: increments the version, recalculates the score and creates the event.
    pub(super) fn finish(mut self, kind: EventKind, visibility: Visibility) -> Decision {
        let case = &mut self.after;
        if let Some(proof) = self.stamp.proof.take() {
            case.prove(proof, self.policies, self.now);
        }
        case.prove_participant(&self.actor);
        case.version = case.version.next();
        case.priority_score = self.policies.explain_priority(case).score();
        case.last_activity = self.now;
        case.end_first_response(self.before, self.now);
        case.next_action_at = self.policies.next_action_at(case);
        if visibility == Visibility::Public || shown(case) != shown(self.before) {
            case.last_updated = self.now;
        }
        let event = Event {
            id: self.stamp.event_id,
            case_id: case.id,
            sequence: case.version,
            timestamp: self.now,
            person_id: self.actor.person_id(case.id),
            actor: self.actor,
            kind,
            visibility,
            changes: Change::between(self.before, case),
            updates: self.updates,
        };
        Decision { case: Case::from_facts(self.after), event }
    }
}

/// Returns the facts that can change and that the customer sees.
fn shown(case: &CaseFacts) -> impl PartialEq + use<'_> {
    let CaseFacts { status, urgency, estimated_resolution, subject, message, .. } = case;
    (status, urgency, estimated_resolution, subject, message)
}

/// Returns the text of an update that has only files, or `None` without files.
pub(super) fn sent_files(files: &[Attachment]) -> Option<Message> {
    match files.len() {
        0 => None,
        1 => Some(announcement("Sent a file")),
        count => Some(announcement(&format!("Sent {count} files"))),
    }
}

/// Parses the text of a generated update, which is short and has no control characters.
pub(super) fn announcement(text: &str) -> Message {
    // Callers pass a fixed sentence that contains a number, a status label or a department (one
    // line of at most 100 characters). It is never empty and never too long.
    #[allow(clippy::expect_used)]
    text.parse().expect("an announcement is a short line")
}
