use actix_web::{HttpResponse, post, web};
use engage_domain::{CaseNumber, EmailAddress};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::JsonBody;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// A request for an access code.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestCodeRequest {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// E-mail address that the case was opened with.
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

/// The same response whether or not a code was sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestCodeResponse {
    success: bool,
    #[schema(
        example = "If the case was opened with this address, we've sent a code to it. The code \
            works for 15 minutes"
    )]
    message: &'static str,
}

/// An access code received by e-mail.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedeemCodeRequest {
    /// Case number, in upper or lower case.
    #[schema(required, example = "CW-2025-001", nullable = false)]
    case_number: Option<String>,
    /// E-mail address that the case was opened with.
    #[schema(
        required,
        min_length = 1,
        max_length = 254,
        format = "email",
        example = "john@example.com",
        nullable = false
    )]
    email: Option<String>,
    /// Code from the e-mail, in upper or lower case, with or without the hyphen.
    #[schema(required, example = "K7QM-4XPD", nullable = false)]
    code: Option<String>,
}

/// A new access token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RedeemCodeResponse {
    success: bool,
    #[schema(example = "Here is your access token. Earlier ones no longer work")]
    message: &'static str,
    #[schema(example = "CW-2025-001")]
    case_number: String,
    /// Access token of the case. By default it is valid for 90 days.
    #[schema(example = "cat_AAAAAGu9P_EGSESUsmkDXaG9iUmaOOtgE1k9nmX0LDaXyCbDAbNJOw")]
    access_token: String,
}

/// Reads the case number and the e-mail address. A malformed number is treated like that of a
/// missing case, so that the response does not differ.
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

/// Request an access code by e-mail.
///
/// For customers who have lost their access token. If the case was opened with this address, a code
/// is sent there. The code can be exchanged for an access token once, within 15 minutes, and
/// replaces an earlier code. At most one code per minute and five per hour are sent for a case. The
/// response is the same whether or not a code was sent.
#[utoipa::path(
    request_body = RequestCodeRequest,
    responses(
        (status = 200, description = "A code was sent if the details match.", body = RequestCodeResponse),
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
        message: "If the case was opened with this address, we've sent a code to it. The code \
            works for 15 minutes",
    }))
}

/// Exchange an access code for an access token.
///
/// The new token replaces all earlier access tokens of the case, including the links in e-mails. A
/// code allows five attempts. The response does not say why an attempt failed.
#[utoipa::path(
    request_body = RedeemCodeRequest,
    responses(
        (status = 200, description = "The new access token.", body = RedeemCodeResponse),
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
        message: "Here is your access token. Earlier ones no longer work",
        case_number,
        access_token: token.expose().to_owned(),
    }))
}
