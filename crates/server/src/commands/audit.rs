//! Commands for verifying and exporting the audit log. They work while a server is running.

use std::io::Write;

use anyhow::{Context, bail};
use clap::Subcommand;
use engage_application::{Act, AuditAction, AuditLog, AuditReport, Initiator};
use engage_repository::{AuditEntry, AuditHash, AuditHead};
use serde_json::{Value, json};
use uuid::Uuid;

use super::administration;
use super::output::print;
use crate::settings::Settings;
use crate::storage::Storage;

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Verify the whole log. Fails if any entry was changed, removed or cut off.
    Verify {
        /// A head of the log recorded elsewhere, such as in the server's log or an export, as
        /// POSITION:HASH. Without it, a replacement of the whole log cannot be detected.
        #[arg(long)]
        head: Option<AuditHead>,
    },
    /// Print the whole log as one JSON object per line. The last line contains the head.
    Export,
}

pub(crate) async fn run(settings: &Settings, command: AuditCommand) -> anyhow::Result<()> {
    let storage = Storage::attach(settings).await?;
    let log = administration(&storage).audit_log();
    match command {
        AuditCommand::Verify { head } => verify(&log, head).await,
        AuditCommand::Export => export(&log).await,
    }
}

async fn verify(log: &AuditLog, noted: Option<AuditHead>) -> anyhow::Result<()> {
    let report = log.verify(noted).await.context("cannot read the audit log")?;
    let AuditReport { head, entries, erased, fault } = report;
    if let Some(fault) = fault {
        bail!("the audit log is not intact: {fault}");
    }
    print(&format!("{entries} entries are intact; the values of {erased} of them were erased."))?;
    print(&format!("The log ends at {head}"))
}

async fn export(log: &AuditLog) -> anyhow::Result<()> {
    let failed = "cannot read the audit log";
    // Recorded first, so that the export includes it.
    let act = Act::new(AuditAction::AuditExported);
    log.append(&Initiator::command_line(), act).await.context(failed)?;
    let end = log.seal().await.context(failed)?;
    let mut last = log.base().await.context(failed)?;
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let unwritten = "cannot write to standard output";
    writeln!(out, "{}", json!({ "base": last.to_string() })).context(unwritten)?;
    while last.position < end.position {
        let part = log.read(last.position).await.context(failed)?;
        if part.is_empty() {
            break;
        }
        for entry in &part {
            writeln!(out, "{}", line(entry)).context(unwritten)?;
            last = AuditHead { position: entry.position, hash: entry.hash };
        }
    }
    writeln!(out, "{}", json!({ "head": last.to_string() })).context(unwritten)?;
    out.flush().context(unwritten)
}

/// Formats an entry with everything that its hash covers, so that others can verify the chain.
fn line(entry: &AuditEntry) -> Value {
    let AuditEntry { position, hash, facts, values } = entry;
    json!({
        "position": position,
        "id": Uuid::from_u128(facts.id).to_string(),
        "at": facts.at.to_string(),
        "actor": { "kind": facts.actor_kind, "id": facts.actor_id },
        "credential": facts.credential,
        "requestId": facts.request_id,
        "action": facts.action,
        "subject": facts.subject,
        "owner": facts.owner,
        "fields": facts.fields,
        "valuesMac": facts.values_mac.map(|mac| mac.to_string()),
        "salt": values.as_ref().map(|values| AuditHash(values.salt).to_string()),
        "values": values.as_ref().map(|values| values.json.as_str()),
        "hash": hash.to_string(),
    })
}

/// Records the start of a server.
pub(crate) async fn note_start(storage: &Storage, settings: &Settings) -> anyhow::Result<()> {
    // The debug format hides secrets.
    let settings = format!("{settings:?}");
    let noted =
        administration(storage).audit_log().note_start(env!("CARGO_PKG_VERSION"), &settings).await;
    noted.context("cannot record the start in the audit log")
}
