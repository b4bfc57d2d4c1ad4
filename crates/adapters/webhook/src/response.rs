//! Interprets the responses of endpoints.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use engage_domain::Timestamp;
use engage_notifier::NotifyError;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};

/// Maximum number of bytes read from a body. This covers any reasonable response, so that the
/// connection can be reused.
const READ_AT_MOST: usize = 64 * 1024;

/// Maximum delay that `Retry-After` can request.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Decides from the status and the headers of a response, received at `now`, whether the event was
/// accepted.
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
        Some(meaning) => format!("the endpoint returned {code} {meaning}"),
        None => format!("the endpoint returned {code}"),
    };
    if status.is_redirection() { format!("{answer}: redirects are not followed") } else { answer }
}

/// Parses `Retry-After` from seconds or a date (RFC 9110, section 10.2.3). A date in the past gives
/// zero.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number with too many digits exceeds the maximum delay anyway.
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

/// Reads and discards a body, up to a limit.
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
    fn any_2xx_status_is_a_success() {
        for code in [200, 201, 202, 204, 299] {
            assert_eq!(judge_code(code), Ok(()), "{code}");
        }
    }

    #[test]
    fn an_endpoint_that_is_gone_is_unwanted() {
        let reason = "the endpoint returned 410 Gone".to_owned();
        assert_eq!(judge_code(410), Err(NotifyError::Unwanted { reason }));
    }

    #[test]
    fn an_overloaded_endpoint_is_reported_as_such() {
        for code in [429, 502, 503, 504] {
            let outcome = judge_code(code);
            assert!(matches!(outcome, Err(NotifyError::Overloaded { .. })), "{code}: {outcome:?}");
        }
    }

    #[test]
    fn all_other_statuses_are_transient() {
        for (code, reason) in [
            (101, "the endpoint returned 101 Switching Protocols"),
            (301, "the endpoint returned 301 Moved Permanently: redirects are not followed"),
            (304, "the endpoint returned 304 Not Modified: redirects are not followed"),
            (400, "the endpoint returned 400 Bad Request"),
            (401, "the endpoint returned 401 Unauthorized"),
            (404, "the endpoint returned 404 Not Found"),
            (500, "the endpoint returned 500 Internal Server Error"),
            (599, "the endpoint returned 599"),
            (999, "the endpoint returned 999"),
        ] {
            assert_eq!(judge_code(code), Err(NotifyError::transient(reason)));
        }
    }

    #[test]
    fn retry_after_is_parsed_from_seconds_and_from_a_date() {
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
    fn retry_after_applies_to_every_transient_failure() {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "7".parse().unwrap())]);
        let retry_after = Some(Duration::from_secs(7));
        let reason = "the endpoint returned 503 Service Unavailable".to_owned();
        let overloaded = judge(StatusCode::SERVICE_UNAVAILABLE, &headers, now());
        assert_eq!(overloaded, Err(NotifyError::Overloaded { reason, retry_after }));
        let reason = "the endpoint returned 500 Internal Server Error".to_owned();
        let failed = judge(StatusCode::INTERNAL_SERVER_ERROR, &headers, now());
        assert_eq!(failed, Err(NotifyError::Transient { reason, retry_after }));
    }
}
