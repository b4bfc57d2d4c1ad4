use std::sync::Arc;

use engage_domain::case::ReplyError;
use engage_domain::{Case, CaseNumber, Policies, ReplyRequest};

use crate::attachments::{FileRefusal, count_refused_files};
use crate::{
    Admission, Attachments, CaseChanges, CaseCommand, CaseError, ChangeOptions, ChangeOutcome,
    Proof,
};

/// Adds a customer's reply to a case.
#[derive(Clone)]
pub struct ReplyToCase {
    changes: Arc<CaseChanges>,
    attachments: Attachments,
}

impl ReplyToCase {
    /// Creates the use case.
    pub fn new(changes: Arc<CaseChanges>, attachments: Attachments) -> Self {
        Self { changes, attachments }
    }

    /// Authorizes the customer before any file of the request is stored.
    pub async fn admit(
        &self,
        number: CaseNumber,
        proof: Proof,
    ) -> Result<Admission, CaseError<ReplyError>> {
        self.changes.admit(CaseCommand::by_customer(number, proof)).await
    }

    /// Adds a reply from a verified customer. A waiting case resumes, and a recently resolved one
    /// reopens.
    ///
    /// The stored files of the request are discarded if it is refused or repeated.
    pub async fn execute(
        &self,
        admission: Admission,
        request: ReplyRequest,
        options: ChangeOptions,
    ) -> Result<ChangeOutcome, CaseError<ReplyError>> {
        let reply = |case: &Case, policies: &Policies, stamp| {
            case.reply(request.clone(), policies, stamp).map(Some)
        };
        let outcome = self.changes.change_admitted(admission.with_options(options), reply).await;
        if let Err(CaseError::Refused(ReplyError::FilesTooLarge { .. })) = outcome {
            count_refused_files(FileRefusal::Case);
        }
        self.attachments.discard_unused(&outcome, &request.attachments).await;
        outcome
    }
}
