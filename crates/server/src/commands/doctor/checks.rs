//! The checks of an installation.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use engage_attachments::{AttachmentContents, Location};
use engage_domain::{EmailAddress, Timestamp};
use engage_environment::Clock;
use engage_notifier::MessageRenderer;
use engage_repository::AttachmentStore;
use engage_system::SystemClock;
use rustix::fs::{Access, access};

use super::finding::Finding;
use crate::exposure;
use crate::settings::{DatabaseUrl, Settings};
use crate::storage::Storage;
use crate::wiring::channels;

/// Runs all checks. They send a message only to `mail_to`.
pub(super) async fn all(settings: &Settings, mail_to: Option<&EmailAddress>) -> Vec<Finding> {
    let found = database(settings).await;
    let mut findings = found.unwrap_or_else(|error| vec![Finding::of("database", Err(error))]);
    findings.extend(folders(settings));
    findings.push(Finding::of("space", space(settings).await));
    findings.push(Finding::of("e-mail", email(settings, mail_to).await));
    findings.push(Finding::of("text messages", text_messages(settings)));
    findings.push(webhooks(settings));
    findings.extend(openness(settings));
    findings
}

/// Checks the database and, if it is on a server, its clock.
async fn database(settings: &Settings) -> anyhow::Result<Vec<Finding>> {
    let url = &settings.database.url;
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        let told = format!("{url} does not exist yet; engage serve creates it");
        return Ok(vec![Finding::warning("database", told)]);
    }
    let storage = Storage::attach(settings).await?;
    storage.store().check().await.with_context(|| format!("cannot read {url}"))?;
    let told = format!("{url} is reachable, and its tables are up to date");
    let Some(server) = storage.server_facts().await.context("cannot ask the server")? else {
        return Ok(vec![Finding::ok("database", told)]);
    };
    let told = format!("{told} (PostgreSQL {})", server.version);
    Ok(vec![Finding::ok("database", told), clocks(SystemClock.now(), server.now)])
}

/// Largest difference between two clocks, in milliseconds, that needs no attention.
const APART: u64 = 2_000;

fn clocks(machine: Timestamp, database: Timestamp) -> Finding {
    let apart = machine.as_millis().abs_diff(database.as_millis());
    let told = format!("this machine and the database are {apart} ms apart");
    if apart <= APART {
        return Finding::ok("clock", told);
    }
    Finding::warning("clock", format!("{told}; synchronise both clocks (NTP)"))
}

/// Checks the folders into which the program writes.
fn folders(settings: &Settings) -> Vec<Finding> {
    let mut folders: Vec<PathBuf> = Vec::new();
    if let DatabaseUrl::Sqlite(path) = &settings.database.url {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folders.push(folder.unwrap_or(Path::new(".")).to_owned());
    }
    if let Location::Folder(path) = &settings.attachments.url {
        folders.push(path.clone());
    }
    if settings.email.url.is_none() {
        folders.push(settings.email.folder.clone());
    }
    folders.iter().map(|path| Finding::of("folder", folder(path))).collect()
}

fn folder(path: &Path) -> anyhow::Result<Finding> {
    let shown = path.display();
    let existing = path.ancestors().find(|folder| folder.exists());
    let nearest = existing.filter(|folder| !folder.as_os_str().is_empty());
    access(nearest.unwrap_or(Path::new(".")), Access::WRITE_OK | Access::EXEC_OK)
        .with_context(|| format!("cannot write to {shown}; correct its owner or mode"))?;
    let state = if path.exists() { "is writable" } else { "can be created" };
    Ok(Finding::ok("folder", format!("{shown} {state}")))
}

async fn space(settings: &Settings) -> anyhow::Result<Finding> {
    let url = &settings.attachments.url;
    if let Location::Folder(path) = url
        && !path.exists()
    {
        return Ok(Finding::ok("space", format!("{url} does not exist yet")));
    }
    let contents =
        AttachmentContents::open(url, &settings.attachments.s3(&settings.network.resolver))?;
    let Some(space) = contents.space().await.context("cannot determine the free space")? else {
        return Ok(Finding::ok("space", format!("{url} has no fixed size; it was not contacted")));
    };
    let mebibytes = space.free / (1024 * 1024);
    if settings.limits.space_floor().allows(space) {
        return Ok(Finding::ok("space", format!("{mebibytes} MiB are free at {url}")));
    }
    let told = format!(
        "only {mebibytes} MiB are free at {url}, so files are rejected; free more, or see \
         limits.free_space and limits.free_space_percent"
    );
    Ok(Finding::failed("space", told))
}

async fn email(settings: &Settings, mail_to: Option<&EmailAddress>) -> anyhow::Result<Finding> {
    let Some(url) = &settings.email.url else {
        let folder = settings.email.folder.display();
        let told = format!("e-mails are written to {folder} and not sent; set email.url");
        return Ok(Finding::warning("e-mail", told));
    };
    let renderer: Arc<dyn MessageRenderer> = Arc::new(channels::templates(settings)?);
    let mailer = channels::mailer(settings, url, &renderer)?;
    let Some(to) = mail_to else {
        mailer.check().await?;
        return Ok(Finding::ok("e-mail", format!("{url} accepts connections and the login")));
    };
    mailer.send_test(to).await?;
    Ok(Finding::ok("e-mail", format!("{url} accepted a message to {to}")))
}

fn text_messages(settings: &Settings) -> anyhow::Result<Finding> {
    let subject = "text messages";
    Ok(match channels::sms_service(&settings.sms, settings)? {
        None if settings.sms.on_call.is_empty() => {
            Finding::ok(subject, "not set up (sms.account_sid), and nobody is on call")
        }
        None => Finding::warning(
            subject,
            "they are written to the log and not sent; set sms.account_sid, sms.auth_token and \
             sms.from",
        ),
        Some(service) => {
            Finding::ok(subject, format!("{} is set up; it was not contacted", service.url))
        }
    })
}

fn webhooks(settings: &Settings) -> Finding {
    let subject = "webhooks";
    if settings.webhooks.log_only {
        let told = "events are written to the log and not sent (webhooks.log_only)";
        return Finding::warning(subject, told);
    }
    match &settings.webhooks.proxy {
        Some(proxy) => Finding::ok(subject, format!("sent through {proxy}; it was not contacted")),
        None => Finding::ok(subject, "sent directly"),
    }
}

/// Returns the warnings that the server would log when it starts.
fn openness(settings: &Settings) -> Vec<Finding> {
    let mut warnings = exposure::warnings(settings, settings.server.bind);
    warnings.extend(exposure::warnings_of_data(settings));
    if warnings.is_empty() {
        return vec![Finding::ok("exposure", "nothing is open to others that should not be")];
    }
    warnings.into_iter().map(|warning| Finding::warning("exposure", warning)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::finding::Outcome;
    use super::*;

    #[test]
    fn clocks_that_are_far_apart_are_a_warning() {
        let at = Timestamp::from_millis;
        for (machine, database, outcome) in [
            (10_000, 12_000, Outcome::Ok),
            (12_000, 10_000, Outcome::Ok),
            (10_000, 12_001, Outcome::Warning),
            (12_001, 10_000, Outcome::Warning),
        ] {
            assert_eq!(clocks(at(machine), at(database)).outcome, outcome);
        }
    }
}
