use engage_http::SupportPageError;
use thiserror::Error;

/// Error returned when a server cannot be assembled or has failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngageError {
    /// No channel for e-mail was added. Customers receive access codes by e-mail.
    #[error("there is no channel for e-mail; add one with EngageBuilder::channel")]
    NoEmailChannel,
    /// The folder of the data cannot be used.
    #[cfg(all(feature = "attachments", feature = "sqlite"))]
    #[error("cannot open the data in {}", folder.display())]
    DataFolder {
        /// The folder.
        folder: std::path::PathBuf,
        /// Reason for the failure.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The public URL has a query or a fragment.
    #[error("the public URL must not have a query or a fragment, since paths are appended to it")]
    PublicUrl,
    /// The customers' page cannot be rendered.
    #[error(transparent)]
    SupportPage(#[from] SupportPageError),
    /// The server cannot listen, or has failed.
    #[error("the HTTP server failed")]
    Server(#[source] std::io::Error),
    /// The server ended although it was not told to.
    #[error("the HTTP server ended unexpectedly")]
    Ended,
    /// A part of the server panicked. This is always a defect.
    #[error("{0} panicked")]
    Panicked(&'static str),
}
