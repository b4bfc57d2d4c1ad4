//! Interprets Twilio's responses.

use std::time::Duration;

use engage_notifier::{NotifyError, Presumption, Refusal};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::reason;
use super::retry_after::retry_after;

/// Maximum number of bytes read from a response body.
const LONGEST_BODY: usize = 64 * 1024;

/// The recipient has opted out (<https://www.twilio.com/docs/api/errors/21610>).
pub(super) const UNSUBSCRIBED: u32 = 21610;

/// Returns the SID of an accepted message, or `None` if the response does not contain it.
///
/// A message with a 2xx status has been accepted. It counts as sent even if the rest of the
/// response is lost, too long or invalid, because another attempt would send the text again.
pub(super) async fn read(response: Response) -> Result<Option<String>, NotifyError> {
    let status = response.status();
    let wait = retry_after(response.headers());
    let body = body(response).await;
    let json = body.and_then(|body| serde_json::from_slice::<Value>(&body).ok());
    if status.is_success() {
        return Ok(json.and_then(|json| json.get("sid")?.as_str().map(reason::one_line)));
    }
    Err(refusal(status, wait, json.as_ref().and_then(ApiError::read)))
}

/// Reads the body. Returns `None` if it is lost or too long.
async fn body(mut response: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > LONGEST_BODY {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// Body of an error response (<https://www.twilio.com/docs/usage/twilios-response>).
struct ApiError {
    code: u32,
    message: String,
}

impl ApiError {
    fn read(json: &Value) -> Option<Self> {
        let code = json.get("code")?;
        // Some compatible services send the code as a string.
        let code = match code {
            Value::String(text) => text.parse().ok()?,
            code => u32::try_from(code.as_u64()?).ok()?,
        };
        let message = json.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Self { code, message })
    }
}

/// Maps an unsuccessful response to an error.
///
/// Status 429 and 5xx mean that the message was not processed. Otherwise the code decides, or the
/// status if there is no code. An unknown code may be about anything. If the next number gets the
/// same code, it is not about the recipient.
fn refusal(
    status: StatusCode,
    retry_after: Option<Duration>,
    error: Option<ApiError>,
) -> NotifyError {
    let code = error.as_ref().map(|error| error.code);
    let reason = match error {
        Some(ApiError { code, message }) => reason::of_code(code, &message),
        None => format!("Twilio responded with status {}", status.as_u16()),
    };
    if status == StatusCode::TOO_MANY_REQUESTS {
        return NotifyError::Overloaded { reason, retry_after };
    }
    if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
        return NotifyError::Unreachable { reason, retry_after };
    }
    match code.and_then(meaning).unwrap_or_else(|| meaning_of_status(status, code.is_some())) {
        Meaning::Refused => NotifyError::Rejected { reason },
        Meaning::Unsubscribed => NotifyError::Unwanted { reason },
        Meaning::SetUpWrong => NotifyError::ChannelDown { reason },
        Meaning::Unknown => NotifyError::Ambiguous(Refusal {
            reason,
            kind: match code {
                Some(code) => format!("code {code}"),
                None => format!("status {}", status.as_u16()),
            },
            depends_on_recipient: true,
            presumption: Presumption::Unknown,
        }),
    }
}

enum Meaning {
    /// This message is not accepted.
    Refused,
    /// No message to this number is accepted.
    Unsubscribed,
    /// No message at all is accepted.
    SetUpWrong,
    /// The cause is unknown.
    Unknown,
}

/// Interprets codes that decide independently of the status
/// (<https://www.twilio.com/docs/api/errors>).
fn meaning(code: u32) -> Option<Meaning> {
    match code {
        // Recipient: invalid number, no permission for the region, no route, not a mobile number.
        21211 | 21408 | 21612 | 21614 => Some(Meaning::Refused),
        UNSUBSCRIBED => Some(Meaning::Unsubscribed),
        // Account: wrong parameters, wrong credentials, inactive (for example, out of funds), no
        // access, test credentials, not found.
        20001 | 20002 | 20003 | 20005 | 20006 | 20008 | 20404
        // Sender: invalid number, no number at all, a number that cannot send (including the codes
        // that Twilio has split off from 21606), one with too many queued messages.
        | 21212 | 21601 | 21603 | 21606 | 21607 | 21611 | 21659 | 21660 | 21661
        // Messaging service: missing, unknown SID, without a sender.
        | 21701 | 21703 | 21704 | 21705
        // URL for status callbacks.
        | 21609
        // Account again: queue full, suspended, sender not registered.
        | 30001 | 30002 | 30034 => Some(Meaning::SetUpWrong),
        _ => None,
    }
}

fn meaning_of_status(status: StatusCode, has_code: bool) -> Meaning {
    // A redirect means that the configured URL is not that of the API. So does a status of a
    // missing resource, as the path contains nothing but the account. With a code, the response
    // comes from the API.
    let is_elsewhere = status.is_redirection()
        || matches!(
            status,
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
        ) && !has_code;
    let is_refused = matches!(
        status,
        StatusCode::UNAUTHORIZED
            | StatusCode::PROXY_AUTHENTICATION_REQUIRED
            | StatusCode::PAYMENT_REQUIRED
    );
    if is_elsewhere || is_refused { Meaning::SetUpWrong } else { Meaning::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classify(status: u16, code: Option<u32>) -> NotifyError {
        let error = code.map(|code| ApiError { code, message: "Said so.".to_owned() });
        refusal(StatusCode::from_u16(status).unwrap(), Some(Duration::from_secs(7)), error)
    }

    #[test]
    fn too_many_requests_slow_the_channel_down_regardless_of_the_code() {
        let retry_after = Some(Duration::from_secs(7));
        for (code, reason) in [
            (Some(20429), "Twilio's error 20429: Said so."),
            (Some(20003), "Twilio's error 20003: Said so."),
            (None, "Twilio responded with status 429"),
        ] {
            let reason = reason.to_owned();
            assert_eq!(classify(429, code), NotifyError::Overloaded { reason, retry_after });
        }
    }

    #[test]
    fn server_failures_are_temporary_regardless_of_the_code() {
        let retry_after = Some(Duration::from_secs(7));
        for (status, code) in [
            (500, None),
            (500, Some(20500)),
            (502, None),
            (503, Some(21211)),
            (504, None),
            (408, None),
        ] {
            let outcome = classify(status, code);
            let NotifyError::Unreachable { retry_after: wait, .. } = outcome else {
                panic!("{status} {code:?}: {outcome:?}");
            };
            assert_eq!(wait, retry_after);
        }
    }

    #[test]
    fn a_recipient_that_cannot_be_texted_ends_the_message() {
        for status in [400, 401, 403, 404] {
            for code in [21211, 21408, 21612, 21614] {
                let outcome = classify(status, Some(code));
                assert!(matches!(outcome, NotifyError::Rejected { .. }), "{code}: {outcome:?}");
            }
        }
    }

    #[test]
    fn a_recipient_who_opted_out_is_unwanted() {
        for status in [400, 403] {
            let outcome = classify(status, Some(21610));
            assert!(matches!(outcome, NotifyError::Unwanted { .. }), "{outcome:?}");
        }
    }

    #[test]
    fn a_wrong_account_sender_or_callback_stops_the_channel() {
        for code in [
            20001, 20002, 20003, 20005, 20006, 20008, 20404, 21212, 21601, 21603, 21606, 21607,
            21609, 21611, 21659, 21660, 21661, 21701, 21703, 21704, 21705, 30001, 30002, 30034,
        ] {
            let outcome = classify(400, Some(code));
            assert!(matches!(outcome, NotifyError::ChannelDown { .. }), "{code}: {outcome:?}");
        }
    }

    #[test]
    fn without_a_code_the_status_decides() {
        for status in [301, 302, 307, 308, 401, 402, 403, 404, 405, 407] {
            let outcome = classify(status, None);
            assert!(matches!(outcome, NotifyError::ChannelDown { .. }), "{status}: {outcome:?}");
        }
    }

    #[test]
    fn unknown_codes_and_statuses_are_ambiguous() {
        let codes = [(Some(99_999), "code 99999"), (Some(21602), "code 21602")];
        for (status, code, kind) in [400, 403, 404, 410, 422]
            .into_iter()
            .flat_map(|status| codes.map(|(code, kind)| (status, code, kind.to_owned())))
            .chain([400, 406, 413, 451].map(|status| (status, None, format!("status {status}"))))
        {
            let NotifyError::Ambiguous(refusal) = classify(status, code) else {
                panic!("{status} {code:?}");
            };
            assert_eq!(refusal.kind, kind);
            assert_eq!(refusal.presumption, Presumption::Unknown);
            assert!(refusal.depends_on_recipient);
        }
    }

    #[test]
    fn a_code_is_parsed_from_a_number_and_from_a_string() {
        let code = |json: &str| {
            ApiError::read(&serde_json::from_str(json).unwrap()).map(|error| error.code)
        };
        assert_eq!(code(r#"{"code": 21211, "message": null}"#), Some(21211));
        assert_eq!(code(r#"{"code": "21211", "message": 5}"#), Some(21211));
        for json in
            ["{}", "[]", "null", r#"{"code": -1}"#, r#"{"code": null}"#, r#"{"code": 1e99}"#]
        {
            assert_eq!(code(json), None, "{json}");
        }
    }
}
