//! Rotation of the secret of a webhook endpoint, and the time for which the previous one still signs.

use std::time::Duration;

use engage_domain::WebhookId;
use engage_domain::webhook::WebhookSecret;
use engage_repository::RepositoryError;

use super::manage::{ManageWebhooks, Registered, WebhookError, secret_text};
use crate::audit::{Act, AuditAction, Initiator};

/// Time for which messages are also signed with the previous secret after a rotation.
const OVERLAP: Duration = Duration::from_hours(24);

/// Maximum number of previous secrets that sign a message. Each lengthens a request header, whose
/// size receivers limit.
const MOST_PREVIOUS_SECRETS: usize = 20;

/// Maximum number of attempts to rotate a secret in case of concurrent rotations.
const ROTATION_ATTEMPTS: u32 = 8;

impl ManageWebhooks {
    /// Gives an endpoint a new secret. For 24 hours, messages are also signed with the previous
    /// one, even after several rotations.
    pub async fn rotate_secret(
        &self,
        id: WebhookId,
        by: &Initiator,
    ) -> Result<Registered, WebhookError> {
        for _ in 0..ROTATION_ATTEMPTS {
            let mut endpoint = self.get(id).await?;
            let (now, before) = (self.clock.now(), endpoint.secret.clone());
            let secret = WebhookSecret::from_bytes(self.ids.secret());
            endpoint.rotate_secret(secret, now, now.plus(OVERLAP));
            if endpoint.previous_secrets.len() > MOST_PREVIOUS_SECRETS {
                let oldest = endpoint.previous_secrets.last();
                let until = oldest.map_or(now, |(_, until)| *until);
                return Err(WebhookError::TooManySecrets { retry_after: until.since(now) });
            }
            let act = Act::new(AuditAction::WebhookSecretRotated).to(id).touched("secret");
            let acts = self.acts.webhooks(self.record(by, act));
            if acts.replace_secret(&before, &endpoint).await? {
                self.known.forget();
                return Ok(Registered { secret: secret_text(&endpoint.secret), endpoint });
            }
        }
        Err(RepositoryError::Conflict.into())
    }
}
