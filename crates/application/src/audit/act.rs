use std::str::FromStr;

use engage_domain::text::UnknownValue;
use engage_domain::{CaseId, StaffId};
use serde_json::{Map, Value};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// An action recorded in the audit log.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AuditAction {
            $($(#[$doc])* $name,)+
        }

        impl AuditAction {
            /// All actions.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Names of all actions.
            const NAMES: &'static [&'static str] = &[$($text),+];

            /// Returns the name under which the action is stored and displayed.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

impl FromStr for AuditAction {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        let mut all = Self::ALL.iter().copied();
        all.find(|action| action.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnknownValue { allowed: Self::NAMES })
    }
}

actions! {
    /// A member of staff was added.
    StaffAdded = "staff.added",
    /// A member of staff was changed.
    StaffChanged = "staff.changed",
    /// A token was issued.
    TokenCreated = "token.created",
    /// A token received a new secret.
    TokenRotated = "token.rotated",
    /// A token was revoked, and with it every token derived from it.
    TokenRevoked = "token.revoked",
    /// All tokens of a member that were issued by the same member of staff were revoked.
    TokensRevoked = "token.revoked_by_maker",
    /// A webhook endpoint was registered.
    WebhookRegistered = "webhook.registered",
    /// A webhook endpoint was changed.
    WebhookChanged = "webhook.changed",
    /// A webhook endpoint received a new secret.
    WebhookSecretRotated = "webhook.secret_rotated",
    /// A webhook endpoint was removed.
    WebhookRemoved = "webhook.removed",
    /// Notifications of a webhook endpoint were sent again.
    WebhookReplayed = "webhook.replayed",
    /// A notification was sent again.
    NotificationRetried = "notification.retried",
    /// All dead letters that match a filter were sent again.
    NotificationsRetried = "notification.bulk_retried",
    /// A suppressed address may receive notifications again.
    SuppressionLifted = "suppression.lifted",
    /// A contact was added.
    ContactAdded = "contact.added",
    /// A contact was changed.
    ContactChanged = "contact.changed",
    /// A contact was joined with another one and removed.
    ContactsMerged = "contact.merged",
    /// A contact was removed.
    ContactRemoved = "contact.removed",
    /// A batch of contacts was imported.
    ContactsImported = "contact.imported",
    /// An organization was added.
    OrganizationAdded = "organization.added",
    /// An organization was changed.
    OrganizationChanged = "organization.changed",
    /// An organization was removed.
    OrganizationRemoved = "organization.removed",
    /// A tag was renamed.
    TagRenamed = "tag.renamed",
    /// A tag was merged into another one.
    TagsMerged = "tag.merged",
    /// Cases were exported.
    CasesExported = "cases.exported",
    /// The personal data of a case was erased.
    CaseErased = "case.erased",
    /// The erasure of a person was requested.
    PersonErasureRequested = "person.erasure_requested",
    /// The erasure of a person ended.
    PersonErased = "person.erased",
    /// The customer's proofs of ownership of a case were revoked.
    CaseAccessRotated = "case.access_rotated",
    /// The audit log was exported.
    AuditExported = "audit.exported",
    /// A backup was restored, which ended the log at the time of the backup.
    BackupRestored = "backup.restored",
    /// A server started.
    ServerStarted = "server.started",
    /// A client presented an invalid credential.
    LoginFailed = "login.failed",
}

/// An action with its subject and the changed fields, for the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    pub(super) action: AuditAction,
    pub(super) subject: Option<String>,
    pub(super) owner: Option<StaffId>,
    pub(super) fields: Vec<String>,
    pub(super) values: Map<String, Value>,
    pub(super) case: Option<CaseId>,
}

impl Act {
    /// Creates an act without a subject or fields.
    pub fn new(action: AuditAction) -> Self {
        Self {
            action,
            subject: None,
            owner: None,
            fields: Vec::new(),
            values: Map::new(),
            case: None,
        }
    }

    /// Sets the id of the subject.
    #[must_use]
    #[allow(clippy::needless_pass_by_value)] // Ids are small, and read better so.
    pub fn to(self, subject: impl ToString) -> Self {
        Self { subject: Some(subject.to_string()), ..self }
    }

    /// Sets the member of staff to whom the subject belongs.
    #[must_use]
    pub fn of(self, owner: &StaffId) -> Self {
        Self { owner: Some(owner.clone()), ..self }
    }

    /// Records a field and its new value.
    #[must_use]
    pub fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.push(field.to_owned());
        self.values.insert(field.to_owned(), value.into());
        self
    }

    /// Records that a field was set, but not its value.
    #[must_use]
    pub fn touched(mut self, field: &str) -> Self {
        self.fields.push(field.to_owned());
        self
    }

    /// Records the old and new value of a field if they differ.
    #[must_use]
    pub fn changed<T: PartialEq + Into<Value>>(self, field: &str, from: T, to: T) -> Self {
        if from == to {
            return self;
        }
        let change = serde_json::json!({ "from": from.into(), "to": to.into() });
        self.set(field, change)
    }

    /// Sets the case whose erasure also erases the recorded values.
    #[must_use]
    pub fn about(self, case: CaseId) -> Self {
        Self { case: Some(case), ..self }
    }
}
