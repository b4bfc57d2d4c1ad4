use std::io;
use std::path::PathBuf;

use object_store::Error as StoreError;
use thiserror::Error;

/// Error returned when a storage location cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The folder cannot be created.
    #[error("cannot prepare {}: {cause}", path.display())]
    Folder {
        /// Path of the folder.
        path: PathBuf,
        /// Underlying error.
        #[source]
        cause: io::Error,
    },
    /// The settings do not describe a valid store.
    #[error("cannot use {location}: {cause}")]
    Store {
        /// The location as given in the settings.
        location: String,
        /// Underlying error.
        #[source]
        cause: StoreError,
    },
}
