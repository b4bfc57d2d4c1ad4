//! A change set as the rows that are written for it.

use engage_repository::{ChangeSet, RepositoryError, SearchWords};

use crate::case_rows::CaseRow;
use crate::history_rows::{AttachmentRow, EscalationRow, EventRow, UpdateRow};
use crate::idempotency_rows::StoredResponseRow;
use crate::notification_rows::NotificationRow;
use crate::search::WordsRow;

/// Everything that one change set writes.
///
/// Made by the callers, of whom there are many, and not by the one thread that writes.
pub(crate) struct ChangeRows {
    /// The version at which the case was read; none where it was just opened.
    pub(crate) base_version: Option<i64>,
    /// The version of the directory by which it was planned.
    pub(crate) directory: Option<i64>,
    pub(crate) case: CaseRow,
    pub(crate) event: EventRow,
    pub(crate) escalation: Option<EscalationRow>,
    pub(crate) updates: Vec<UpdateRow>,
    pub(crate) attachments: Vec<AttachmentRow>,
    /// Words to be found by, where there are any.
    pub(crate) words: Option<WordsRow>,
    pub(crate) messages: Vec<NotificationRow>,
    pub(crate) answer: Option<StoredResponseRow>,
}

impl ChangeRows {
    pub(crate) fn new(change_set: ChangeSet) -> Result<Self, RepositoryError> {
        let words = SearchWords::of_change(&change_set);
        let base_version = change_set.base_version().map(|version| version.get().into());
        let ChangeSet { case, event, snapshot, messages, idempotency, directory, origin } =
            change_set;
        let mut attachments = Vec::new();
        for update in &event.updates {
            for (position, attachment) in (0..).zip(&update.attachments) {
                attachments.push(AttachmentRow::new(update, position, attachment)?);
            }
        }
        let updates = (0..)
            .zip(&event.updates)
            .map(|(position, update)| UpdateRow::new(&event, position, update))
            .collect();
        Ok(Self {
            base_version,
            directory: directory.map(|version| version.0),
            case: CaseRow::new(&case)?,
            escalation: EscalationRow::new(&event),
            updates,
            attachments,
            words: (!words.is_empty()).then(|| WordsRow::from(&words)),
            messages: messages
                .iter()
                .map(|message| NotificationRow::new(&event, message))
                .collect(),
            answer: idempotency.map(|record| StoredResponseRow::new(&event, record)),
            event: EventRow::new(&event, snapshot, origin)?,
        })
    }
}
