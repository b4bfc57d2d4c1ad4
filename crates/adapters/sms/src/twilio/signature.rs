//! Verifies that a request comes from Twilio.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::settings::AuthToken;

/// Checks whether a request to this URL with these form parameters was signed with this token,
/// according to <https://www.twilio.com/docs/usage/webhooks/webhooks-security>. The signature is a
/// base64 HMAC-SHA1 of the URL and of each distinct parameter's name and value, in order. It is
/// compared in constant time.
///
/// Twilio signs a URL with or without its port, depending on the component that sends the request.
/// Both are tried, as in Twilio's own libraries.
pub(super) fn verify(
    token: &AuthToken,
    url: &str,
    parameters: &BTreeSet<(String, String)>,
    signature: &str,
) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else {
        return false;
    };
    let is_of = |url: &str| is_signature(token, url, parameters, &signature);
    is_of(url) || other_spelling(url).is_some_and(|url| is_of(&url))
}

fn is_signature(
    token: &AuthToken,
    url: &str,
    parameters: &BTreeSet<(String, String)>,
    signature: &[u8],
) -> bool {
    // HMAC accepts a key of any length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.expose().as_bytes()) else {
        return false;
    };
    mac.update(url.as_bytes());
    for (name, value) in parameters {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    mac.verify_slice(signature).is_ok()
}

/// Returns the URL without its port, or with the scheme's default port if it has none.
fn other_spelling(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    // A colon in brackets belongs to an IPv6 address, and one before an @ to a password.
    let host_at = authority.rfind(['@', ']']).map_or(0, |place| place + 1);
    if let Some(colon) = authority[host_at..].rfind(':') {
        return Some(format!("{scheme}://{}{path}", &authority[..host_at + colon]));
    }
    let port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    Some(format!("{scheme}://{authority}:{port}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    // Example from Twilio's documentation and the tests of Twilio's libraries.
    const PARAMETERS: [(&str, &str); 5] = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ];

    fn check(url: &str, parameters: &[(&str, &str)], signature: &str) -> bool {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters = parameters.iter().map(own).collect();
        verify(&"12345".parse().unwrap(), url, &parameters, signature)
    }

    #[test]
    fn twilios_examples_are_accepted() {
        for (url, signature) in [
            (URL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            // Signed without the port in the URL, and with a port that is not in it.
            ("https://mycompany.com:1234/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            (URL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("http://mycompany.com/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            // With a user and a password.
            (
                "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2",
                "CukzLTc1tT5dXEDIHm/tKBanW10=",
            ),
            ("https://user@mycompany.com/myapp.php?foo=1&bar=2", "2YRLlVAflCqxaNicjMpJcSTgzSs="),
            (
                "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2",
                "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=",
            ),
        ] {
            assert!(check(url, &PARAMETERS, signature), "{url}");
        }
    }

    #[test]
    fn a_duplicate_parameter_counts_once() {
        let parameters = [
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ];
        assert!(check(URL, &parameters, "IK+Dwps556ElfBT0I3Rgjkr1wJU="));
    }

    #[test]
    fn any_difference_invalidates_the_signature() {
        let signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
        assert!(!check("https://mycompany.com/myapp.php?foo=1&bar=3", &PARAMETERS, signature));
        assert!(!check("https://mycompany.com/myapp.php", &PARAMETERS, signature));
        assert!(!check(URL, &PARAMETERS[1..], signature));
        let mut changed = PARAMETERS;
        changed[1].1 = "1235";
        assert!(!check(URL, &changed, signature));
        for other in ["", "FAIL", "RSOYDt4T1cUTdK1PDd93", "SSOYDt4T1cUTdK1PDd93/VVr8B8="] {
            assert!(!check(URL, &PARAMETERS, other), "{other}");
        }
        let (token, none) = ("12346".parse().unwrap(), BTreeSet::new());
        assert!(!verify(&token, URL, &none, signature));
    }

    #[test]
    fn a_port_is_distinguished_from_an_ipv6_address() {
        for (url, other) in [
            ("https://[2001:db8::1]/a", "https://[2001:db8::1]:443/a"),
            ("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]/a"),
            ("http://desk.example?a=b:c", "http://desk.example:80?a=b:c"),
        ] {
            assert_eq!(other_spelling(url).unwrap(), other);
        }
        assert_eq!(other_spelling("no URL"), None);
    }
}
