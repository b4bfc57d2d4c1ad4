use std::io;
use std::path::PathBuf;

use object_store::Error as StoreError;
use thiserror::Error;

/// Why the place for contents cannot be used.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error("cannot prepare {}: {cause}", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The settings name no store.
    #[error("cannot use {location}: {cause}")]
    Store {
        /// The place as the settings name it.
        location: String,
        /// What is wrong with it.
        #[source]
        cause: StoreError,
    },
}
