use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::CaseNumber;
use engage_repository::AccessRepository;

use crate::CaseError;

/// Staff make void what a case's customer could prove their ownership with, such as where a link came
/// into wrong hands.
#[derive(Clone)]
pub struct RotateAccess {
    access: Arc<dyn AccessRepository>,
}

impl RotateAccess {
    /// Rotates what is kept there.
    pub fn new(access: Arc<dyn AccessRepository>) -> Self {
        Self { access }
    }

    /// Makes all access tokens of a case void, and so the links in e-mails that were sent. The next
    /// e-mail has a link that works.
    pub async fn execute(&self, number: &CaseNumber) -> Result<(), CaseError<Infallible>> {
        let rotated = self.access.rotate_access(number).await?;
        rotated.map(drop).ok_or_else(|| CaseError::NotFound(number.clone()))
    }
}
