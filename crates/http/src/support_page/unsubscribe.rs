//! The page on which participants leave a case from their mail program (RFC 8058).
//!
//! Reading it changes nothing, since mail gateways open links. Its button sends what mail programs
//! send by themselves.

use actix_web::http::header;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, get, post};
use engage_application::UnsubscribeToken;

use super::{SupportPage, respond_with};
use crate::body::announced_length;
use crate::change_headers::ChangeHeaders;
use crate::customer::case_number;
use crate::deadline::in_time;
use crate::error::{ApiError, ErrorBody};
use crate::query::Query;
use crate::small_body::read_small_body;
use crate::use_cases::CustomerUseCases;
use crate::validation::Validation;

/// Path of the page.
pub(crate) const PATH: &str = "/support/unsubscribe";

/// Content security policy. It permits the style and the form of the page only.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// Field of the form and its value (RFC 8058, section 3.1).
const FIELD: &str = "List-Unsubscribe";
const ONE_CLICK: &str = "One-Click";

/// Size limit for the body.
const LIMIT: usize = 16 * 1024;

const ACCEPTS: &[&str] = &["application/x-www-form-urlencoded", "multipart/form-data"];

/// Parameters of the link in an e-mail.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[allow(dead_code)] // It only describes.
struct LinkParameters {
    /// Number of the case.
    #[param(example = "CW-2025-001")]
    case_number: String,
    /// Token from the e-mail.
    #[param(example = "cau_AZSgAAAAcACAAAAAAAAAAWRlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn-AgYKDhIWG")]
    token: String,
}

/// Get the page on which a participant leaves a case.
///
/// The link is in the e-mails to participants, for mail programs (`List-Unsubscribe`). The page has a
/// button and changes nothing by itself.
#[utoipa::path(
    params(LinkParameters),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html")),
)]
#[get("/support/unsubscribe")]
pub(crate) async fn unsubscribe_page(page: Data<SupportPage>) -> HttpResponse {
    answer(page.leave.clone())
}

/// Leave a case from a mail program.
///
/// Mail programs send it if their user unsubscribes (`List-Unsubscribe-Post`, RFC 8058), and so does
/// the button of the page. It needs no other proof than the token, which opens nothing else. A
/// repetition has the same response. The form may also be `multipart/form-data`.
#[utoipa::path(
    params(LinkParameters),
    request_body(content_type = "application/x-www-form-urlencoded", content = String),
    responses(
        (status = 200, description = "The participant has left.", body = String, content_type = "text/html"),
        (status = 400, description = "`VALIDATION_ERROR`.", body = ErrorBody),
        (status = 403, description = "`ORIGIN_NOT_ALLOWED`.", body = ErrorBody),
        (status = 404, description = "`CASE_NOT_FOUND`: or the token is not one of the case.", body = ErrorBody),
        (status = 415, description = "`UNSUPPORTED_MEDIA_TYPE`.", body = ErrorBody),
        (status = 429, description = "`RATE_LIMITED`.", body = ErrorBody),
    ),
)]
#[post("/support/unsubscribe")]
pub(crate) async fn unsubscribe(
    request: HttpRequest,
    query: Query,
    change_headers: ChangeHeaders,
    body: Payload,
    use_cases: Data<CustomerUseCases>,
    page: Data<SupportPage>,
) -> Result<HttpResponse, ApiError> {
    if announced_length(request.headers()) > LIMIT as u64 {
        return Err(ApiError::PayloadTooLarge { limit: LIMIT });
    }
    let body = read_small_body(body, LIMIT, || ApiError::RequestTimeout).await?;
    require_form(&request)?;
    let mut v = Validation::default();
    let number = query.one("caseNumber", &mut v).map(str::to_owned);
    let number = case_number(&mut v, number.as_deref());
    let token = query.one("token", &mut v).map(UnsubscribeToken::from);
    if token.is_none() {
        v.problem("token", "is required");
    }
    if !is_one_click(&body) {
        v.problem(FIELD, format!("must be {ONE_CLICK}"));
    }
    let (number, token) = v.finish(number.zip(token))?;
    let number = number?;
    let options = change_headers.unconditional();
    in_time(async move { use_cases.unsubscribe.execute(number, &token, options).await }).await?;
    Ok(answer(page.left.clone()))
}

fn answer(page: actix_web::web::Bytes) -> HttpResponse {
    // With `no-referrer`, browsers would send the form with the origin `null`.
    respond_with("text/html; charset=utf-8", page, POLICY, "same-origin")
}

fn require_form(request: &HttpRequest) -> Result<(), ApiError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let is_accepted = |accepted: &&str| essence.trim().eq_ignore_ascii_case(accepted);
    if ACCEPTS.iter().any(is_accepted) {
        Ok(())
    } else {
        Err(ApiError::UnsupportedMediaType { accepts: ACCEPTS })
    }
}

/// Checks whether a body has the field that tells a deliberate request from others.
fn is_one_click(body: &[u8]) -> bool {
    let mut pairs = form_urlencoded::parse(body);
    // In a multipart form, both are lines of their own part.
    let text = String::from_utf8_lossy(body);
    let part = text.split_once(&format!("name=\"{FIELD}\""));
    pairs.any(|(name, value)| name == FIELD && value == ONE_CLICK)
        || part.is_some_and(|(_, rest)| rest.lines().any(|line| line == ONE_CLICK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_both_kinds_are_accepted() {
        let part = |name: &str, value: &str| {
            format!(
                "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--x--\r\n"
            )
        };
        for (body, is_accepted) in [
            ("List-Unsubscribe=One-Click".to_owned(), true),
            ("a=b&List-Unsubscribe=One-Click".to_owned(), true),
            (part(FIELD, ONE_CLICK), true),
            (String::new(), false),
            ("List-Unsubscribe=".to_owned(), false),
            ("List-Unsubscribe=one".to_owned(), false),
            ("other=One-Click".to_owned(), false),
            (part(FIELD, "other"), false),
            (part("other", ONE_CLICK), false),
        ] {
            assert_eq!(is_one_click(body.as_bytes()), is_accepted, "{body}");
        }
    }
}
