use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use engage_notifier::{ChannelProfile, MessageRenderer, Notification, Notifier, NotifyError};

use crate::compose::{Sender, compose};
use crate::profile::PROFILE;

/// Notifier that writes each e-mail to a folder, as a file named after the notification's ID.
///
/// ```
/// # use std::sync::Arc;
/// # use engage_domain::{Address, NotificationId, Template};
/// # use engage_notifier::{CustomerAccess, Notification};
/// use engage_notifier::Notifier;
/// use engage_smtp::MailFolder;
/// use engage_templates::Templates;
/// # use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let notification = Notification {
/// #     id: NotificationId::from_u128(1),
/// #     case_number: "CW-2025-001".parse()?,
/// #     template: Template::CaseReceivedCustomer,
/// #     address: Address::Email("john@example.com".parse()?),
/// #     snapshot: a_change_set(an_opened(1), Vec::new()).snapshot,
/// #     access: CustomerAccess::default(),
/// #     gathered: Vec::new(),
/// #     trace: None,
/// # };
/// # let folder = tempfile::tempdir()?;
/// let (folder, sender) = (folder.path().join("mail"), "support@example.com".parse()?);
/// let mailer = MailFolder::new(folder.clone(), sender, Arc::new(Templates::default()));
/// mailer.deliver(&notification).await?;
///
/// let file = folder.join(format!("{}.eml", notification.id));
/// assert!(std::fs::read_to_string(file)?.contains("To: john@example.com"));
/// # Ok(())
/// # }
/// ```
pub struct MailFolder {
    folder: PathBuf,
    sender: Sender,
    renderer: Arc<dyn MessageRenderer>,
}

impl MailFolder {
    /// Creates a notifier for this folder, which is created on the first delivery if it is missing.
    pub fn new(folder: PathBuf, sender: Sender, renderer: Arc<dyn MessageRenderer>) -> Self {
        Self { folder, sender, renderer }
    }
}

#[async_trait]
impl Notifier for MailFolder {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let message = compose(notification, &self.sender, self.renderer.as_ref())?.message;
        let (folder, name) = (self.folder.clone(), notification.id.to_string());
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &message)).await;
        let outcome = written.map_err(std::io::Error::other).and_then(|outcome| outcome);
        outcome.map_err(|error| NotifyError::Transient {
            reason: format!("the message cannot be written: {error}"),
            retry_after: None,
        })
    }

    fn profile(&self) -> ChannelProfile {
        PROFILE
    }
}

/// Number of files that this process has begun to write.
static ATTEMPTS: AtomicU64 = AtomicU64::new(0);

/// Writes to a temporary name first, so that no reader sees a partial message.
fn write(folder: &Path, name: &str, message: &[u8]) -> std::io::Result<()> {
    // Accessible to the owner only, regardless of the umask: the links in e-mails grant access to
    // cases.
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Two attempts at one notification may overlap, also in two processes.
    let attempt = ATTEMPTS.fetch_add(1, Ordering::Relaxed);
    let unfinished = folder.join(format!(".{name}.{}-{attempt}.part", std::process::id()));
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(message)?;
    std::fs::rename(&unfinished, folder.join(format!("{name}.eml")))
}

#[cfg(test)]
mod tests;
