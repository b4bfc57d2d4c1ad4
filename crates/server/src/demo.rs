//! Demo data for newcomers.

use std::net::SocketAddr;

use anyhow::Context;
use engage_application::NewToken;
use engage_domain::staff::ServiceAccess;
use engage_domain::webhook::{EndpointState, WebhookEndpoint, WebhookHeaders, WebhookSecret};
use engage_domain::{Role, StaffMember, WebhookId};
use engage_environment::{Clock, IdGenerator};

use crate::commands::output::print;
use crate::commands::staff::issue_token;
use crate::settings::Settings;
use crate::storage::Storage;
use engage_system::{SystemClock, SystemIds};

/// Adds two members and an endpoint to a database without staff, and prints a token with commands
/// to paste.
pub(crate) async fn prepare(
    storage: &Storage,
    settings: &Settings,
    address: SocketAddr,
) -> anyhow::Result<()> {
    if !storage.store().list_staff().await.context("cannot list the staff")?.is_empty() {
        let program = std::env::args().next().unwrap_or_else(|| "engage".to_owned());
        return print(&format!(
            "There are already members of staff. For another token: {program} staff token staff-123"
        ));
    }
    for (id, name, email, role, phone) in [
        ("staff-123", "Jane Smith", "jane@localhost", Role::Admin, Some("+15550100123")),
        ("staff-456", "Sam Jones", "sam@localhost", Role::Agent, None),
    ] {
        let member = StaffMember {
            id: id.parse()?,
            name: name.parse()?,
            email: email.parse()?,
            role,
            department: Some("Technical Support".parse()?),
            phone: phone.map(str::parse).transpose()?,
            created_at: SystemClock.now(),
            deactivated_at: None,
            service: ServiceAccess::default(),
        };
        storage.store().add_staff(&member).await.context("cannot add a demo member")?;
    }
    let endpoint = WebhookEndpoint {
        id: WebhookId::from_u128(SystemIds.next_id()),
        url: "https://hooks.example.com/engage".parse()?,
        description: Some("Demo endpoint; its events are only logged".parse()?),
        event_types: Vec::new(),
        secret: WebhookSecret::from_bytes(SystemIds.secret()),
        event_subtypes: Vec::new(),
        includes_internal: true,
        headers: WebhookHeaders::default(),
        previous_secrets: Vec::new(),
        state: EndpointState::Enabled,
        created_at: SystemClock.now(),
    };
    // The host does not exist, so the endpoint is only useful if webhooks are logged.
    if settings.webhooks.log_only {
        storage.store().add_endpoint(&endpoint).await.context("cannot add a demo endpoint")?;
    }
    let request =
        NewToken { staff_id: "staff-123".parse()?, name: Some("Demo".parse()?), expires_at: None };
    let token = issue_token(storage, request).await?;
    let mail = settings.email.folder.display();
    print(&format!(
        r#"
The database was empty, so two demo members of staff were added: staff-123 (Jane Smith, ADMIN) and
staff-456 (Sam Jones, AGENT). Jane's token, which is not shown again:

    {token}

Open a case:

    curl -s http://{address}/api/support/case -H 'Content-Type: application/json' -d '{{
      "name": "John Doe", "email": "john@example.com", "organization": "Acme Corp",
      "phone": "+1234567890", "customerType": "BUSINESS", "issueType": "TECHNICAL",
      "urgency": "HIGH", "clientOrProjectName": "My Project",
      "subject": "Unable to access dashboard", "message": "It says 403."
    }}'

List the cases:

    curl -s http://{address}/api/internal/support/cases -H 'Authorization: Bearer {token}'

E-mails appear in {mail} as .eml files. Text messages and webhooks appear in the log below.
To see the status of every notification:

    curl -s http://{address}/api/internal/notifications/status -H 'Authorization: Bearer {token}'
"#
    ))
}
