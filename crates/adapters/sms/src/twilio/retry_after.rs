use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// The longest wait that is granted.
const LONGEST: Duration = Duration::from_hours(24);

/// How long an answer asks to wait (RFC 9110, section 10.2.3): seconds, or the time when to come
/// back; at most 24 h. `None` where it says nothing that can be read.
///
/// A time is compared with the answer's own `Date`, so that it does not matter how this machine's
/// clock is set; without a `Date` it says nothing.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text_of(headers, &RETRY_AFTER)?;
    let wait = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a long wait all the same.
        Duration::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let until = httpdate::parse_http_date(text).ok()?;
        let now = httpdate::parse_http_date(text_of(headers, &DATE)?).ok()?;
        // A time that is over asks for no wait.
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
    fn a_time_counts_from_the_answers_own_date() {
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
    fn what_cannot_be_read_asks_for_nothing() {
        for text in ["", "soon", "-1", "1.5", "30 s"] {
            assert_eq!(wait(Some("Sun, 06 Nov 1994 08:49:37 GMT"), text), None, "{text:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
