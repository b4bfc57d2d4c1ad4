use engage_http::SupportPageError;
use thiserror::Error;

/// Error returned when a server cannot be assembled or has failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngageError {
    /// No channel for e-mail was added. Customers receive access codes by e-mail.
    #[error("there is no channel for e-mail; add one with EngageBuilder::channel")]
    NoEmailChannel,
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
