use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use engage_application::ServerSecret;
use engage_attachments::{AttachmentContents, Location, S3Settings};
use engage_sqlite::SqliteStore;

use crate::assembly::Engage;
use crate::builder::EngageBuilder;
use crate::error::EngageError;

/// Maximum number of concurrent reads of the database.
const READERS: u32 = 4;

impl Engage {
    /// Begins to assemble a server whose data is in a folder: an SQLite database and the files. A
    /// missing folder is created.
    ///
    /// Needs the features `sqlite` and `attachments`. Fails if the folder cannot be used, or if
    /// another server uses it.
    pub fn in_folder(folder: &Path, secret: ServerSecret) -> Result<EngageBuilder, EngageError> {
        let unusable = |source: Box<dyn Error + Send + Sync>| EngageError::DataFolder {
            folder: folder.to_owned(),
            source,
        };
        let store = SqliteStore::serve(&folder.join("engage.db"), READERS);
        let store = store.map_err(|error| unusable(error.into()))?;
        let files = Location::Folder(folder.join("files"));
        let files = AttachmentContents::open(&files, &S3Settings::default());
        let files = files.map_err(|error| unusable(error.into()))?;
        Ok(Self::builder(Arc::new(store), Arc::new(files), secret))
    }
}
