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
