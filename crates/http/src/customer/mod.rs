//! Endpoints for customers, who have no account.

pub(crate) mod access;
pub(crate) mod attachment;
pub(crate) mod cancel;
pub(crate) mod escalate;
pub(crate) mod open;
pub(crate) mod participants;
mod proof;
pub(crate) mod reply;
pub(crate) mod status;

use engage_domain::CaseNumber;

use crate::error::ApiError;
use crate::validation::Validation;

/// Reads the case number of a request. A missing number is a problem, a malformed one a missing
/// case.
pub(crate) fn case_number(
    validation: &mut Validation,
    given: Option<&str>,
) -> Option<Result<CaseNumber, ApiError>> {
    let Some(text) = given else {
        validation.problem("caseNumber", "is required");
        return None;
    };
    Some(text.parse().map_err(|_| ApiError::CaseNotFound(text.trim().to_owned())))
}
