//! MX records: the servers that accept the replies to e-mails.

use engage_outbound::{DnsResolver, MailExchanger, ResolveError};

use super::super::finding::Finding;

const SUBJECT: &str = "MX";

/// Checks where replies go. Fails if the DNS servers cannot be asked.
pub(super) async fn check(resolver: &DnsResolver, domain: &str) -> Result<Finding, ResolveError> {
    let exchangers = match resolver.mail_exchangers(domain).await {
        Err(ResolveError::NoSuchName { .. }) => {
            return Ok(Finding::warning(SUBJECT, unknown(domain)));
        }
        Err(error) if error.is_temporary() => return Err(error),
        found => found.unwrap_or_default(),
    };
    if exchangers.is_empty() {
        return without_mx(resolver, domain).await;
    }
    if exchangers.iter().any(|exchanger| exchanger.host.is_empty()) {
        let told = format!(
            "{domain} says that it accepts no e-mail (a null MX), so replies and bounces are lost, \
             and many servers reject its e-mails; publish an MX record with your mail server"
        );
        return Ok(Finding::warning(SUBJECT, told));
    }
    let lost = without_address(resolver, &exchangers).await;
    let hosts: Vec<_> = exchangers.into_iter().map(|exchanger| exchanger.host).collect();
    let told = format!("replies to {domain} go to {}", hosts.join(", "));
    if lost.is_empty() {
        return Ok(Finding::ok(SUBJECT, told));
    }
    let lost = lost.join(", ");
    let told = format!(
        "{told}, but these have no address: {lost}; correct the MX record or add an A record"
    );
    Ok(Finding::warning(SUBJECT, told))
}

fn unknown(domain: &str) -> String {
    format!(
        "{domain} does not exist in DNS, so replies bounce and many servers reject its e-mails; \
         check the spelling of email.from"
    )
}

/// Checks a domain without MX records, whose e-mail goes to its address (RFC 5321, section 5.1).
async fn without_mx(resolver: &DnsResolver, domain: &str) -> Result<Finding, ResolveError> {
    match resolver.addresses(&format!("{domain}.")).await {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
            let told = format!(
                "{domain} has no MX record, so replies go to its address, {}; if no mail server \
                 listens there, publish an MX record",
                addresses.join(", ")
            );
            Ok(Finding::ok(SUBJECT, told))
        }
        Err(error) if error.is_temporary() => Err(error),
        Err(_) => {
            let told = format!(
                "{domain} has neither an MX record nor an address, so replies bounce and many servers \
                 reject its e-mails; publish an MX record with your mail server"
            );
            Ok(Finding::warning(SUBJECT, told))
        }
    }
}

/// Returns the servers that certainly have no address.
async fn without_address(resolver: &DnsResolver, exchangers: &[MailExchanger]) -> Vec<String> {
    let mut lost = Vec::new();
    for MailExchanger { host, .. } in exchangers {
        let found = resolver.addresses(&format!("{host}.")).await;
        if found.is_err_and(|error| !error.is_temporary()) {
            lost.push(host.clone());
        }
    }
    lost
}
