use std::str::FromStr;

use engage_domain::{CaseId, StaffId, UnknownValue};
use serde_json::{Map, Value};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// Acts that are written down.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum AuditAction {
            $($(#[$doc])* $name,)+
        }

        impl AuditAction {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// All of them as they are stored and shown.
            const NAMES: &'static [&'static str] = &[$($text),+];

            /// As it is stored and shown.
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
    /// A member was added.
    StaffAdded = "staff.added",
    /// A member was changed.
    StaffChanged = "staff.changed",
    /// A token was made.
    TokenCreated = "token.created",
    /// A token got another secret.
    TokenRotated = "token.rotated",
    /// A token was revoked, with all that were made with it.
    TokenRevoked = "token.revoked",
    /// The tokens that somebody made were revoked.
    TokensRevoked = "token.revoked_by_maker",
    /// An endpoint was registered.
    WebhookRegistered = "webhook.registered",
    /// An endpoint was changed.
    WebhookChanged = "webhook.changed",
    /// An endpoint got another secret.
    WebhookSecretRotated = "webhook.secret_rotated",
    /// An endpoint was removed.
    WebhookRemoved = "webhook.removed",
    /// Messages of an endpoint were sent again.
    WebhookReplayed = "webhook.replayed",
    /// A message was sent again.
    NotificationRetried = "notification.retried",
    /// Messages that were given up were sent again, all that fit.
    NotificationsRetried = "notification.bulk_retried",
    /// Messages may go to an address again that wanted none.
    SuppressionLifted = "suppression.lifted",
    /// Cases were exported.
    CasesExported = "cases.exported",
    /// Personal data of a case was erased.
    CaseErased = "case.erased",
    /// The proofs of ownership of a case were made void.
    CaseAccessRotated = "case.access_rotated",
    /// The audit log was exported.
    AuditExported = "audit.exported",
    /// A server started.
    ServerStarted = "server.started",
    /// Somebody showed a credential that is not valid.
    LoginFailed = "login.failed",
}

/// What was done to what.
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
    /// An act of which nothing more is known.
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

    /// What it was done to, by its id.
    #[must_use]
    #[allow(clippy::needless_pass_by_value)] // Ids are small, and read better so.
    pub fn to(self, subject: impl ToString) -> Self {
        Self { subject: Some(subject.to_string()), ..self }
    }

    /// Whose that is.
    #[must_use]
    pub fn of(self, owner: &StaffId) -> Self {
        Self { owner: Some(owner.clone()), ..self }
    }

    /// A field that was set, and its value.
    #[must_use]
    pub fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.fields.push(field.to_owned());
        self.values.insert(field.to_owned(), value.into());
        self
    }

    /// A field that was set to what is not to be kept.
    #[must_use]
    pub fn touched(mut self, field: &str) -> Self {
        self.fields.push(field.to_owned());
        self
    }

    /// A field that was changed, if it was.
    #[must_use]
    pub fn changed<T: PartialEq + Into<Value>>(self, field: &str, from: T, to: T) -> Self {
        if from == to {
            return self;
        }
        let change = serde_json::json!({ "from": from.into(), "to": to.into() });
        self.set(field, change)
    }

    /// The case with whose data the values are erased.
    #[must_use]
    pub fn about(self, case: CaseId) -> Self {
        Self { case: Some(case), ..self }
    }
}
