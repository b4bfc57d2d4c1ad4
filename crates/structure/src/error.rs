//! Errors of reading and parsing a source tree.

use std::io;

use thiserror::Error;

/// Error returned when a source tree cannot be analysed.
#[derive(Debug, Error)]
pub enum StructureError {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file or folder.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// A file is not valid Rust.
    #[error("{path} is not Rust: {source}")]
    Syntax {
        /// The file.
        path: String,
        /// The syntax error.
        source: syn::Error,
    },
    /// A declared module has no file.
    #[error("{file} declares the module {module}, which has no file")]
    NoModule {
        /// The file with the declaration.
        file: String,
        /// The name of the module.
        module: String,
    },
}
