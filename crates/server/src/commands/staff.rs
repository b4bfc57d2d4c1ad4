//! Commands for members of staff and their tokens. They work while a server is running.

use anyhow::{Context, bail};
use clap::Subcommand;
use engage_application::{Initiator, NewService, NewToken, StaffError, TokenLives, TokenMaker};
use engage_domain::staff::{ServiceAccess, ServiceScope};
use engage_domain::text::Line;
use engage_domain::{
    Department, EmailAddress, PersonName, PhoneNumber, Role, StaffId, StaffMember, Timestamp,
};
use serde_json::{Value, json};

use super::administration;
use super::output::{ListOptions, print, print_json, print_table};
use crate::settings::Settings;
use crate::storage::Storage;

#[derive(Subcommand)]
pub(crate) enum StaffCommand {
    /// Add a member.
    Add(NewMember),
    /// List all members.
    List(ListOptions),
    /// Deactivate a member who has left. Their tokens become invalid.
    Deactivate {
        /// ID of the member.
        id: StaffId,
    },
    /// Create a token for a member and print only the token. It is not shown again.
    Token {
        /// ID of the member.
        id: StaffId,
        /// Purpose of the token.
        #[arg(long)]
        name: Option<Line<100>>,
        /// Expiry of the token, such as 2027-01-31T00:00:00Z. By default, it does not expire.
        #[arg(long)]
        expires_at: Option<Timestamp>,
    },
}

#[derive(clap::Args)]
pub(crate) struct NewMember {
    /// ID of the member: 1 to 64 of a-z, 0-9, _ and -, except me and unassigned. By default, it is
    /// derived from the address.
    #[arg(long)]
    id: Option<StaffId>,
    /// Name shown to colleagues.
    #[arg(long)]
    name: PersonName,
    /// Address for notifications. Required, except for a SERVICE member, who has none.
    #[arg(long)]
    email: Option<EmailAddress>,
    /// AGENT, SUPERVISOR or ADMIN, or SERVICE for a machine.
    #[arg(long)]
    role: Role,
    /// Department of the member.
    #[arg(long)]
    department: Option<Department>,
    /// Number for urgent text messages. A SERVICE member has none.
    #[arg(long)]
    phone: Option<PhoneNumber>,
    /// Scope of a SERVICE member, such as cases.reply. Give the option once for each.
    #[arg(long = "scope")]
    scopes: Vec<ServiceScope>,
    /// ID of a member on whose behalf a SERVICE member may write. Give the option once for each.
    #[arg(long)]
    acts_for: Vec<StaffId>,
}

pub(crate) async fn run(settings: &Settings, command: StaffCommand) -> anyhow::Result<()> {
    let storage = Storage::attach(settings).await?;
    match command {
        StaffCommand::Add(member) => add(&storage, member).await,
        StaffCommand::List(options) => list(&storage, &options).await,
        StaffCommand::Deactivate { id } => deactivate(&storage, &id).await,
        StaffCommand::Token { id, name, expires_at } => {
            let request = NewToken { staff_id: id, name, expires_at };
            print(&issue_token(&storage, request).await?)
        }
    }
}

async fn add(storage: &Storage, member: NewMember) -> anyhow::Result<()> {
    let NewMember { id, name, email, role, department, phone, scopes, acts_for } = member;
    let (staff, by) = (administration(storage).staff(), Initiator::command_line());
    let member = if role == Role::Service {
        if email.is_some() || phone.is_some() {
            bail!("a SERVICE member has no address and no phone; leave out --email and --phone");
        }
        let (scopes, acts_for) = (scopes.into_iter().collect(), acts_for.into_iter().collect());
        let service = ServiceAccess { scopes, acts_for };
        staff.add_service(NewService { id, name, department, service }, &by).await?
    } else {
        if !scopes.is_empty() || !acts_for.is_empty() {
            bail!("--scope and --acts-for are for SERVICE members only");
        }
        let email = email.context("--email is required, except for a SERVICE member")?;
        let new = engage_application::NewMember { id, name, email, role, department, phone };
        staff.add(new, &by).await?
    };
    print(&format!("Added {}.", member.id))
}

async fn list(storage: &Storage, options: &ListOptions) -> anyhow::Result<()> {
    let members = storage.store().list_staff().await.context("cannot list the staff")?;
    if options.json {
        return print_json(members.iter().map(as_json).collect());
    }
    let headings = ["ID", "ROLE", "STATE", "NAME", "E-MAIL", "DEPARTMENT"];
    print_table(headings, members.iter().map(row).collect())
}

fn row(member: &StaffMember) -> [String; 6] {
    let state = if member.is_active() { "active" } else { "left" };
    let department = member.department.as_ref().map_or("-", |department| department.as_str());
    let email = member.address().map_or_else(|| "-".to_owned(), ToString::to_string);
    let StaffMember { id, name, role, .. } = member;
    [
        id.to_string(),
        role.to_string(),
        state.to_owned(),
        name.to_string(),
        email,
        department.to_owned(),
    ]
}

/// Returns a member as in the API.
fn as_json(member: &StaffMember) -> Value {
    let mut json = json!({
        "id": member.id.to_string(),
        "name": member.name.to_string(),
        "email": member.address().map(ToString::to_string),
        "role": member.role.as_str(),
        "department": member.department.as_ref().map(Department::as_str),
        "phone": member.phone.as_ref().map(ToString::to_string),
        "active": member.is_active(),
        "createdAt": member.created_at.to_string(),
        "deactivatedAt": member.deactivated_at.map(|at| at.to_string()),
    });
    if member.is_service() {
        let ServiceAccess { scopes, acts_for } = &member.service;
        json["scopes"] = scopes.iter().map(|scope| scope.as_str()).collect();
        json["actsFor"] = acts_for.iter().map(StaffId::as_str).collect();
    }
    json
}

async fn deactivate(storage: &Storage, id: &StaffId) -> anyhow::Result<()> {
    match administration(storage).staff().deactivate(id, &Initiator::command_line()).await {
        Ok(_) => print(&format!("Deactivated {id}. Their tokens are no longer valid.")),
        Err(StaffError::NotFound(id)) => {
            bail!("there is no staff member {id}; run engage staff list")
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn issue_token(storage: &Storage, request: NewToken) -> anyhow::Result<String> {
    let manage = administration(storage).tokens(TokenLives::default());
    let by = Initiator::command_line();
    let issued = manage.issue(request, &TokenMaker::CommandLine, &by).await;
    let issued = issued.context("cannot create a token")?;
    Ok(issued.secret.expose().to_owned())
}
