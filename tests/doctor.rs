//! The command that checks an installation.

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
