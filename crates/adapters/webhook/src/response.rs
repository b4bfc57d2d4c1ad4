//! What an endpoint's answer means.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use engage_domain::Timestamp;
use engage_notifier::NotifyError;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};

/// How much of a body is read: enough for any polite one, so that the connection can be used again.
const READ_AT_MOST: usize = 64 * 1024;

/// How long an endpoint may ask to be left alone.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Whether the head of an answer, received at `now`, says that the message was accepted.
pub(crate) fn judge(
    status: StatusCode,
    headers: &HeaderMap,
    now: Timestamp,
) -> Result<(), NotifyError> {
    if status.is_success() {
        return Ok(());
    }
    let reason = reason(status);
    let retry_after = retry_after(headers, now);
    Err(match status {
        StatusCode::GONE => NotifyError::Unwanted { reason },
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => NotifyError::Overloaded { reason, retry_after },
        _ => NotifyError::Transient { reason, retry_after },
    })
}

fn reason(status: StatusCode) -> String {
    let (code, meaning) = (status.as_str(), status.canonical_reason());
    let answer = match meaning {
        Some(meaning) => format!("the endpoint answered {code} {meaning}"),
        None => format!("the endpoint answered {code}"),
    };
    if status.is_redirection() { format!("{answer}: no redirect is followed") } else { answer }
}

/// How long the other side asks to wait, from seconds or a date (RFC 9110, section 10.2.3); no time
/// at all where the date is over.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than any number has ask for longer than is waited.
        let seconds = value.parse().map_or(LONGEST_WAIT, Duration::from_secs);
        return Some(seconds.min(LONGEST_WAIT));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(system_time(now)).unwrap_or_default().min(LONGEST_WAIT))
}

fn system_time(instant: Timestamp) -> SystemTime {
    let since_1970 = u64::try_from(instant.as_millis()).unwrap_or(0);
    UNIX_EPOCH + Duration::from_millis(since_1970)
}

/// Reads a body to its end, or as far as it is worth it, and drops it.
pub(crate) async fn read_and_drop(mut answer: Response) -> reqwest::Result<()> {
    let mut length = 0;
    while let Some(chunk) = answer.chunk().await? {
        length += chunk.len();
        if length >= READ_AT_MOST {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2025-01-27T10:00:00Z".parse().unwrap()
    }

    fn judge_code(code: u16) -> Result<(), NotifyError> {
        judge(StatusCode::from_u16(code).unwrap(), &HeaderMap::new(), now())
    }

    fn wait(value: &str) -> Option<Duration> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
        retry_after(&headers, now())
    }

    #[test]
    fn every_success_is_one() {
        for code in [200, 201, 202, 204, 299] {
            assert_eq!(judge_code(code), Ok(()), "{code}");
        }
    }

    #[test]
    fn an_endpoint_that_is_gone_wants_no_message_any_more() {
        let reason = "the endpoint answered 410 Gone".to_owned();
        assert_eq!(judge_code(410), Err(NotifyError::Unwanted { reason }));
    }

    #[test]
    fn an_endpoint_that_is_overloaded_gets_fewer_messages() {
        for code in [429, 502, 503, 504] {
            let outcome = judge_code(code);
            assert!(matches!(outcome, Err(NotifyError::Overloaded { .. })), "{code}: {outcome:?}");
        }
    }

    #[test]
    fn everything_else_may_pass() {
        for (code, reason) in [
            (101, "the endpoint answered 101 Switching Protocols"),
            (301, "the endpoint answered 301 Moved Permanently: no redirect is followed"),
            (304, "the endpoint answered 304 Not Modified: no redirect is followed"),
            (400, "the endpoint answered 400 Bad Request"),
            (401, "the endpoint answered 401 Unauthorized"),
            (404, "the endpoint answered 404 Not Found"),
            (500, "the endpoint answered 500 Internal Server Error"),
            (599, "the endpoint answered 599"),
            (999, "the endpoint answered 999"),
        ] {
            assert_eq!(judge_code(code), Err(NotifyError::transient(reason)));
        }
    }

    #[test]
    fn how_long_to_wait_is_read_from_seconds_and_from_a_date() {
        assert_eq!(wait("90"), Some(Duration::from_secs(90)));
        assert_eq!(wait("0"), Some(Duration::ZERO));
        assert_eq!(wait("Mon, 27 Jan 2025 10:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(wait("Monday, 27-Jan-25 10:01:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(wait("Mon, 27 Jan 2025 09:00:00 GMT"), Some(Duration::ZERO));
        for long in
            ["86401", "99999999999999999999999", "Thu, 27 Jan 2225 10:01:30 GMT", "4294967296"]
        {
            assert_eq!(wait(long), Some(Duration::from_hours(24)), "{long}");
        }
        for nonsense in ["", "-1", "1.5", "soon", "2025-01-27T10:05:00Z"] {
            assert_eq!(wait(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_wait_goes_with_every_failure_that_may_pass() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "7".parse().unwrap())]);
        let retry_after = Some(Duration::from_secs(7));
        let reason = "the endpoint answered 503 Service Unavailable".to_owned();
        let overloaded = judge(StatusCode::SERVICE_UNAVAILABLE, &headers, now());
        assert_eq!(overloaded, Err(NotifyError::Overloaded { reason, retry_after }));
        let reason = "the endpoint answered 500 Internal Server Error".to_owned();
        let failed = judge(StatusCode::INTERNAL_SERVER_ERROR, &headers, now());
        assert_eq!(failed, Err(NotifyError::Transient { reason, retry_after }));
    }
}
