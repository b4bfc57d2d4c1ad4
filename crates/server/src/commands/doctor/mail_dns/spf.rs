//! SPF: the servers that may send e-mail for a domain.

use std::collections::HashSet;
use std::net::IpAddr;

use engage_outbound::{DnsResolver, ResolveError};

use super::super::finding::Finding;
use super::lookup::{texts, unchecked};
use super::spf_record::{Prefixes, Qualifier, SpfRecord, Term};

const SUBJECT: &str = "SPF";

/// Number of queries that a record may cause (RFC 7208, section 4.6.4).
const MOST_LOOKUPS: usize = 10;

/// Number of queries after which the rest of a record is not evaluated.
const ENOUGH_LOOKUPS: usize = 3 * MOST_LOOKUPS;

/// Checks the record of a domain, and whether it permits the mail server.
pub(super) async fn check(
    resolver: &DnsResolver,
    domain: &str,
    mail_server: Option<&str>,
) -> Finding {
    let record = match record_of(resolver, domain).await {
        Ok(record) => record,
        Err(Trouble::Missing) => return Finding::warning(SUBJECT, missing(domain)),
        Err(Trouble::Unknown(error)) => return unchecked(SUBJECT, &error),
        Err(trouble) => return Finding::failed(SUBJECT, broken(domain, &trouble)),
    };
    let all = record.all;
    let mut walk = Walk::new(resolver, mail_server).await;
    walk.follow(domain, record).await;
    judge(domain, all, mail_server, &walk)
}

/// Reason why a domain has no usable record.
#[derive(Debug)]
enum Trouble {
    Missing,
    Several(usize),
    /// A term that is not valid.
    Malformed(String),
    Unknown(ResolveError),
}

async fn record_of(resolver: &DnsResolver, domain: &str) -> Result<SpfRecord, Trouble> {
    let mut records = texts(resolver, domain).await.map_err(Trouble::Unknown)?;
    records.retain(|text| SpfRecord::is_one(text));
    match &records[..] {
        [] => Err(Trouble::Missing),
        [record] => SpfRecord::parse(record).map_err(Trouble::Malformed),
        several => Err(Trouble::Several(several.len())),
    }
}

fn missing(domain: &str) -> String {
    format!(
        "{domain} has no SPF record, which lists the servers that may send its e-mail, so receivers \
         take many e-mails for spam; publish a TXT record at {domain}, such as: v=spf1 \
         include:DOMAIN-OF-YOUR-PROVIDER ~all"
    )
}

fn broken(domain: &str, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Several(count) => format!(
            "{domain} has {count} SPF records, so receivers ignore them all; merge them into one TXT \
             record"
        ),
        Trouble::Malformed(term) => format!(
            "the SPF record of {domain} cannot be understood at {term}, so receivers ignore it; \
             correct the TXT record"
        ),
        Trouble::Missing | Trouble::Unknown(_) => {
            format!("{domain} has no SPF record")
        }
    }
}

/// A walk through a record and those that it includes.
struct Walk<'a> {
    resolver: &'a DnsResolver,
    /// Addresses of the mail server, if they are known.
    servers: Vec<IpAddr>,
    lookups: usize,
    includes: Vec<String>,
    /// True if the record permits the mail server.
    permits: bool,
    /// Included record that makes the whole record invalid.
    broken: Option<String>,
    /// Included record that could not be looked up.
    unknown: Option<ResolveError>,
}

impl<'a> Walk<'a> {
    async fn new(resolver: &'a DnsResolver, mail_server: Option<&str>) -> Self {
        let servers = match mail_server {
            Some(host) => resolver.addresses(host).await.unwrap_or_default(),
            None => Vec::new(),
        };
        Self {
            resolver,
            servers,
            lookups: 0,
            includes: Vec::new(),
            permits: false,
            broken: None,
            unknown: None,
        }
    }

    async fn follow(&mut self, domain: &str, record: SpfRecord) {
        let mut seen = HashSet::from([domain.to_owned()]);
        let mut pending = vec![(domain.to_owned(), record)];
        while let Some((domain, record)) = pending.pop() {
            for term in record.terms {
                self.lookups += usize::from(term.costs_a_lookup());
                if self.lookups > ENOUGH_LOOKUPS {
                    return;
                }
                let (Term::Include(target) | Term::Redirect(target)) = &term else {
                    self.permits |= self.is_permitted_by(&domain, &term).await;
                    continue;
                };
                self.includes.push(target.clone());
                // A macro depends on the sender.
                if !target.contains('%') && seen.insert(target.clone()) {
                    pending
                        .extend(self.included(target).await.map(|record| (target.clone(), record)));
                }
            }
        }
    }

    /// Returns an included record. Notes the trouble if there is none.
    async fn included(&mut self, target: &str) -> Option<SpfRecord> {
        match record_of(self.resolver, target).await {
            Ok(record) => return Some(record),
            Err(Trouble::Unknown(error)) => self.unknown = Some(error),
            Err(trouble) => self.broken = Some(broken(target, &trouble)),
        }
        None
    }

    async fn is_permitted_by(&self, domain: &str, term: &Term) -> bool {
        match term {
            Term::Network(network) => {
                self.servers.iter().any(|server| network.contains(&server.to_canonical()))
            }
            Term::Addresses(of, prefixes) => {
                self.is_near(of.as_deref().unwrap_or(domain), *prefixes).await
            }
            Term::Exchangers(of, prefixes) => {
                let of = of.as_deref().unwrap_or(domain);
                let exchangers = self.resolver.mail_exchangers(of).await.unwrap_or_default();
                for exchanger in exchangers.iter().take(MOST_LOOKUPS) {
                    if self.is_near(&exchanger.host, *prefixes).await {
                        return true;
                    }
                }
                false
            }
            Term::Include(_) | Term::Redirect(_) | Term::Other | Term::NotPassing { .. } => false,
        }
    }

    /// Checks whether a host has an address near one of the mail server's.
    async fn is_near(&self, host: &str, prefixes: Prefixes) -> bool {
        if self.servers.is_empty() || host.is_empty() || host.contains('%') {
            return false;
        }
        let addresses = self.resolver.addresses(&format!("{host}.")).await.unwrap_or_default();
        let mut pairs =
            addresses.iter().flat_map(|one| self.servers.iter().map(move |other| (*one, *other)));
        pairs.any(|(one, other)| prefixes.are_equal(one, other))
    }
}

fn judge(
    domain: &str,
    all: Option<Qualifier>,
    mail_server: Option<&str>,
    walk: &Walk<'_>,
) -> Finding {
    if let Some(broken) = &walk.broken {
        let told = format!("the SPF record of {domain} is broken by what it includes: {broken}");
        return Finding::failed(SUBJECT, told);
    }
    let mut problems = Vec::new();
    if walk.lookups > MOST_LOOKUPS {
        problems.push(format!(
            "it causes {} queries and only {MOST_LOOKUPS} are allowed, so receivers ignore it; remove \
             some of: {}",
            walk.lookups,
            walk.includes.join(", ")
        ));
    }
    problems.extend(of_all(all, walk).map(str::to_owned));
    problems.extend(
        walk.unknown.as_ref().map(|error| format!("a part of it could not be checked: {error}")),
    );
    let coverage = coverage(mail_server, walk);
    if problems.is_empty() {
        let includes = match &walk.includes[..] {
            [] => String::new(),
            includes => format!(", including those of {}", includes.join(", ")),
        };
        let told = format!(
            "{domain} has one SPF record, which lists the servers that may send its e-mail{includes}; \
             {coverage}"
        );
        return Finding::ok(SUBJECT, told);
    }
    let told = format!("the SPF record of {domain}: {}; {coverage}", problems.join("; "));
    Finding::warning(SUBJECT, told)
}

/// Returns the problem with the end of a record.
fn of_all(all: Option<Qualifier>, walk: &Walk<'_>) -> Option<&'static str> {
    match all {
        Some(Qualifier::Pass) => {
            Some("it ends with +all, so everyone may send e-mail in your name; write ~all or -all")
        }
        Some(Qualifier::Neutral) => {
            Some("it ends with ?all, so it says nothing about forged e-mails; write ~all or -all")
        }
        Some(Qualifier::SoftFail | Qualifier::Fail) => None,
        // The included record may have an end.
        None if !walk.includes.is_empty() => None,
        None => Some("it has no end, so it says nothing about forged e-mails; add ~all"),
    }
}

/// Says whether the record permits the mail server of the settings, as far as can be known.
fn coverage(mail_server: Option<&str>, walk: &Walk<'_>) -> String {
    let Some(host) = mail_server else {
        return "no mail server is set (email.url), so it was not compared".to_owned();
    };
    let is_near = |server: &IpAddr| match server.to_canonical() {
        IpAddr::V4(server) => server.is_private() || server.is_loopback() || server.is_link_local(),
        IpAddr::V6(server) => server.is_unique_local() || server.is_loopback(),
    };
    let is_related = walk.includes.iter().any(|include| owner(include) == owner(host));
    if walk.permits {
        format!("it permits the mail server {host}")
    } else if is_related && host.parse::<IpAddr>().is_err() {
        format!("it includes a record of {}, to which the mail server {host} belongs", owner(host))
    } else if walk.servers.is_empty() {
        format!("the mail server {host} could not be resolved, so it was not compared")
    } else if walk.servers.iter().all(is_near) {
        format!(
            "the mail server {host} is in your network, so make sure that the record permits the \
             address from which it reaches others"
        )
    } else {
        format!(
            "it does not name the address of the mail server {host}, which may send from others; ask \
             its operator what to include"
        )
    }
}

/// Returns the last two labels of a name, which usually belong to one owner.
fn owner(name: &str) -> String {
    let labels: Vec<_> = name.trim_end_matches('.').rsplit('.').take(2).collect();
    let labels: Vec<_> = labels.into_iter().rev().collect();
    labels.join(".").to_ascii_lowercase()
}
