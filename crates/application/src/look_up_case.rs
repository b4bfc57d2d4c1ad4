use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::{AttachmentId, CaseNumber};
use engage_repository::{CaseProgress, CaseQueries, UpdatesWanted};

use crate::{Attachments, CaseError, CustomerAuthorizer, Download, Proof};

/// Shows a case to its customer.
#[derive(Clone)]
pub struct LookUpCase {
    queries: Arc<dyn CaseQueries>,
    authorizer: CustomerAuthorizer,
    attachments: Attachments,
}

impl LookUpCase {
    /// Creates the use case.
    pub fn new(
        queries: Arc<dyn CaseQueries>,
        authorizer: CustomerAuthorizer,
        attachments: Attachments,
    ) -> Self {
        Self { queries, authorizer, attachments }
    }

    /// Returns the case as its customer sees it, with a page of its conversation.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        updates: &UpdatesWanted,
    ) -> Result<CaseProgress, CaseError<Infallible>> {
        let find = async { Ok(self.queries.find_case_progress(number, updates).await?) };
        self.authorizer.authorize(number, proof, find).await
    }

    /// Opens a file of a public update. Returns `None` if the case has no such file.
    pub async fn open_file(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        file: AttachmentId,
    ) -> Result<Option<Download>, CaseError<Infallible>> {
        self.execute(number, proof, &UpdatesWanted::LATEST).await?;
        Ok(self.attachments.open_public(number, file).await?)
    }
}
