use std::sync::Arc;

use engage_domain::{CaseNumber, ReplyError, ReplyRequest};

use crate::attachments::{FileRefusal, count_refused_files};
use crate::{CaseChanges, CaseError, ChangeOptions, Changed, Proof};

/// A customer answers.
#[derive(Clone)]
pub struct ReplyToCase {
    changes: Arc<CaseChanges>,
}

impl ReplyToCase {
    /// Adds customers' answers to cases.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Adds an answer of who shows that they are the case's customer: a case that waited for it goes
    /// on, and one that was resolved lately is reopened.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        request: ReplyRequest,
        proof: &Proof,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<ReplyError>> {
        let outcome = self
            .changes
            .change_for_customer(number, proof, options, |case, policies, stamp| {
                case.reply(request.clone(), policies, stamp).map(Some)
            })
            .await;
        if let Err(CaseError::Refused(ReplyError::FilesTooLarge { .. })) = outcome {
            count_refused_files(FileRefusal::Case);
        }
        outcome
    }
}
