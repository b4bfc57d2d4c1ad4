//! DMARC records: what receivers do with e-mails that pass neither SPF nor DKIM.

use engage_outbound::{DnsResolver, ResolveError};

use super::super::finding::Finding;
use super::lookup::{texts, unchecked};
use super::tags::Tags;

const SUBJECT: &str = "DMARC";

/// Checks the record of a domain, or of the nearest domain above it that has one.
pub(super) async fn check(resolver: &DnsResolver, domain: &str) -> Finding {
    match find(resolver, domain).await {
        Ok(Some((place, records))) => judge(domain, &place, &records),
        Ok(None) => Finding::warning(SUBJECT, missing(domain)),
        Err(error) => unchecked(SUBJECT, &error),
    }
}

fn missing(domain: &str) -> String {
    format!(
        "{domain} has no DMARC record, which tells receivers what to do with e-mails that only \
         pretend to be yours, and which large mail providers require; publish a TXT record at \
         _dmarc.{domain}, at first: v=DMARC1; p=none; rua=mailto:postmaster@{domain}"
    )
}

/// Returns the nearest domain with records, and its records. Receivers walk up the tree in the same
/// way.
async fn find(
    resolver: &DnsResolver,
    domain: &str,
) -> Result<Option<(String, Vec<String>)>, ResolveError> {
    let mut place = domain;
    loop {
        let mut records = texts(resolver, &format!("_dmarc.{place}")).await?;
        records.retain(|record| Tags::parse(record).begin_with_version("DMARC1"));
        if !records.is_empty() {
            return Ok(Some((place.to_owned(), records)));
        }
        match place.split_once('.') {
            Some((_, above)) if above.contains('.') => place = above,
            _ => return Ok(None),
        }
    }
}

/// What receivers do with e-mails that fail.
enum Policy {
    None,
    Quarantine,
    Reject,
}

impl Policy {
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "none" => Some(Self::None),
            "quarantine" => Some(Self::Quarantine),
            "reject" => Some(Self::Reject),
            _ => None,
        }
    }
}

fn judge(domain: &str, place: &str, records: &[String]) -> Finding {
    let [record] = records else {
        let told = format!(
            "_dmarc.{place} has {} DMARC records, so receivers ignore them all; keep one of them",
            records.len()
        );
        return Finding::failed(SUBJECT, told);
    };
    let tags = Tags::parse(record);
    let own = tags.get("p");
    let applied = if place == domain { own } else { tags.get("sp").or(own) };
    let Some(policy) = applied.and_then(Policy::parse) else {
        let told = format!(
            "the DMARC record of {place} has no valid policy, so receivers ignore it; write \
             v=DMARC1; p=none (or quarantine, or reject)"
        );
        return Finding::failed(SUBJECT, told);
    };
    let of = if place == domain {
        format!("the policy of {domain}")
    } else {
        format!("{domain} has no DMARC record of its own, so that of {place} applies, whose policy")
    };
    let reports = tags.get("rua").filter(|address| !address.is_empty());
    match (policy, reports) {
        (Policy::Reject, _) => {
            let told =
                format!("{of} is reject: receivers refuse e-mails that pass neither SPF nor DKIM");
            Finding::ok(SUBJECT, told)
        }
        (Policy::Quarantine, _) => {
            let told = format!(
                "{of} is quarantine: e-mails that pass neither SPF nor DKIM are treated as spam"
            );
            Finding::ok(SUBJECT, told)
        }
        (Policy::None, Some(reports)) => {
            let told = format!(
                "{of} is none: receivers only send reports, to {reports}; once they show no failures \
                 of your own e-mails, choose p=quarantine, so that others cannot use your domain"
            );
            Finding::ok(SUBJECT, told)
        }
        (Policy::None, None) => {
            let told = format!(
                "{of} is none, and it names no address for reports, so it has no effect; add \
                 rua=mailto:postmaster@{domain}, and choose p=quarantine later"
            );
            Finding::warning(SUBJECT, told)
        }
    }
}
