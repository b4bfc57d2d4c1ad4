use std::sync::Arc;

use engage_domain::{Role, StaffMember};
use engage_environment::Clock;
use engage_identity::{Bearer, CredentialVerifier, Identity, MemberName, VerifierError};
use engage_repository::{DirectoryVersion, StaffRepository};

use super::authenticated_staff::AuthenticatedStaff;
use super::credential_id::CredentialId;
use super::opaque_tokens::verifier_error;
use crate::webhooks::WebhookTargets;

/// Authenticates members of staff by their credentials.
///
/// ```
/// # use std::sync::Arc;
/// use engage_application::{Authenticate, OpaqueTokens};
/// # use engage_application::{Initiator, ManageTokens, NewToken, TokenLives, TokenMaker};
/// use engage_identity::CredentialVerifier;
/// # use engage_repository::StaffRepository;
/// # use engage_sqlite::SqliteStore;
/// # use engage_system::SystemIds;
/// # use engage_testkit::ManualClock;
/// # use engage_testkit::builders::a_staff_member;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Arc::new(SqliteStore::in_memory()?);
/// # let jane = a_staff_member("staff-123");
/// # store.add_staff(&jane).await?;
/// # let (clock, ids) = (Arc::new(ManualClock::new()), Arc::new(SystemIds));
/// # let (staff, acts, lives) = (store.clone(), store.clone(), TokenLives::default());
/// # let tokens = ManageTokens::new(staff, acts.clone(), acts, clock.clone(), ids, lives);
/// # let request = NewToken { staff_id: jane.id.clone(), name: None, expires_at: None };
/// # let by = Initiator::command_line();
/// # let issued = tokens.issue(request, &TokenMaker::CommandLine, &by).await?;
/// let verifier: Arc<dyn CredentialVerifier> = Arc::new(OpaqueTokens::new(store.clone()));
/// let authenticate = Authenticate::new(vec![verifier], store, clock);
/// let found = authenticate.execute(issued.secret.expose()).await?;
/// assert_eq!(found.expect("the token is valid").member, jane);
/// assert_eq!(authenticate.execute("eng_guessed").await?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Authenticate {
    verifiers: Vec<Arc<dyn CredentialVerifier>>,
    staff: Arc<dyn StaffRepository>,
    clock: Arc<dyn Clock>,
    directory: Option<WebhookTargets>,
}

impl Authenticate {
    /// Creates the use case. The verifiers are tried in order.
    pub fn new(
        verifiers: Vec<Arc<dyn CredentialVerifier>>,
        staff: Arc<dyn StaffRepository>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { verifiers, staff, clock, directory: None }
    }

    /// Also records the version of the directory with each authentication.
    #[must_use]
    pub fn with_directory(self, directory: WebhookTargets) -> Self {
        Self { directory: Some(directory), ..self }
    }

    /// Authenticates the bearer of a credential.
    ///
    /// Returns `None` if the credential is unknown or invalid, or if its owner is not an active
    /// member of staff.
    pub async fn execute(
        &self,
        credential: &str,
    ) -> Result<Option<AuthenticatedStaff>, VerifierError> {
        let directory = self.directory_version().await?;
        let now = self.clock.now();
        for verifier in &self.verifiers {
            if let Some(bearer) = verifier.verify(credential, now).await? {
                let id = CredentialId::of(&bearer.credential, credential);
                return self.resolve(bearer, id, directory).await;
            }
        }
        Ok(None)
    }

    async fn directory_version(&self) -> Result<Option<DirectoryVersion>, VerifierError> {
        match &self.directory {
            Some(directory) => Ok(directory.current().await.map_err(verifier_error)?.directory),
            None => Ok(None),
        }
    }

    async fn resolve(
        &self,
        bearer: Bearer,
        credential_id: CredentialId,
        directory: Option<DirectoryVersion>,
    ) -> Result<Option<AuthenticatedStaff>, VerifierError> {
        let Bearer { identity, credential } = bearer;
        let (member, role) = match identity {
            Identity::Member { member, role_ceiling } => {
                let role = role_ceiling.map(|ceiling| ceiling.min(member.role));
                (Some(member), role)
            }
            Identity::Named { name, role } => (self.look_up(&name).await?, role),
        };
        Ok(member.filter(StaffMember::is_active).and_then(|member| {
            let registered_role = member.role;
            let member = StaffMember { role: effective_role(registered_role, role)?, ..member };
            Some(AuthenticatedStaff {
                member,
                registered_role,
                credential,
                credential_id,
                directory,
            })
        }))
    }

    pub(super) async fn look_up(
        &self,
        name: &MemberName,
    ) -> Result<Option<StaffMember>, VerifierError> {
        let found = match name {
            MemberName::Id(id) => self.staff.find_staff(id).await,
            MemberName::Email(email) => self.staff.find_staff_by_email(email).await,
        };
        found.map_err(verifier_error)
    }
}

/// Returns the role for a request, from the registered one and that of the credential. A machine stays
/// one, and a person never becomes one: their credential is rejected if it says so.
fn effective_role(registered: Role, given: Option<Role>) -> Option<Role> {
    match (registered, given) {
        (Role::Service, _) => Some(Role::Service),
        (_, Some(Role::Service)) => None,
        (registered, given) => Some(given.unwrap_or(registered)),
    }
}
