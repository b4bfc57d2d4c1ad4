use actix_web::{HttpResponse, post, web};
use engage_domain::{CaseNumber, EmailAddress};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// Who wants a code.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestCodeRequest {
    /// The case's number, in any case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// The address that the case was opened with.
    #[schema(
        required,
        min_length = 1,
        max_length = 254,
        format = "email",
        example = "john@example.com",
        nullable = false
    )]
    email: Option<String>,
}

/// A code is on its way, or none is.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestCodeResponse {
    success: bool,
    #[schema(
        example = "If the case was opened with this address, we've sent a code to it; the code works for 15 minutes"
    )]
    message: &'static str,
}

/// A code that came by e-mail.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedeemCodeRequest {
    /// The case's number, in any case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// The address that the case was opened with.
    #[schema(
        required,
        min_length = 1,
        max_length = 254,
        format = "email",
        example = "john@example.com",
        nullable = false
    )]
    email: Option<String>,
    /// The code, in any case, with or without its hyphen.
    #[schema(required, example = "K7QM-4XPD", nullable = false)]
    code: Option<String>,
}

/// Proof of ownership.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedeemCodeResponse {
    success: bool,
    #[schema(example = "Here is your access token; earlier ones no longer work")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Proves that the case is its bearer's, for 90 days unless the desk is set up otherwise.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: String,
}

/// The number and the address in a request. A text that is no number is that of no case, which nobody
/// is told.
fn claimed_case(
    v: &mut Validation,
    number: Option<&str>,
    email: Option<&str>,
) -> Option<(Option<CaseNumber>, EmailAddress)> {
    if number.is_none() {
        v.problem("caseNumber", "is required");
    }
    let email = v.required("email", email);
    number.map(|text| text.parse().ok()).zip(email)
}

/// Ask for a code by e-mail.
///
/// For customers who have no access token. Where the case was opened with the address, a code goes
/// there, by which they get one: it can be used once, for 15 minutes, and ends an earlier one. A case
/// gets at most one a minute and five an hour. The answer is the same in any case.
#[utoipa::path(
    request_body = RequestCodeRequest,
    responses(
        (status = 200, description = "Where they fit, a code is on its way.", body = RequestCodeResponse),
    ),
)]
#[post("/api/support/case/access")]
pub(crate) async fn request_code(
    use_cases: web::Data<CustomerUseCases>,
    body: JsonBody<RequestCodeRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let claimed = claimed_case(&mut v, body.0.case_number.as_deref(), body.0.email.as_deref());
    let (number, email) = v.finish(claimed)?;
    in_time(async move { use_cases.recover_access.request(number.as_ref(), &email).await }).await?;
    Ok(HttpResponse::Ok().json(RequestCodeResponse {
        success: true,
        message: "If the case was opened with this address, we've sent a code to it; the code works \
            for 15 minutes",
    }))
}

/// Get an access token for a code.
///
/// Makes void the access tokens that the case had before, and so the links in e-mails. A code can be
/// tried five times; why one brings no token is not told.
#[utoipa::path(
    request_body = RedeemCodeRequest,
    responses(
        (status = 200, description = "The token.", body = RedeemCodeResponse),
        (status = 401, description = "`ACCESS_CODE_INVALID`.", body = ErrorBody),
    ),
)]
#[post("/api/support/case/access/redeem")]
pub(crate) async fn redeem_code(
    use_cases: web::Data<CustomerUseCases>,
    body: JsonBody<RedeemCodeRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut v = Validation::default();
    let claimed = claimed_case(&mut v, body.0.case_number.as_deref(), body.0.email.as_deref());
    let code = body.0.code;
    if code.is_none() {
        v.problem("code", "is required");
    }
    let ((number, email), code) = v.finish(claimed.zip(code))?;
    let case_number = number.as_ref().map_or_else(String::new, ToString::to_string);
    let token =
        in_time(
            async move { use_cases.recover_access.redeem(number.as_ref(), &email, &code).await },
        )
        .await?;
    Ok(HttpResponse::Ok().json(RedeemCodeResponse {
        success: true,
        message: "Here is your access token; earlier ones no longer work",
        case_number,
        access_token: token.expose().to_owned(),
    }))
}
