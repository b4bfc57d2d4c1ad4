use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engage_domain::webhook::WebhookHeaders;
use engage_domain::{Address, Template, Timestamp, TraceContext};
use engage_notifier::{
    ChannelProfile, Notification, Notifier, NotifyError, Snapshot, WebhookDestination,
    WebhookDirectory,
};
use engage_outbound::http_client;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Proxy, RequestBuilder};
use tokio::time::{Instant, timeout, timeout_at};

use crate::failure::{blocked, no_response};
use crate::guard::Guard;
use crate::guarded_resolver::GuardedResolver;
use crate::profile::PROFILE;
use crate::response::{judge, read_and_drop};
use crate::settings::WebhookSettings;
use crate::signature::Signed;
use crate::tls::{self, SetUpError};

/// Time limit for reading the body of a success, so that the connection can be reused.
const READ_BODY: Duration = Duration::from_secs(2);

/// Lifetime of an idle connection.
const KEEP_CONNECTIONS: Duration = Duration::from_secs(30);

/// Notifier that posts events to their endpoints, signed according to [Standard Webhooks 1.0].
///
/// An event counts as delivered once the endpoint has returned a 2xx status, no matter what happens
/// to the response body. At most 64 KiB of the body are read, and nothing of it is stored.
/// Redirects are not followed. No proxy is used unless one is configured.
///
/// [Standard Webhooks 1.0]: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
///
/// ```
/// # use std::sync::Arc;
/// # use engage_domain::webhook::{WebhookHeaders, WebhookSecret};
/// # use engage_domain::{Address, NotificationId, Template, Timestamp, WebhookId};
/// # use engage_notifier::{CustomerAccess, Notification, WebhookDestination, WebhookDirectory};
/// # use engage_notifier::async_trait;
/// use engage_notifier::{Notifier, NotifyError};
/// use engage_webhook::{DnsResolver, Guard, WebhookSender, WebhookSettings};
/// # struct Inside;
/// #
/// # #[async_trait]
/// # impl WebhookDirectory for Inside {
/// #     async fn find_destination(
/// #         &self,
/// #         _: WebhookId,
/// #     ) -> Result<WebhookDestination, NotifyError> {
/// #         Ok(WebhookDestination {
/// #             url: "https://10.0.0.1/hooks".parse().unwrap(),
/// #             secrets: vec![WebhookSecret::from_bytes([7; 32])],
/// #             includes_internal: true,
/// #             headers: WebhookHeaders::default(),
/// #         })
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (event, directory) = (Notification {
/// #     id: NotificationId::from_u128(1),
/// #     case_number: "CW-2025-001".parse()?,
/// #     template: Template::CaseEvent,
/// #     address: Address::Webhook(WebhookId::from_u128(7)),
/// #     snapshot: "{}".to_owned(),
/// #     access: CustomerAccess::default(),
/// #     gathered: Vec::new(),
/// #     trace: None,
/// # }, Inside);
/// # let now: Timestamp = "2025-01-27T10:00:00Z".parse()?;
/// let settings = WebhookSettings::new(Guard::new(false, DnsResolver::system()));
/// let sender = WebhookSender::new(Arc::new(directory), move || now, settings)?;
///
/// // The URL of the endpoint is https://10.0.0.1/hooks, so it is never called.
/// let rejected = sender.deliver(&event).await;
/// assert!(matches!(rejected, Err(NotifyError::Rejected { .. })), "{rejected:?}");
/// # Ok(())
/// # }
/// ```
pub struct WebhookSender {
    directory: Arc<dyn WebhookDirectory>,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    client: Client,
    guard: Guard,
    timeout: Duration,
}

impl WebhookSender {
    /// Creates a sender for the endpoints of a directory. Each attempt is stamped with the time of
    /// the clock. Fails if a further root is not a certificate, or if TLS cannot be set up.
    ///
    /// Reads the system's certificates and therefore blocks for a few milliseconds.
    pub fn new(
        directory: Arc<dyn WebhookDirectory>,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        settings: WebhookSettings,
    ) -> Result<Self, SetUpError> {
        let WebhookSettings { guard, further_roots, proxy, connect_timeout, timeout } = settings;
        let guard = if proxy.is_some() { guard.behind_proxy() } else { guard };
        let tls = tls::config(&further_roots)?;
        let mut client = http_client(tls, GuardedResolver(guard.clone()))
            .https_only(!guard.allows_private_networks());
        if let Some(proxy) = proxy {
            client = client.proxy(Proxy::all(proxy.expose())?);
        }
        let client = client
            .http1_only()
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(KEEP_CONNECTIONS)
            .build()?;
        Ok(Self { directory, clock: Box::new(clock), client, guard, timeout })
    }

    fn request(
        &self,
        notification: &Notification,
        destination: &WebhookDestination,
    ) -> Result<RequestBuilder, NotifyError> {
        let url = self.guard.parse(&destination.url).map_err(blocked)?;
        let id = notification.id.to_string();
        let seconds = (self.clock)().as_millis().div_euclid(1_000);
        let body = body(notification, destination)?;
        let signed = Signed { id: &id, seconds, body: &body };
        let signatures = signed.signatures(&destination.secrets);
        let mut headers = further_headers(&destination.headers)?;
        add_trace(&mut headers, notification.trace.as_ref());
        Ok(self
            .client
            .post(url)
            .headers(headers)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures)
            .body(body.into_owned()))
    }

    async fn send(&self, request: RequestBuilder) -> Result<(), NotifyError> {
        let deadline = Instant::now() + self.timeout;
        let answer = timeout_at(deadline, request.send()).await;
        let answer = answer
            .map_err(|_| self.too_slow("the endpoint did not respond"))?
            .map_err(|error| no_response(&error))?;
        // Not reading the body of a failure costs no more than the connection.
        judge(answer.status(), answer.headers(), (self.clock)())?;
        // The headers decide. A body that breaks off or never ends costs only the connection.
        let _ = timeout(READ_BODY, read_and_drop(answer)).await;
        Ok(())
    }

    fn too_slow(&self, what: &str) -> NotifyError {
        NotifyError::transient(format!("{what} within {:?}", self.timeout))
    }
}

/// Returns the custom headers of the endpoint. The HTTP client never logs their values.
fn further_headers(wanted: &WebhookHeaders) -> Result<HeaderMap, NotifyError> {
    let unfit = |()| NotifyError::rejected("a header of the endpoint cannot be sent; set it again");
    let mut headers = HeaderMap::new();
    for (name, value) in wanted.iter() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).map_err(|_| unfit(()))?;
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| unfit(()))?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Adds the headers of W3C Trace Context. They replace headers that an endpoint was given before these
/// names were reserved.
fn add_trace(headers: &mut HeaderMap, trace: Option<&TraceContext>) {
    let Some(trace) = trace else { return };
    let texts = [("traceparent", trace.to_string()), ("tracestate", trace.state().to_string())];
    for (name, text) in texts {
        headers.remove(name);
        if !text.is_empty()
            && let Ok(value) = HeaderValue::from_str(&text)
        {
            headers.insert(name, value);
        }
    }
}

/// Returns the request body: the snapshot, without internal data unless the endpoint includes it.
fn body<'a>(
    notification: &'a Notification,
    destination: &WebhookDestination,
) -> Result<Cow<'a, str>, NotifyError> {
    let includes_all =
        destination.includes_internal || notification.template != Template::CaseEvent;
    if includes_all && Snapshot::is_stored_as_sent(&notification.snapshot) {
        return Ok(Cow::Borrowed(&notification.snapshot));
    }
    let Ok(snapshot) = notification.snapshot() else {
        // A test event, which has no case and no internal data.
        return Ok(Cow::Borrowed(&notification.snapshot));
    };
    let snapshot = if includes_all { snapshot } else { snapshot.without_internal() };
    snapshot.to_json().map(Cow::Owned)
}

#[async_trait]
impl Notifier for WebhookSender {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let Address::Webhook(id) = notification.address else {
            return Err(NotifyError::rejected("webhooks can only be sent to an endpoint"));
        };
        let destination = self.directory.find_destination(id).await?;
        if destination.secrets.is_empty() {
            return Err(NotifyError::rejected("the endpoint has no secret to sign with"));
        }
        self.send(self.request(notification, &destination)?).await
    }

    fn profile(&self) -> ChannelProfile {
        PROFILE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names were not reserved when such an endpoint was registered.
    #[test]
    fn the_trace_replaces_headers_of_the_endpoint() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let mut headers = HeaderMap::new();
        for name in ["traceparent", "tracestate", "x-tenant"] {
            headers.insert(name, HeaderValue::from_static("of the endpoint"));
        }
        add_trace(&mut headers, Some(&parent.parse().unwrap()));
        assert_eq!(headers["traceparent"], parent);
        assert_eq!(headers.get("tracestate"), None);
        assert_eq!(headers["x-tenant"], "of the endpoint");
    }
}
