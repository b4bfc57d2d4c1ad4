use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::{AttachmentId, CaseNumber};
use engage_repository::CaseRepository;

use crate::{Attachments, CaseError, CustomerAuthorizer, Download, Proof};

/// Opens the files of a case for its customer.
#[derive(Clone)]
pub struct DownloadAttachment {
    cases: Arc<dyn CaseRepository>,
    authorizer: CustomerAuthorizer,
    attachments: Attachments,
}

impl DownloadAttachment {
    /// Creates the use case.
    pub fn new(
        cases: Arc<dyn CaseRepository>,
        authorizer: CustomerAuthorizer,
        attachments: Attachments,
    ) -> Self {
        Self { cases, authorizer, attachments }
    }

    /// Opens a file of a public update. Returns `None` if the case has no such file.
    pub async fn execute(
        &self,
        number: &CaseNumber,
        proof: &Proof,
        file: AttachmentId,
    ) -> Result<Option<Download>, CaseError<Infallible>> {
        let find = async { Ok(self.cases.find_case(number).await?) };
        self.authorizer.authorize(number, proof, find).await?;
        Ok(self.attachments.open_public(number, file).await?)
    }
}
