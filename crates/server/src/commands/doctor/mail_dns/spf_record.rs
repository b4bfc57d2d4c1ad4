//! SPF records (RFC 7208).

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// A parsed record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SpfRecord {
    pub(super) terms: Vec<Term>,
    /// Consequence for all other senders.
    pub(super) all: Option<Qualifier>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Qualifier {
    Pass,
    Neutral,
    SoftFail,
    Fail,
}

/// A part of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// Senders in this network.
    Network(IpNet),
    /// Senders near the addresses of a domain, or of the domain of the record.
    Addresses(Option<String>, Prefixes),
    /// Senders near the mail servers of a domain, or of the domain of the record.
    Exchangers(Option<String>, Prefixes),
    /// Senders that the record of another domain permits.
    Include(String),
    /// The record of another domain, in place of this one.
    Redirect(String),
    /// A condition on the sender that is not evaluated here.
    Other,
    /// Senders that do not pass by this term.
    NotPassing {
        /// True if evaluating it takes a query.
        costs_a_lookup: bool,
    },
}

impl Term {
    /// Checks whether evaluating the term takes a query, of which a record may cause 10.
    pub(super) fn costs_a_lookup(&self) -> bool {
        match self {
            Self::Network(_) => false,
            Self::NotPassing { costs_a_lookup } => *costs_a_lookup,
            _ => true,
        }
    }
}

/// Lengths of the prefixes that have to be equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefixes {
    v4: u8,
    v6: u8,
}

impl Prefixes {
    fn parse(text: &str) -> Option<Self> {
        let (v4, v6) = match text.split_once("//") {
            Some((v4, v6)) => (v4, Some(v6)),
            None => (text, None),
        };
        let v4 = if v4.is_empty() { Some(32) } else { v4.strip_prefix('/')?.parse().ok() };
        let v6 = v6.map_or(Some(128), |v6| v6.parse().ok());
        let prefixes = Self { v4: v4?, v6: v6? };
        (prefixes.v4 <= 32 && prefixes.v6 <= 128).then_some(prefixes)
    }

    /// Checks whether two addresses have an equal prefix.
    pub(super) fn are_equal(self, one: IpAddr, other: IpAddr) -> bool {
        let network = match one {
            IpAddr::V4(one) => Ipv4Net::new(one, self.v4).map(IpNet::from),
            IpAddr::V6(one) => Ipv6Net::new(one, self.v6).map(IpNet::from),
        };
        network.is_ok_and(|network| network.contains(&other))
    }
}

impl SpfRecord {
    /// Checks whether a text is an SPF record.
    pub(super) fn is_one(text: &str) -> bool {
        text.split(' ').next().is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"))
    }

    /// Parses a record. Fails with a term that is not valid.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self::default();
        let mut redirect = None;
        for word in text.split_whitespace().skip(1) {
            if let Some((name, value)) = modifier(word) {
                if name.eq_ignore_ascii_case("redirect") {
                    redirect = Some(Term::Redirect(value.to_owned()));
                }
                continue;
            }
            let (qualifier, mechanism) = qualified(word);
            if mechanism.eq_ignore_ascii_case("all") {
                // Later terms are never reached.
                record.all = Some(qualifier);
                return Ok(record);
            }
            let term = term(mechanism).ok_or_else(|| word.to_owned())?;
            record.terms.push(match qualifier {
                Qualifier::Pass => term,
                _ => Term::NotPassing { costs_a_lookup: term.costs_a_lookup() },
            });
        }
        record.terms.extend(redirect);
        Ok(record)
    }
}

/// Splits a modifier, such as `redirect=example.com`. A mechanism has a colon or a slash first.
fn modifier(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    (!name.contains([':', '/'])).then_some((name, value))
}

fn qualified(word: &str) -> (Qualifier, &str) {
    for (sign, qualifier) in [
        ('+', Qualifier::Pass),
        ('?', Qualifier::Neutral),
        ('~', Qualifier::SoftFail),
        ('-', Qualifier::Fail),
    ] {
        if let Some(mechanism) = word.strip_prefix(sign) {
            return (qualifier, mechanism);
        }
    }
    (Qualifier::Pass, word)
}

fn term(mechanism: &str) -> Option<Term> {
    let end = mechanism.find([':', '/']).unwrap_or(mechanism.len());
    let (name, rest) = mechanism.split_at(end);
    let value = rest.strip_prefix(':').filter(|value| !value.is_empty());
    match (name.to_ascii_lowercase().as_str(), value) {
        ("ip4", Some(network)) => {
            self::network(network).filter(|n| n.addr().is_ipv4()).map(Term::Network)
        }
        ("ip6", Some(network)) => {
            self::network(network).filter(|n| n.addr().is_ipv6()).map(Term::Network)
        }
        ("include", Some(domain)) => Some(Term::Include(domain.to_owned())),
        ("exists", Some(_)) | ("ptr", _) => Some(Term::Other),
        ("a", _) => with_prefixes(rest).map(|(domain, prefixes)| Term::Addresses(domain, prefixes)),
        ("mx", _) => {
            with_prefixes(rest).map(|(domain, prefixes)| Term::Exchangers(domain, prefixes))
        }
        _ => None,
    }
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Parses `:domain/24//64`, of which each part may be missing.
fn with_prefixes(rest: &str) -> Option<(Option<String>, Prefixes)> {
    let (domain, prefixes) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let domain = match domain.strip_prefix(':') {
        Some("") => return None,
        domain => domain.map(str::to_owned),
    };
    Some((domain, Prefixes::parse(prefixes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<Term> {
        SpfRecord::parse(text).unwrap().terms
    }

    #[test]
    fn a_record_has_terms_and_a_consequence_for_all_others() {
        let text = "v=spf1 ip4:192.0.2.0/24 IP6:2001:db8::1 include:_spf.example -a:x.example/24 \
                    exp=why.example exists:%{i}.example ~all mx";
        let record = SpfRecord::parse(text).unwrap();
        assert_eq!(record.all, Some(Qualifier::SoftFail));
        assert_eq!(
            record.terms,
            [
                Term::Network("192.0.2.0/24".parse().unwrap()),
                Term::Network("2001:db8::1/128".parse().unwrap()),
                Term::Include("_spf.example".to_owned()),
                Term::NotPassing { costs_a_lookup: true },
                Term::Other,
            ]
        );
        assert_eq!(SpfRecord::parse("v=spf1 all").unwrap().all, Some(Qualifier::Pass));
        let redirected = terms("v=spf1 redirect=x.example a");
        let itself = Prefixes { v4: 32, v6: 128 };
        let address = Term::Addresses(None, itself);
        assert_eq!(redirected, [address, Term::Redirect("x.example".to_owned())]);
    }

    #[test]
    fn addresses_are_compared_by_their_prefixes() {
        let [Term::Exchangers(Some(domain), prefixes)] = &terms("v=spf1 mx:x.example/24//64")[..]
        else {
            panic!()
        };
        assert_eq!(domain, "x.example");
        let at = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(prefixes.are_equal(at("192.0.2.1"), at("192.0.2.200")));
        assert!(!prefixes.are_equal(at("192.0.2.1"), at("192.0.3.1")));
        assert!(prefixes.are_equal(at("2001:db8::1"), at("2001:db8::2")));
        assert!(!prefixes.are_equal(at("2001:db8::1"), at("192.0.2.1")));
        let of = |text| terms(text).pop();
        let (v4, v6) = (Prefixes { v4: 24, v6: 128 }, Prefixes { v4: 32, v6: 64 });
        assert_eq!(of("v=spf1 a/24"), Some(Term::Addresses(None, v4)));
        assert_eq!(of("v=spf1 a//64"), Some(Term::Addresses(None, v6)));
    }

    #[test]
    fn a_term_that_is_not_valid_is_reported() {
        for word in ["ip4:x", "ip4:2001:db8::1", "include", "include:", "a:", "a/33", "mx/x", "foo"]
        {
            assert_eq!(SpfRecord::parse(&format!("v=spf1 {word} -all")), Err(word.to_owned()));
        }
    }

    #[test]
    fn other_texts_are_no_records() {
        for (text, is_one) in [
            ("v=spf1", true),
            ("V=SPF1 -all", true),
            ("v=spf10 -all", false),
            ("v=DMARC1; p=none", false),
            ("", false),
        ] {
            assert_eq!(SpfRecord::is_one(text), is_one, "{text}");
        }
    }
}
