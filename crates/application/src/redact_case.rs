use std::sync::Arc;

use engage_domain::case::WrongActor;
use engage_domain::event::{Change, Quote, RedactableField, RedactedPart, Redaction};
use engage_domain::text::quotes;
use engage_domain::{AttachmentId, Case, Subject, UpdateId};
use engage_notifier::{Snapshot, UpdateSnapshot};
use engage_repository::EventHistory;
use thiserror::Error;

use crate::case_changes::Prepared;
use crate::case_snapshots::snapshots_of;
use crate::revision_plan::FoundPart;
use crate::{Attachments, CaseChanges, CaseCommand, CaseError, ChangeOutcome, Changed};

/// Error returned when a part of a case is not redacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RedactCaseError {
    /// The case has no entry with this id.
    #[error("the case has no update {0}")]
    UpdateNotFound(UpdateId),
    /// The case has no file with this id.
    #[error("the case has no attachment {0}")]
    AttachmentNotFound(AttachmentId),
    /// The actor may not make the change.
    #[error(transparent)]
    WrongActor(#[from] WrongActor),
}

/// Result of a redaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The change. It has no event if the part was redacted before, or for a preview.
    pub outcome: ChangeOutcome,
    /// Later entries that quote the part, which the redaction does not change. Empty for a repeated
    /// request.
    pub quotes: Vec<Quote>,
}

/// Redacts parts of a case for ever: in the conversation, in the history, in search, in notifications
/// that are still to be sent and in stored responses.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// # use engage_application::{Attachments, CaseChanges, CasePorts, CaseRules, SpaceFloor};
/// use engage_application::{CaseCommand, RedactCase};
/// # use engage_attachments::AttachmentContents;
/// use engage_domain::event::{RedactableField, RedactedPart};
/// # use engage_repository::CaseRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// use engage_testkit::builders::{a_case_number, a_change_set, a_staff_member, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # store.commit(a_change_set(an_opened(1), Vec::new())).await?;
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let attachments = Attachments {
/// #     contents: Arc::new(AttachmentContents::in_memory()),
/// #     uploads: store.clone(),
/// #     clock: clock.clone(),
/// #     ids: ids.clone(),
/// #     lifetime: Duration::from_secs(24 * 3600),
/// #     floor: SpaceFloor::default(),
/// # };
/// # let ports = CasePorts::new(store.clone(), store.clone(), clock, ids);
/// # let changes = Arc::new(CaseChanges::new(ports, CaseRules::default()));
/// let redact_case = RedactCase::new(changes, store.clone(), attachments);
/// let jane = a_staff_member("staff-123").to_ref();
/// let command = CaseCommand::by_staff(a_case_number(1), jane);
/// let subject = RedactedPart::Field(RedactableField::Subject);
/// assert_eq!(redact_case.preview(command.clone(), subject).await?.quotes, []);
/// redact_case.execute(command, subject).await?;
///
/// let stored = store.find_case(&a_case_number(1)).await?.expect("the case is stored");
/// assert!(stored.case.facts().subject.as_str().starts_with("Redacted by "));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedactCase {
    changes: Arc<CaseChanges>,
    history: Arc<dyn EventHistory>,
    attachments: Attachments,
}

/// State of a part that is to be redacted.
enum Part {
    /// It was redacted before, when these entries quoted it.
    Redacted(Vec<Quote>),
    /// It is still there.
    Found(Box<FoundPart>),
}

impl Part {
    fn into_quotes(self) -> Vec<Quote> {
        match self {
            Self::Redacted(quotes) => quotes,
            Self::Found(found) => found.redaction.quotes,
        }
    }
}

impl RedactCase {
    /// Creates the use case.
    pub fn new(
        changes: Arc<CaseChanges>,
        history: Arc<dyn EventHistory>,
        attachments: Attachments,
    ) -> Self {
        Self { changes, history, attachments }
    }

    /// Returns what a redaction would, and changes nothing.
    ///
    /// Fails if the case has no such part, or if a precondition does not hold.
    pub async fn preview(
        &self,
        command: CaseCommand,
        part: RedactedPart,
    ) -> Result<Redacted, CaseError<RedactCaseError>> {
        let case = self.changes.read_case(command).await?;
        let quotes = self.find(&case, part).await?.into_quotes();
        Ok(Redacted { outcome: Changed { case, event: None }.into(), quotes })
    }

    /// Redacts a part of a case. A part that was redacted before stays as it is.
    ///
    /// Everything is replaced in one commit. The content of a file is deleted after it, or later by
    /// the cleanup of unused uploads.
    ///
    /// Fails if the case has no such part.
    pub async fn execute(
        &self,
        command: CaseCommand,
        part: RedactedPart,
    ) -> Result<Redacted, CaseError<RedactCaseError>> {
        let outcome = self
            .changes
            .change_prepared(
                command,
                |case, _| self.prepare(case.clone(), part),
                |case, prepared, policies, stamp| {
                    let Some(found) = &prepared.redaction else { return Ok(None) };
                    Ok(Some(case.redact(found.redaction.clone(), policies, stamp)?))
                },
            )
            .await?;
        let quotes = match &outcome {
            ChangeOutcome::Replayed(_) => Vec::new(),
            ChangeOutcome::Changed(changed) => match &changed.event {
                Some(event) => {
                    if let RedactedPart::AttachmentId(file) = part {
                        self.attachments.delete(&[file]).await;
                    }
                    recorded(&event.changes).map(|it| it.quotes.clone()).unwrap_or_default()
                }
                None => self.find(&changed.case, part).await?.into_quotes(),
            },
        };
        Ok(Redacted { outcome, quotes })
    }

    async fn prepare(
        &self,
        case: Case,
        part: RedactedPart,
    ) -> Result<Prepared, CaseError<RedactCaseError>> {
        let redaction = match self.find(&case, part).await? {
            Part::Redacted(_) => None,
            Part::Found(found) => Some(*found),
        };
        Ok(Prepared { redaction, ..Prepared::default() })
    }

    /// Finds a part of a case, with the later entries that quote it.
    async fn find(
        &self,
        case: &Case,
        part: RedactedPart,
    ) -> Result<Part, CaseError<RedactCaseError>> {
        let snapshots = snapshots_of(&*self.history, case).await?;
        if let Some(quotes) = earlier_redaction(&snapshots, part) {
            return Ok(Part::Redacted(quotes));
        }
        let updates = || snapshots.iter().flat_map(|snapshot| &snapshot.data.event.updates);
        let (texts, update, later) = match part {
            RedactedPart::Field(field) => {
                let texts = match field {
                    RedactableField::Message => vec![case.facts().message.to_string()],
                    RedactableField::Subject => subjects(case, &snapshots),
                };
                (texts, None, 0)
            }
            RedactedPart::UpdateId(id) => {
                let place = updates().position(|update| update.id == id);
                let place = place.ok_or(RedactCaseError::UpdateNotFound(id));
                let place = place.map_err(CaseError::Refused)?;
                let update = updates().nth(place).map(|one| (one.id, one.message.clone()));
                let text = update.as_ref().map(|(_, text)| text.to_string());
                (Vec::from_iter(text), update, place + 1)
            }
            RedactedPart::AttachmentId(id) => {
                let named = |(place, update): (usize, &UpdateSnapshot)| {
                    let file = update.attachments.iter().find(|file| file.id == id)?;
                    Some((file.filename.to_string(), (update.id, update.message.clone()), place))
                };
                let found = updates().enumerate().find_map(named);
                let found = found.ok_or(RedactCaseError::AttachmentNotFound(id));
                let (text, update, place) = found.map_err(CaseError::Refused)?;
                (vec![text], Some(update), place + 1)
            }
        };
        let is_quoting = |update: &&UpdateSnapshot| {
            texts.iter().any(|text| quotes(update.message.as_str(), text))
        };
        let quoting = updates().skip(later).filter(is_quoting);
        let quotes =
            quoting.map(|update| Quote { update_id: update.id, at: update.timestamp }).collect();
        let redaction = Redaction { part, quotes };
        Ok(Part::Found(Box::new(FoundPart { redaction, texts, update, snapshots })))
    }
}

fn recorded(changes: &[Change]) -> Option<&Redaction> {
    changes.iter().find_map(Change::redaction)
}

/// Returns the subjects that a case has had. The mark of an earlier redaction is none of them.
fn subjects(case: &Case, snapshots: &[Snapshot]) -> Vec<String> {
    let part = RedactedPart::Field(RedactableField::Subject);
    let is_redaction = |snapshot: &&Snapshot| {
        recorded(&snapshot.data.event.changes).is_some_and(|redaction| redaction.part == part)
    };
    let mark = snapshots.iter().rfind(is_redaction).map(subject_after);
    let mut subjects: Vec<&Subject> = vec![&case.facts().subject];
    for snapshot in snapshots {
        subjects.push(subject_after(snapshot));
        for change in &snapshot.data.event.changes {
            if let Change::Subject { from, to } = change {
                subjects.extend([from, to]);
            }
        }
    }
    let mut texts: Vec<String> = Vec::new();
    for subject in subjects.into_iter().filter(|subject| Some(*subject) != mark) {
        if !texts.iter().any(|text| text == subject.as_str()) {
            texts.push(subject.to_string());
        }
    }
    texts
}

fn subject_after(snapshot: &Snapshot) -> &Subject {
    &snapshot.data.case.case_details.subject
}

/// Returns the quotes of the last redaction of a part, unless the part was written anew after it.
fn earlier_redaction(snapshots: &[Snapshot], part: RedactedPart) -> Option<Vec<Quote>> {
    let is_subject = part == RedactedPart::Field(RedactableField::Subject);
    for snapshot in snapshots.iter().rev() {
        let changes = &snapshot.data.event.changes;
        if let Some(redaction) = recorded(changes).filter(|redaction| redaction.part == part) {
            return Some(redaction.quotes.clone());
        }
        let is_new = |change: &Change| matches!(change, Change::Subject { .. });
        if is_subject && changes.iter().any(is_new) {
            return None;
        }
    }
    None
}
