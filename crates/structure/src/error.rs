//! Why a source tree cannot be looked at.

use std::io;

use thiserror::Error;

/// A source tree that cannot be looked at.
#[derive(Debug, Error)]
pub enum StructureError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file or folder.
        path: String,
        /// Why not.
        source: io::Error,
    },
    /// A file is not Rust.
    #[error("{path} is not Rust: {source}")]
    Syntax {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: syn::Error,
    },
    /// A module is declared whose file is not there.
    #[error("{file} declares the module {module}, which has no file")]
    NoModule {
        /// The file with the declaration.
        file: String,
        /// The name of the module.
        module: String,
    },
}
