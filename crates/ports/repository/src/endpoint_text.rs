//! The forms in which stores keep the lists of an endpoint, each in one column.

use engage_domain::{
    EventSubtype, HeaderName, HeaderValue, Timestamp, WebhookHeaders, WebhookSecret,
};

/// Octets of a secret and of the milliseconds since 1970 until which it signs.
const RECORD: usize = 32 + 8;

/// Returns superseded secrets as stores keep them: 32 octets each, and 8 of the milliseconds since 1970
/// until which it signs.
#[must_use]
pub fn secrets_octets<'a>(
    secrets: impl IntoIterator<Item = &'a (WebhookSecret, Timestamp)>,
) -> Vec<u8> {
    let octets = secrets.into_iter().flat_map(|(secret, until)| {
        secret.as_bytes().iter().copied().chain(until.as_millis().to_be_bytes())
    });
    octets.collect()
}

/// Returns the secrets that a store keeps, or nothing if the octets are not those of secrets: the table
/// was changed by something else.
#[must_use]
pub fn read_secrets(octets: &[u8]) -> Option<Vec<(WebhookSecret, Timestamp)>> {
    let read = |record: &[u8]| {
        let (secret, until) = record.split_first_chunk::<32>()?;
        let until = i64::from_be_bytes(until.try_into().ok()?);
        Some((WebhookSecret::from_bytes(*secret), Timestamp::from_millis(until)))
    };
    octets.chunks(RECORD).map(read).collect()
}

/// Returns headers as stores keep them: the name, a colon and the value of each, in a line of its own.
/// Neither has a line feed, and no name a colon.
#[must_use]
pub fn headers_text(headers: &WebhookHeaders) -> String {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{}:{}\n", name.as_str(), value.expose())
    };
    headers.iter().map(line).collect()
}

/// Returns the headers that a store keeps, or nothing if one of the lines is no header: the table was
/// changed by something else.
#[must_use]
pub fn read_headers(text: &str) -> Option<WebhookHeaders> {
    let mut headers = WebhookHeaders::default();
    for line in text.lines() {
        let (name, value) = line.split_once(':')?;
        headers.set(name.parse().ok()?, value.parse().ok()?).ok()?;
    }
    Some(headers)
}

/// Returns the finer kinds that this program knows of those that a store keeps, with commas between;
/// others are left to the program that wrote them.
#[must_use]
pub fn known_subtypes(text: &str) -> Vec<EventSubtype> {
    text.split(',').filter_map(|name| name.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_read_as_they_were_written() {
        let kept = [(1, 1_700_000_000_000), (2, -1)].map(|(octet, until)| {
            (WebhookSecret::from_bytes([octet; 32]), Timestamp::from_millis(until))
        });
        let octets = secrets_octets(&kept);
        assert_eq!(octets.len(), 2 * RECORD);
        let read = read_secrets(&octets).unwrap();
        let plain = |all: &[(WebhookSecret, Timestamp)]| -> Vec<_> {
            all.iter().map(|(secret, until)| (secret.as_bytes().to_vec(), *until)).collect()
        };
        assert_eq!(plain(&read), plain(&kept));
        assert!(read_secrets(&[]).unwrap().is_empty());
        for cut in [1, 31, 32, 39, RECORD + 1] {
            assert!(read_secrets(&octets[..cut]).is_none(), "{cut}");
        }
    }

    #[test]
    fn headers_are_read_as_they_were_written() {
        let mut headers = WebhookHeaders::default();
        for (name, value) in [("Authorization", "Bearer a:b c"), ("x-tenant", "7")] {
            headers.set(name.parse().unwrap(), value.parse().unwrap()).unwrap();
        }
        let text = headers_text(&headers);
        assert_eq!(headers_text(&read_headers(&text).unwrap()), text);
        assert!(read_headers("").unwrap().iter().next().is_none());
        for broken in ["x-tenant", "x y:7", "host:a", "x-tenant:\u{7}"] {
            assert!(read_headers(broken).is_none(), "{broken:?}");
        }
    }

    #[test]
    fn kinds_that_only_a_newer_program_knows_are_left_out() {
        let known: Vec<_> = known_subtypes("case.replied,case.merged,case.noted")
            .into_iter()
            .map(EventSubtype::as_str)
            .collect();
        assert_eq!(known, ["case.replied", "case.noted"]);
        assert!(known_subtypes("").is_empty());
    }
}
