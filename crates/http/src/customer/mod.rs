//! What customers do, without an account.

pub(crate) mod access;
pub(crate) mod attachment;
pub(crate) mod cancel;
pub(crate) mod escalate;
pub(crate) mod open;
mod proof;
pub(crate) mod reply;
pub(crate) mod status;

use actix_web::web;
use engage_application::Proof;
use engage_domain::CaseNumber;
use engage_repository::UpdatesWanted;

use crate::deadline::in_time;
use crate::error::ApiError;
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// The case number in a request: a problem where it is missing, no case where it has another form.
fn case_number(
    validation: &mut Validation,
    given: Option<&str>,
) -> Option<Result<CaseNumber, ApiError>> {
    let Some(text) = given else {
        validation.problem("caseNumber", "is required");
        return None;
    };
    Some(text.parse().map_err(|_| ApiError::CaseNotFound(text.trim().to_owned())))
}

/// Refuses who does not show that the case is theirs, before anything else is done or told.
async fn admit(
    use_cases: &web::Data<CustomerUseCases>,
    number: &CaseNumber,
    proof: &Proof,
) -> Result<(), ApiError> {
    let (use_cases, number, proof) = (use_cases.clone(), number.clone(), proof.clone());
    in_time(async move {
        use_cases.look_up_case.execute(&number, &proof, &UpdatesWanted::LATEST).await
    })
    .await?;
    Ok(())
}
