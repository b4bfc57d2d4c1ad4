//! Encodings of the lists of an endpoint that stores hold in a single column.

use std::str::FromStr;

use engage_domain::Timestamp;
use engage_domain::webhook::{HeaderName, HeaderValue, WebhookHeaders, WebhookSecret};

/// Length of an encoded secret in bytes, with its expiry in milliseconds since 1970.
const RECORD: usize = 32 + 8;

/// Encodes superseded secrets, each as 32 bytes followed by its expiry in milliseconds since 1970
/// as 8 bytes in big-endian order.
#[must_use]
pub fn secrets_octets<'a>(
    secrets: impl IntoIterator<Item = &'a (WebhookSecret, Timestamp)>,
) -> Vec<u8> {
    let octets = secrets.into_iter().flat_map(|(secret, until)| {
        secret.as_bytes().iter().copied().chain(until.as_millis().to_be_bytes())
    });
    octets.collect()
}

/// Decodes superseded secrets. Returns `None` if the bytes are malformed because something other
/// than Engage modified the table.
#[must_use]
pub fn read_secrets(octets: &[u8]) -> Option<Vec<(WebhookSecret, Timestamp)>> {
    let read = |record: &[u8]| {
        let (secret, until) = record.split_first_chunk::<32>()?;
        let until = i64::from_be_bytes(until.try_into().ok()?);
        Some((WebhookSecret::from_bytes(*secret), Timestamp::from_millis(until)))
    };
    octets.chunks(RECORD).map(read).collect()
}

/// Encodes headers as `name:value`, one per line. Neither part can contain a line feed, and a name
/// cannot contain a colon.
#[must_use]
pub fn headers_text(headers: &WebhookHeaders) -> String {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{}:{}\n", name.as_str(), value.expose())
    };
    headers.iter().map(line).collect()
}

/// Decodes headers. Returns `None` if a line is not a valid header because something other than
/// Engage modified the table.
#[must_use]
pub fn read_headers(text: &str) -> Option<WebhookHeaders> {
    let mut headers = WebhookHeaders::default();
    for line in text.lines() {
        let (name, value) = line.split_once(':')?;
        headers.set(name.parse().ok()?, value.parse().ok()?).ok()?;
    }
    Some(headers)
}

/// Decodes a comma-separated list of event types or subtypes. Names that only a newer version of Engage
/// knows are skipped.
pub fn known_names<T: FromStr>(text: &str) -> impl Iterator<Item = T> {
    text.split(',').filter_map(|name| name.parse().ok())
}

#[cfg(test)]
mod tests {
    use engage_domain::EventType;
    use engage_domain::event::EventSubtype;

    use super::*;

    #[test]
    fn secrets_survive_a_round_trip() {
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
    fn headers_survive_a_round_trip() {
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
    fn unknown_names_are_skipped() {
        let known: Vec<EventSubtype> = known_names("case.replied,case.rung,case.noted").collect();
        assert_eq!(known, [EventSubtype::Replied, EventSubtype::Noted]);
        assert_eq!(known_names::<EventType>("").next(), None);
    }
}
