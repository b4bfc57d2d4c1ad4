use std::convert::Infallible;
use std::sync::Arc;

use engage_domain::OpenRequest;

use crate::{CaseChanges, CaseError, ChangeOptions, Changed};

/// A customer opens a case.
#[derive(Clone)]
pub struct OpenCase {
    changes: Arc<CaseChanges>,
}

impl OpenCase {
    /// Opens cases.
    pub fn new(changes: Arc<CaseChanges>) -> Self {
        Self { changes }
    }

    /// Opens a case under a number of its own, with the messages that announce it.
    pub async fn execute(
        &self,
        request: OpenRequest,
        options: &ChangeOptions,
    ) -> Result<Changed, CaseError<Infallible>> {
        self.changes.open(request, options).await
    }
}
