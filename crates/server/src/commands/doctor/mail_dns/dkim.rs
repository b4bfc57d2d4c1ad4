//! DKIM records: the public keys with which receivers verify that an e-mail is unchanged.

use std::str::FromStr;

use engage_outbound::{DnsResolver, ResolveError};
use thiserror::Error;

use super::super::finding::Finding;
use super::lookup::{texts, unchecked};
use super::tags::Tags;

const SUBJECT: &str = "DKIM";

/// Selectors that common mail servers and providers use.
const USUAL: [&str; 10] =
    ["default", "dkim", "mail", "google", "k1", "k2", "s1", "s2", "selector1", "selector2"];

/// Largest RSA key that is too short, in bytes of its encoding: one of 1,024 bits has 162.
const SHORT_KEY: usize = 200;

/// Name under which a key is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector(String);

#[derive(Debug, Error)]
#[error("must be a selector such as s1, the value of s= in the DKIM-Signature of an e-mail")]
pub(crate) struct SelectorError;

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        let is_label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        let is_one = text.split('.').all(is_label);
        if is_one { Ok(Self(text.to_owned())) } else { Err(SelectorError) }
    }
}

/// A published key.
#[derive(Debug, PartialEq, Eq)]
enum Key {
    Missing,
    Valid,
    /// Withdrawn, by an empty key.
    Revoked,
    Short,
    /// Receivers ignore its result.
    Testing,
    /// Several records, of which receivers choose any.
    Several,
}

impl Key {
    fn of(records: &[String]) -> Self {
        let records = records.iter().map(|record| Tags::parse(record));
        let mut keys = records.filter(|tags| tags.get("p").is_some());
        let Some(tags) = keys.next() else { return Self::Missing };
        if keys.next().is_some() {
            return Self::Several;
        }
        let is_rsa = tags.get("k").is_none_or(|kind| kind.eq_ignore_ascii_case("rsa"));
        let digits = |key: &str| key.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
        match tags.get("p").map_or(0, digits) * 3 / 4 {
            0 => Self::Revoked,
            size if is_rsa && size < SHORT_KEY => Self::Short,
            _ if tags
                .get("t")
                .is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y")) =>
            {
                Self::Testing
            }
            _ => Self::Valid,
        }
    }

    /// Returns what is wrong and what to do, unless the key is valid.
    fn problem(&self, place: &str) -> Option<String> {
        Some(match self {
            Self::Valid => return None,
            Self::Missing => format!(
                "{place} has no key; publish the TXT or CNAME record there that your mail server or \
                 provider shows"
            ),
            Self::Revoked => {
                format!("the key at {place} is revoked (p= is empty); publish a new one")
            }
            Self::Short => format!("the key at {place} is too short; use one of 2048 bits"),
            Self::Testing => {
                format!("the key at {place} is only a test (t=y); remove that once it works")
            }
            Self::Several => format!("{place} has several keys; keep one record"),
        })
    }
}

/// Checks the keys at these selectors, and at usual ones. Nobody can list all selectors of a domain.
pub(super) async fn check(resolver: &DnsResolver, domain: &str, selectors: &[Selector]) -> Finding {
    match look_up(resolver, domain, selectors).await {
        Ok(found) if selectors.is_empty() => judge_usual(domain, &found),
        Ok(found) => judge_named(domain, selectors, &found),
        Err(error) => unchecked(SUBJECT, &error),
    }
}

/// Returns the keys by selector.
async fn look_up<'a>(
    resolver: &DnsResolver,
    domain: &str,
    selectors: &'a [Selector],
) -> Result<Vec<(&'a str, Key)>, ResolveError> {
    let named = selectors.iter().map(|selector| selector.0.as_str());
    let usual = USUAL.into_iter().filter(|usual| selectors.iter().all(|named| named.0 != *usual));
    let mut found = Vec::new();
    for selector in named.chain(usual) {
        let records = texts(resolver, &place(selector, domain)).await?;
        found.push((selector, Key::of(&records)));
    }
    Ok(found)
}

fn place(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// Judges the keys at the selectors that the operator named.
fn judge_named(domain: &str, selectors: &[Selector], found: &[(&str, Key)]) -> Finding {
    let (named, usual) = found.split_at(selectors.len());
    let problems: Vec<_> =
        named.iter().filter_map(|(selector, key)| key.problem(&place(selector, domain))).collect();
    let is_broken = named.iter().any(|(_, key)| *key == Key::Several);
    let others = names(usual.iter().filter(|(_, key)| *key != Key::Missing));
    let others = if others.is_empty() { String::new() } else { format!("; also found: {others}") };
    if problems.is_empty() {
        let told = format!("{domain} has a valid key at {}{others}", names(named.iter()));
        return Finding::ok(SUBJECT, told);
    }
    let told = format!("{}{others}", problems.join("; "));
    if is_broken { Finding::failed(SUBJECT, told) } else { Finding::warning(SUBJECT, told) }
}

/// Judges the keys at usual selectors, of which any may belong to another mail server.
fn judge_usual(domain: &str, found: &[(&str, Key)]) -> Finding {
    let valid = names(found.iter().filter(|(_, key)| *key == Key::Valid));
    if valid.is_empty() {
        let told = format!(
            "no key of {domain} was found, with which receivers verify that an e-mail is unchanged; \
             looked at: {}; others cannot be listed: have your mail server sign e-mails, publish its \
             key, and check that with --dkim-selector (s= in the DKIM-Signature of an e-mail)",
            names(found.iter())
        );
        return Finding::warning(SUBJECT, told);
    }
    let told = format!(
        "{domain} has a key at {valid}, with which receivers can verify e-mails; if your mail server \
         signs with another, check that with --dkim-selector; looked at: {}",
        names(found.iter())
    );
    Finding::ok(SUBJECT, told)
}

fn names<'a>(found: impl Iterator<Item = &'a (&'a str, Key)>) -> String {
    let names: Vec<_> = found.map(|(selector, _)| *selector).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_judged_by_its_record() {
        let long = "A".repeat(392);
        let key = |record: &str| Key::of(&[record.replace("LONG", &long)]);
        assert_eq!(key("v=DKIM1; k=rsa; p=LONG"), Key::Valid);
        assert_eq!(key("p=LONG"), Key::Valid);
        assert_eq!(key("k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), Key::Valid);
        assert_eq!(key(&format!("v=DKIM1; p={}", "A".repeat(216))), Key::Short);
        assert_eq!(key("v=DKIM1; p="), Key::Revoked);
        assert_eq!(key("v=DKIM1; t=s:y; p=LONG"), Key::Testing);
        assert_eq!(key("v=spf1 -all"), Key::Missing);
        assert_eq!(Key::of(&[]), Key::Missing);
        assert_eq!(Key::of(&["p=A".to_owned(), "p=B".to_owned()]), Key::Several);
    }

    #[test]
    fn a_selector_is_one_or_more_labels() {
        for text in ["s1", "my_key-2", "2024.mail"] {
            assert!(text.parse::<Selector>().is_ok(), "{text}");
        }
        for text in ["", ".", "a..b", "a b", "s1;"] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }
}
