//! Restores a backup.

use engage_repository::{AttachmentStore, DatabaseBackup, Restored, WaitingNotifications};

use crate::archive::Archive;
use crate::contents::content;
use crate::copy_reader::CopyInArchive;
use crate::error::ArchiveError;

/// A backup to restore.
pub struct RestoreRequest<'a> {
    /// The archive.
    pub archive: &'a Archive,
    /// The database.
    pub database: &'a dyn DatabaseBackup,
    /// The storage for the contents of attachments, unless they are to be left as they are.
    pub contents: Option<&'a dyn AttachmentStore>,
    /// Treatment of the notifications that were waiting when the backup was made.
    pub waiting: WaitingNotifications,
}

/// Restores an archive. The whole archive is verified and the target is checked before anything is
/// changed. The files come first: one without a row does no harm, but a row without its file is an
/// attachment that cannot be downloaded.
///
/// It blocks the calling thread while it reads.
pub async fn restore(request: RestoreRequest<'_>) -> Result<Restored, ArchiveError> {
    let RestoreRequest { archive, database, contents, waiting } = request;
    let manifest = archive.manifest();
    if manifest.store != database.kind() {
        return Err(ArchiveError::OtherDatabase {
            found: manifest.store.clone(),
            wanted: database.kind(),
        });
    }
    let copy = CopyInArchive::new(archive);
    // First, because it takes no time.
    database.check_target(&manifest.facts()).await?;
    archive.verify()?;
    if let Some(contents) = contents {
        let mut files = archive.contents();
        while let Some((id, _, bytes)) = files.next()? {
            contents.put(id, content(bytes)).await.map_err(ArchiveError::Contents)?;
        }
    }
    Ok(database.restore(&copy, waiting).await?)
}
