use async_trait::async_trait;
use engage_domain::WebhookId;
use engage_domain::webhook::{WebhookHeaders, WebhookSecret, WebhookUrl};

use crate::NotifyError;

/// The URL of a webhook endpoint, and the secrets, filter and headers that apply to its requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDestination {
    /// URL of the endpoint.
    pub url: WebhookUrl,
    /// Signing secrets, newest first. Never empty.
    pub secrets: Vec<WebhookSecret>,
    /// True if the endpoint also receives internal updates.
    pub includes_internal: bool,
    /// Headers that are sent in addition to the standard ones. Their values may be secrets.
    pub headers: WebhookHeaders,
}

/// Decides which URLs may be called. A URL entered by staff must not give access to the network of
/// the server.
///
/// ```
/// use engage_domain::webhook::WebhookUrl;
/// use engage_notifier::{WebhookGuard, async_trait};
///
/// /// Allows the hosts of one company.
/// struct Inside(&'static str);
///
/// #[async_trait]
/// impl WebhookGuard for Inside {
///     async fn check(&self, url: &WebhookUrl) -> Result<(), String> {
///         let is_inside = url.normalized().starts_with(self.0);
///         is_inside.then_some(()).ok_or_else(|| format!("must begin with {}", self.0))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let guard = Inside("https://hooks.example.com/");
/// assert_eq!(guard.check(&"https://Hooks.example.com/cases".parse()?).await, Ok(()));
/// assert!(guard.check(&"https://hooks.example.com.evil.example/".parse()?).await.is_err());
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookGuard: Send + Sync {
    /// Checks a URL before it is registered. Returns the reason if it is rejected.
    ///
    /// MUST reject every URL to which a delivery would be rejected now.
    async fn check(&self, url: &WebhookUrl) -> Result<(), String>;
}

/// Looks up the registered webhook endpoints.
///
/// ```
/// # use engage_domain::webhook::{WebhookHeaders, WebhookSecret};
/// # use engage_domain::WebhookId;
/// # use engage_notifier::{NotifyError, WebhookDestination, WebhookDirectory, async_trait};
/// /// The only endpoint, from the settings of the program.
/// struct Only(WebhookId, WebhookDestination);
///
/// #[async_trait]
/// impl WebhookDirectory for Only {
///     async fn find_destination(&self, id: WebhookId) -> Result<WebhookDestination, NotifyError> {
///         let found = (id == self.0).then(|| self.1.clone());
///         found.ok_or_else(|| NotifyError::rejected("the endpoint is no longer registered"))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let destination = WebhookDestination {
/// #     url: "https://example.com/hooks".parse()?,
/// #     secrets: vec![WebhookSecret::from_bytes([7; 32])],
/// #     includes_internal: false,
/// #     headers: WebhookHeaders::default(),
/// # };
/// let directory = Only(WebhookId::from_u128(1), destination.clone());
/// assert_eq!(directory.find_destination(WebhookId::from_u128(1)).await, Ok(destination));
/// let unknown = directory.find_destination(WebhookId::from_u128(2)).await;
/// assert!(matches!(unknown, Err(NotifyError::Rejected { .. })));
/// # Ok(())
/// # }
/// ```
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait WebhookDirectory: Send + Sync {
    /// Returns the current destination of an endpoint.
    ///
    /// MUST fail with [`NotifyError::Rejected`] if the endpoint is unknown or disabled, and with
    /// [`NotifyError::Transient`] if the endpoint cannot be looked up at the moment.
    async fn find_destination(&self, id: WebhookId) -> Result<WebhookDestination, NotifyError>;
}
