use engage_outbound::DnsResolver;
use engage_testkit::dns::DnsServer;

use super::super::finding::Outcome;
use super::*;

const MX: &str = "desk.acme.com MX 10 mail.acme.com\nmail.acme.com A 192.0.2.25\n";

fn resolver(zone: &str) -> (DnsServer, DnsResolver) {
    let server = DnsServer::start(zone);
    let resolver = DnsResolver::with_servers(&[server.address()]);
    (server, resolver)
}

/// Asserts that a finding has this outcome and contains all of these parts.
#[track_caller]
fn assert_finding(finding: &Finding, outcome: Outcome, parts: &[&str]) {
    assert_eq!(finding.outcome, outcome, "{finding:?}");
    for part in parts {
        assert!(finding.line().contains(part), "{part}: {finding:?}");
    }
}

async fn spf(zone: &str, mail_server: Option<&str>) -> Finding {
    spf::check(&resolver(zone).1, "desk.acme.com", mail_server).await
}

async fn dmarc(zone: &str) -> Finding {
    dmarc::check(&resolver(zone).1, "desk.acme.com").await
}

async fn dkim(zone: &str, selectors: &[&str]) -> Finding {
    let selectors: Vec<_> = selectors.iter().map(|text| text.parse().unwrap()).collect();
    dkim::check(&resolver(zone).1, "desk.acme.com", &selectors).await
}

async fn mx(zone: &str) -> Finding {
    mx::check(&resolver(zone).1, "desk.acme.com").await.unwrap()
}

#[tokio::test]
async fn replies_need_a_server_with_an_address() {
    assert_finding(&mx(MX).await, Outcome::Ok, &["replies to desk.acme.com go to mail.acme.com"]);
    let (of_domain, lost) = ("desk.acme.com A 192.0.2.1", "desk.acme.com MX 10 gone.acme.com");
    assert_finding(&mx(of_domain).await, Outcome::Ok, &["no MX record", "192.0.2.1"]);
    assert_finding(&mx(lost).await, Outcome::Warning, &["no address: gone.acme.com"]);
    assert_finding(&mx("desk.acme.com MX 0 .").await, Outcome::Warning, &["accepts no e-mail"]);
    assert_finding(&mx("desk.acme.com TXT x").await, Outcome::Warning, &["neither an MX record"]);
    assert_finding(&mx("x.acme.com TXT x").await, Outcome::Warning, &["does not exist in DNS"]);
}

#[tokio::test]
async fn exactly_one_spf_record_is_required() {
    assert_finding(&spf(MX, None).await, Outcome::Warning, &["no SPF record", "v=spf1 include:"]);
    let one = "desk.acme.com TXT v=spf1 mx -all\ndesk.acme.com TXT something else";
    assert_finding(&spf(one, None).await, Outcome::Ok, &["one SPF record", "was not compared"]);
    let two = "desk.acme.com TXT v=spf1 mx -all\ndesk.acme.com TXT v=spf1 a ~all";
    assert_finding(&spf(two, None).await, Outcome::Failed, &["2 SPF records", "merge"]);
    let malformed = "desk.acme.com TXT v=spf1 ipv4:192.0.2.1 -all";
    assert_finding(&spf(malformed, None).await, Outcome::Failed, &["ipv4:192.0.2.1"]);
}

#[tokio::test]
async fn an_spf_record_that_permits_everyone_is_a_warning() {
    for (end, told) in
        [("+all", "everyone may send"), ("all", "+all"), ("?all", "?all"), ("", "no end")]
    {
        let zone = format!("desk.acme.com TXT v=spf1 ip4:192.0.2.25 {end}");
        assert_finding(&spf(&zone, None).await, Outcome::Warning, &[told]);
    }
}

#[tokio::test]
async fn included_spf_records_have_to_exist() {
    let include = "desk.acme.com TXT v=spf1 include:_spf.provider.net -all\n";
    let told = ["broken by what it includes", "_spf.provider.net has no SPF record"];
    assert_finding(&spf(include, None).await, Outcome::Failed, &told);
    let silent = format!("{include}_spf.provider.net SERVFAIL");
    assert_finding(&spf(&silent, None).await, Outcome::Warning, &["could not be checked"]);
    let circle = format!("{include}_spf.provider.net TXT v=spf1 include:desk.acme.com -all");
    assert_finding(&spf(&circle, None).await, Outcome::Ok, &["_spf.provider.net"]);
}

#[tokio::test]
async fn more_than_ten_spf_lookups_are_a_warning() {
    let including = |count: usize| {
        let includes: Vec<_> = (0..count).map(|i| format!("include:s{i}.acme.com")).collect();
        let record = format!("desk.acme.com TXT v=spf1 {} -all", includes.join(" "));
        let records = (0..count).map(|i| format!("s{i}.acme.com TXT v=spf1 ip4:192.0.2.{i} -all"));
        records.chain([record]).collect::<Vec<_>>().join("\n")
    };
    assert_finding(&spf(&including(10), None).await, Outcome::Ok, &["including those of s0"]);
    assert_finding(&spf(&including(11), None).await, Outcome::Warning, &["causes 11 queries"]);
}

#[tokio::test]
async fn the_mail_server_is_compared_with_the_spf_record_as_far_as_possible() {
    let host = "relay.provider.net";
    for (record, address, told) in [
        ("ip4:192.0.2.0/24", "192.0.2.9", "it permits the mail server"),
        ("mx", "192.0.2.25", "it permits the mail server"),
        ("a:relay.provider.net", "203.0.113.9", "it permits the mail server"),
        ("include:_spf.acme.com", "203.0.113.7", "it permits the mail server"),
        ("include:spf.provider.net", "203.0.113.9", "includes a record of provider.net"),
        ("ip4:198.51.100.1", "203.0.113.9", "which may send from others"),
        ("ip4:198.51.100.1", "10.0.0.9", "is in your network"),
    ] {
        let zone = format!(
            "{MX}{host} A {address}\ndesk.acme.com TXT v=spf1 {record} -all\n\
             _spf.acme.com TXT v=spf1 ip4:203.0.113.7 -all\nspf.provider.net TXT v=spf1 -all"
        );
        assert_finding(&spf(&zone, Some(host)).await, Outcome::Ok, &[told]);
    }
    let zone = format!("{MX}desk.acme.com TXT v=spf1 mx -all");
    let unknown = spf(&zone, Some("gone.provider.net")).await;
    assert_finding(&unknown, Outcome::Ok, &["could not be resolved"]);
    assert_finding(&spf(&zone, Some("192.0.2.25")).await, Outcome::Ok, &["it permits"]);
}

#[tokio::test]
async fn the_key_at_a_named_selector_has_to_be_valid() {
    let key = format!("v=DKIM1; k=rsa; p={}", "A".repeat(392));
    let zone = format!(
        "s7._domainkey.desk.acme.com CNAME s7.provider.net\ns7.provider.net TXT {key}\n\
         old._domainkey.desk.acme.com TXT v=DKIM1; p=\n\
         two._domainkey.desk.acme.com TXT {key}\ntwo._domainkey.desk.acme.com TXT {key}\n\
         google._domainkey.desk.acme.com TXT {key}"
    );
    let valid = dkim(&zone, &["s7"]).await;
    assert_finding(&valid, Outcome::Ok, &["valid key at s7", "also found: google"]);
    let gone = ["gone._domainkey.desk.acme.com has no key; publish"];
    assert_finding(&dkim(&zone, &["s7", "gone"]).await, Outcome::Warning, &gone);
    assert_finding(&dkim(&zone, &["old"]).await, Outcome::Warning, &["revoked"]);
    assert_finding(&dkim(&zone, &["two"]).await, Outcome::Failed, &["several keys"]);
}

#[tokio::test]
async fn without_a_named_selector_usual_ones_are_looked_at() {
    let key = format!("v=DKIM1; p={}", "A".repeat(392));
    let found = dkim(&format!("s1._domainkey.desk.acme.com TXT {key}"), &[]).await;
    assert_finding(&found, Outcome::Ok, &["a key at s1", "--dkim-selector", "looked at: default"]);
    let none = dkim(MX, &[]).await;
    assert_finding(&none, Outcome::Warning, &["no key of desk.acme.com", "looked at: default"]);
}

#[tokio::test]
async fn the_dmarc_policy_is_explained() {
    for (record, outcome, told) in [
        ("v=DMARC1; p=reject", Outcome::Ok, "refuse e-mails"),
        ("v=DMARC1;p=quarantine;pct=50", Outcome::Ok, "as spam"),
        ("v=DMARC1; p=none; rua=mailto:a@acme.com", Outcome::Ok, "reports, to mailto:a@acme.com"),
        ("v=DMARC1; p=none", Outcome::Warning, "has no effect"),
        ("v=DMARC1; p=nothing", Outcome::Failed, "no valid policy"),
        ("v=DMARC1", Outcome::Failed, "no valid policy"),
    ] {
        let found = dmarc(&format!("_dmarc.desk.acme.com TXT {record}")).await;
        assert_finding(&found, outcome, &[told]);
    }
    let two =
        "_dmarc.desk.acme.com TXT v=DMARC1; p=none\n_dmarc.desk.acme.com TXT v=DMARC1; p=reject";
    assert_finding(&dmarc(two).await, Outcome::Failed, &["2 DMARC records"]);
    let missing = ["no DMARC record", "_dmarc.desk.acme.com", "v=DMARC1; p=none; rua=mailto:"];
    assert_finding(&dmarc(MX).await, Outcome::Warning, &missing);
}

#[tokio::test]
async fn the_dmarc_record_of_a_domain_above_applies() {
    let above = "_dmarc.acme.com TXT v=DMARC1; p=none; sp=reject\n_dmarc.com TXT v=DMARC1; p=none";
    let told = ["that of acme.com applies", "is reject"];
    assert_finding(&dmarc(above).await, Outcome::Ok, &told);
}

#[tokio::test]
async fn a_record_that_cannot_be_looked_up_is_a_warning() {
    for (subject, finding) in [
        ("SPF", spf("desk.acme.com SERVFAIL", None).await),
        ("DMARC", dmarc("_dmarc.desk.acme.com SERVFAIL").await),
        ("DKIM", dkim("default._domainkey.desk.acme.com SERVFAIL", &[]).await),
    ] {
        assert_finding(&finding, Outcome::Warning, &[subject, "could not be checked", "SERVFAIL"]);
    }
}

#[test]
fn domains_inside_a_network_are_recognised() {
    for domain in ["localhost", "desk", "desk.local", "desk.example", "a.internal"] {
        assert!(!is_public(domain), "{domain}");
    }
    assert!(is_public("acme.com") && is_public("example.com"));
}
