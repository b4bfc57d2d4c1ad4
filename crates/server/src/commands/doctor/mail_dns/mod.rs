//! Checks of the DNS records that decide whether e-mails arrive: those of the domain of
//! `email.from`.

mod dkim;
mod dmarc;
mod lookup;
mod mx;
mod spf;
mod spf_record;
mod tags;

use super::finding::Finding;
use crate::settings::Settings;

pub(super) use dkim::Selector;

const SUBJECT: &str = "e-mail domain";

/// Top-level domains that only mean something inside a network, or are reserved (RFC 6761, RFC
/// 6762, and ICANN's resolution 2024.07.29.06).
const NOT_PUBLIC: [&str; 6] = ["localhost", "local", "internal", "test", "invalid", "example"];

/// Checks all records. DKIM is also checked at these selectors.
pub(super) async fn check(settings: &Settings, selectors: &[Selector]) -> Vec<Finding> {
    let (sender, resolver) = (&settings.email.from, &settings.network.resolver);
    let domain = sender.domain();
    if !is_public(domain) {
        let told = format!(
            "{domain}, the domain of email.from, is known inside your network at most, so its DNS \
             records were not checked"
        );
        return vec![match settings.email.url {
            None => Finding::ok(SUBJECT, told),
            Some(_) => {
                let told =
                    format!("{told}; use an address of a domain of yours, so that e-mails arrive");
                Finding::warning(SUBJECT, told)
            }
        }];
    }
    let mx = match mx::check(resolver, domain).await {
        Ok(finding) => finding,
        Err(error) => {
            let told = format!("the DNS records of {domain} could not be checked: {error}");
            return vec![Finding::warning(SUBJECT, told)];
        }
    };
    let mail_server = settings.email.url.as_ref().map(|url| url.host());
    vec![
        mx,
        spf::check(resolver, domain, mail_server.as_deref()).await,
        dkim::check(resolver, domain, selectors).await,
        dmarc::check(resolver, domain).await,
    ]
}

/// Checks whether a domain may be known outside this network.
fn is_public(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && !NOT_PUBLIC.contains(&last)
}

#[cfg(test)]
mod tests;
