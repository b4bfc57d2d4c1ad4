use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// Maximum delay that is honoured.
const LONGEST: Duration = Duration::from_hours(24);

/// Returns the delay in `Retry-After` (RFC 9110, section 10.2.3), given in seconds or as a date: at
/// most 24 h, or `None` if it cannot be parsed.
///
/// A date is compared with the response's own `Date`, so that this machine's clock does not matter.
/// Without a `Date`, it is ignored.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text_of(headers, &RETRY_AFTER)?;
    let wait = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // A number with too many digits is a long delay, too.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let now = httpdate::parse_http_date(text_of(headers, &DATE)?).ok()?;
        // A date in the past means no delay.
        until.duration_since(now).unwrap_or(Duration::ZERO)
    };
    Some(wait.min(LONGEST))
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(date: Option<&str>, retry_after_header: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after_header.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_counted_up_to_a_day() {
        for (text, seconds) in [
            ("0", 0),
            ("30", 30),
            (" 30 ", 30),
            ("86400", 86_400),
            ("86401", 86_400),
            ("99999999999999999999999", 86_400),
        ] {
            assert_eq!(wait(None, text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn a_date_is_relative_to_that_of_the_response() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
            ("Sunday, 06-Nov-94 08:50:07 GMT", 30),
            ("Sun Nov  6 08:50:07 1994", 30),
            ("Sun, 06 Nov 1994 08:49:07 GMT", 0),
            ("Wed, 09 Nov 1994 08:49:37 GMT", 86_400),
        ] {
            assert_eq!(wait(date, text), Some(seconds), "{text}");
        }
        assert_eq!(wait(None, "Sun, 06 Nov 1994 08:50:07 GMT"), None);
    }

    #[test]
    fn invalid_values_are_ignored() {
        for text in ["", "soon", "-1", "1.5", "30 s"] {
            assert_eq!(wait(Some("Sun, 06 Nov 1994 08:49:37 GMT"), text), None, "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
