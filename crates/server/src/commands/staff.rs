//! Members of staff and their tokens. Works beside a running server.

use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Subcommand;
use engage_application::{Clock, IssueToken, NewToken};
use engage_domain::{
    Department, EmailAddress, PersonName, PhoneNumber, Role, StaffId, StaffMember,
};
use engage_repository::RepositoryError;

use super::print;
use crate::settings::Settings;
use crate::storage::Storage;
use crate::system::{SystemClock, SystemIds};

#[derive(Subcommand)]
pub(crate) enum StaffCommand {
    /// Add a member.
    Add(NewMember),
    /// List all members.
    List,
    /// Note that a member has left; their tokens are void from then on.
    Deactivate {
        /// The member's id.
        id: StaffId,
    },
    /// Make a token for a member, and print it alone. It is not shown again.
    Token {
        /// The member's id.
        id: StaffId,
    },
}

#[derive(clap::Args)]
pub(crate) struct NewMember {
    /// Names the member everywhere: 1 to 64 of a-z, 0-9, _ and -.
    #[arg(long)]
    id: StaffId,
    /// What colleagues call them.
    #[arg(long)]
    name: PersonName,
    /// Where notifications go.
    #[arg(long)]
    email: EmailAddress,
    /// AGENT, SUPERVISOR or ADMIN.
    #[arg(long)]
    role: Role,
    /// Where they work.
    #[arg(long)]
    department: Option<Department>,
    /// Where urgent text messages go.
    #[arg(long)]
    phone: Option<PhoneNumber>,
}

pub(crate) async fn run(settings: &Settings, command: StaffCommand) -> anyhow::Result<()> {
    let storage = Storage::attach(&settings.database).await?;
    match command {
        StaffCommand::Add(member) => add(&storage, member).await,
        StaffCommand::List => list(&storage).await,
        StaffCommand::Deactivate { id } => deactivate(&storage, &id).await,
        StaffCommand::Token { id } => print(&issue_token(&storage, id).await?),
    }
}

async fn add(storage: &Storage, member: NewMember) -> anyhow::Result<()> {
    let NewMember { id, name, email, role, department, phone } = member;
    let created_at = SystemClock.now();
    let member =
        StaffMember { id, name, email, role, department, phone, created_at, deactivated_at: None };
    match storage.staff.add_staff(&member).await {
        Ok(()) => print(&format!("Added {}.", member.id)),
        Err(RepositoryError::Duplicate { key: "staff_email" }) => {
            bail!("another staff member has the address {}", member.email)
        }
        Err(RepositoryError::Duplicate { .. }) => {
            bail!("there is a staff member {} already", member.id)
        }
        Err(error) => Err(error).context("cannot add the staff member"),
    }
}

async fn list(storage: &Storage) -> anyhow::Result<()> {
    for member in storage.staff.list_staff().await.context("cannot list the staff")? {
        let state = if member.is_active() { "active" } else { "left" };
        let department = member.department.as_ref().map_or("-", |department| department.as_str());
        let StaffMember { id, name, email, role, .. } = &member;
        print(&format!("{id}\t{role}\t{state}\t{name}\t{email}\t{department}"))?;
    }
    Ok(())
}

async fn deactivate(storage: &Storage, id: &StaffId) -> anyhow::Result<()> {
    let known = storage.staff.deactivate_staff(id, SystemClock.now()).await;
    if known.context("cannot deactivate the staff member")? {
        print(&format!("Deactivated {id}; the tokens are void."))
    } else {
        bail!("there is no staff member {id}; see engage staff list")
    }
}

pub(crate) async fn issue_token(storage: &Storage, staff_id: StaffId) -> anyhow::Result<String> {
    let issue = IssueToken::new(
        Arc::clone(&storage.staff),
        Arc::clone(&storage.tokens),
        Arc::new(SystemClock),
        Arc::new(SystemIds),
    );
    let request = NewToken { staff_id, name: None, expires_at: None };
    let secret = issue.execute(request).await.context("cannot make a token")?;
    Ok(secret.expose().to_owned())
}
