//! The command that checks an installation.

use engage_testkit::dns::DnsServer;
use serde_json::Value;

use crate::support::{SmtpReceiver, Store, Workspace};

/// Returns the lines about a subject, as outcome and message.
fn about(workspace: &Workspace, subject: &str) -> Vec<(String, String)> {
    let ran = workspace.run(&["doctor"]);
    let lines = ran.stdout.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    lines
        .filter(|parts| parts[1] == subject)
        .map(|parts| (parts[0].to_owned(), parts[2].to_owned()))
        .collect()
}

#[test]
fn a_trial_on_one_machine_has_no_failures() {
    let workspace = Workspace::new();
    let before = about(&workspace, "database");
    assert!(before[0].0 == "warning" && before[0].1.contains("does not exist yet"), "{before:?}");
    workspace.run(&["migrate"]).ok();
    let ran = workspace.run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in ["ok\tsettings\tvalid", "ok\tdatabase\t", "ok\tfolder\t", "warning\te-mail\t"] {
        assert!(ran.stdout.lines().any(|found| found.starts_with(line)), "{line}: {ran:?}");
    }
    let listed: Value = serde_json::from_str(&workspace.run(&["doctor", "--json"]).stdout).unwrap();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), ran.stdout.lines().count());
    assert_eq!(listed[0]["outcome"], "ok", "{listed:?}");
    assert_eq!(listed[0]["check"], "settings", "{listed:?}");
}

#[test]
fn every_problem_with_the_settings_is_a_failure() {
    let workspace = Workspace::with(&[
        ("ENGAGE_SERVER__BIND", "nowhere"),
        ("ENGAGE_PRIORITY__URGENCY__CRITICAL", "90"),
    ]);
    let found = about(&workspace, "settings");
    assert_eq!(found.iter().filter(|(outcome, _)| outcome == "failed").count(), 2, "{found:?}");
    let ran = workspace.run(&["doctor"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("2 of 2 checks failed"), "{ran:?}");
}

#[test]
fn a_database_that_cannot_be_reached_is_a_failure() {
    let workspace = Workspace::on_database("postgres://engage:geheim@127.0.0.1:1/x");
    let found = about(&workspace, "database");
    assert!(found[0].0 == "failed" && found[0].1.contains("Connection refused"), "{found:?}");
    assert!(!found[0].1.contains("geheim"), "{found:?}");
}

// The program must not block the mail server.
#[tokio::test(flavor = "multi_thread")]
async fn the_mail_server_is_asked_without_sending_anything() {
    let mail = SmtpReceiver::start().await;
    let workspace = Workspace::with(&[("ENGAGE_EMAIL__URL", &mail.url())]);
    let found = about(&workspace, "e-mail");
    assert_eq!(found[0].0, "ok", "{found:?}");
    assert!(mail.mails().is_empty());
    workspace.run(&["doctor", "--mail-to", "jane@example.com"]).ok();
    let mails = mail.mails_once(1).await;
    assert_eq!(mails[0].text.trim(), "Engage can send e-mails through this server.");
    workspace.set("ENGAGE_EMAIL__URL", "smtp://127.0.0.1:1");
    let found = about(&workspace, "e-mail");
    assert!(found[0].0 == "failed" && found[0].1.contains("cannot be reached"), "{found:?}");
}

#[test]
fn what_others_can_reach_is_a_warning() {
    let workspace = Workspace::with(&[("ENGAGE_SERVER__BIND", "0.0.0.0:0")]);
    let found = about(&workspace, "exposure");
    let of_access = |(outcome, told): &(String, String)| {
        outcome == "warning" && told.contains("customers.access")
    };
    assert!(found.iter().any(of_access), "{found:?}");
}

#[tokio::test]
async fn the_server_of_a_database_is_asked_for_its_version_and_time() {
    let workspace = Store::Postgres.workspace().await;
    let database = about(&workspace, "database");
    assert!(database[0].0 == "ok" && database[0].1.contains("PostgreSQL 1"), "{database:?}");
    let clock = about(&workspace, "clock");
    assert!(clock[0].0 == "ok" && clock[0].1.contains(" ms apart"), "{clock:?}");
}

/// Returns a workspace whose e-mails come from `desk.acme.com`, by this zone.
fn with_zone(zone: &str) -> Workspace {
    let servers = DnsServer::start(zone).address().to_string();
    Workspace::with(&[
        ("ENGAGE_EMAIL__FROM", "Support <support@desk.acme.com>"),
        ("ENGAGE_NETWORK__DNS_SERVERS", &servers),
    ])
}

#[test]
fn the_dns_records_of_the_domain_of_the_sender_are_checked() {
    let workspace = with_zone(
        "desk.acme.com MX 10 mail.acme.com
         mail.acme.com A 192.0.2.25
         desk.acme.com TXT v=spf1 mx -all
         s7._domainkey.desk.acme.com TXT v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMl
         _dmarc.acme.com TXT v=DMARC1; p=reject",
    );
    let ran = workspace.run(&["doctor", "--dkim-selector", "s7"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for line in ["ok\tMX\treplies", "ok\tSPF\t", "ok\tDKIM\t", "ok\tDMARC\t"] {
        assert!(ran.stdout.lines().any(|found| found.starts_with(line)), "{line}: {ran:?}");
    }
    let dkim = about(&workspace, "DKIM");
    assert!(dkim[0].0 == "warning" && dkim[0].1.contains("--dkim-selector"), "{dkim:?}");
    let malformed = workspace.run(&["doctor", "--dkim-selector", "s 7"]);
    assert_eq!(malformed.code, Some(64), "{malformed:?}");
}

#[test]
fn a_broken_dns_record_is_a_failure_and_a_missing_one_a_warning() {
    let workspace = with_zone("desk.acme.com TXT v=spf1 -all\ndesk.acme.com TXT v=spf1 ~all");
    let ran = workspace.run(&["doctor"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("failed\tSPF\tdesk.acme.com has 2 SPF records"), "{ran:?}");
    for line in ["warning\tMX\t", "warning\tDKIM\t", "warning\tDMARC\t"] {
        assert!(ran.stdout.lines().any(|found| found.starts_with(line)), "{line}: {ran:?}");
    }
}

#[test]
fn without_a_network_one_warning_says_so() {
    let workspace = with_zone("desk.acme.com SERVFAIL");
    let ran = workspace.run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told = "warning\te-mail domain\tthe DNS records of desk.acme.com could not be checked: ";
    assert!(ran.stdout.contains(told), "{ran:?}");
    assert!(about(&workspace, "SPF").is_empty());
}
