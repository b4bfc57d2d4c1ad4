//! Client for Twilio's Messages API (<https://www.twilio.com/docs/messaging/api/message-resource>)
//! and compatible services.

mod callback;
mod callback_url;
mod client;
mod reason;
mod response;
mod retry_after;
mod settings;
mod signature;

use std::sync::Arc;

use async_trait::async_trait;
use engage_domain::NotificationId;
use engage_notifier::{ChannelProfile, MessageRenderer, Notification, Notifier, NotifyError};
use engage_outbound::{DnsResolver, root_cause};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use rustls::RootCertStore;

pub use self::callback::StatusCallbacks;
pub use self::callback_url::{SIGNATURE_HEADER, STATUS_PATH};
pub use self::client::SetupError;
use self::client::TimeOuts;
pub use self::settings::{
    AccountSid, AccountSidError, AuthToken, AuthTokenError, BaseUrl, BaseUrlError, DEFAULT_URL,
    SmsSender, SmsSenderError, TwilioSettings,
};
use crate::profile::PROFILE;
use crate::text_message::TextMessage;

/// Notifier that sends text messages through Twilio.
///
/// A message counts as delivered once Twilio has accepted it. Its later status is reported to
/// [`StatusCallbacks`]. A request takes at most 14 s.
///
/// Twilio cannot recognize duplicates. If it accepts a message but its response is lost completely,
/// the next attempt sends the text again.
///
/// | response | outcome |
/// |---|---|
/// | 2xx, regardless of the rest of the response | delivered |
/// | 429 | [`Overloaded`](NotifyError::Overloaded) |
/// | 5xx, 408, no response in time, no connection | [`Unreachable`](NotifyError::Unreachable) |
/// | 21610: the recipient has opted out | [`Unwanted`](NotifyError::Unwanted) |
/// | 21211, 21408, 21612, 21614: the recipient cannot be texted | [`Rejected`](NotifyError::Rejected) |
/// | a code about the account, the sender or the settings, such as 20003, 21212 or 30001; 401, 402 and 407; all redirects; 403, 404 and 405 without a code | [`ChannelDown`](NotifyError::ChannelDown) |
/// | any other 4xx | [`Ambiguous`](NotifyError::Ambiguous), retried |
///
/// ```
/// # use std::sync::Arc;
/// # use engage_domain::{Address, NotificationId, Template};
/// # use engage_notifier::{CustomerAccess, Notification};
/// use engage_notifier::{Notifier, NotifyError};
/// use engage_sms::{DnsResolver, Twilio, TwilioSettings};
/// use engage_templates::Templates;
/// # use engage_testkit::builders::{a_change_set, an_opened};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let urgent = Notification {
/// #     id: NotificationId::from_u128(1),
/// #     case_number: "CW-2025-001".parse()?,
/// #     template: Template::CaseUrgentStaff,
/// #     address: Address::Phone("+4915112345678".parse()?),
/// #     snapshot: a_change_set(an_opened(1), Vec::new()).snapshot,
/// #     access: CustomerAccess::default(),
/// #     gathered: Vec::new(),
/// #     trace: None,
/// # };
/// let settings = TwilioSettings {
///     url: "http://127.0.0.1:1".parse()?, // A stub that is not running.
///     account_sid: "AC0123456789abcdef0123456789abcdef".parse()?,
///     auth_token: "only-an-example".parse()?,
///     sender: "+15005550006".parse()?,
///     public_url: None,
/// };
/// let channel = Twilio::new(settings, Arc::new(Templates::default()), &DnsResolver::system())?;
/// let failed = channel.deliver(&urgent).await;
/// assert!(matches!(failed, Err(NotifyError::Unreachable { .. })));
/// # Ok(())
/// # }
/// ```
pub struct Twilio {
    client: Client,
    /// URL to which messages are posted.
    messages_url: String,
    settings: TwilioSettings,
    renderer: Arc<dyn MessageRenderer>,
}

impl Twilio {
    /// Creates a notifier that sends the renderer's texts through this account, whose host it
    /// resolves by the resolver. Does not connect yet.
    ///
    /// Fails if the HTTP client cannot be set up, for example if the URL uses `https` and the
    /// system has no root certificates.
    pub fn new(
        settings: TwilioSettings,
        renderer: Arc<dyn MessageRenderer>,
        resolver: &DnsResolver,
    ) -> Result<Self, SetupError> {
        let is_https = settings.url.is_https();
        let roots = if is_https { client::system_roots()? } else { RootCertStore::empty() };
        let client = client::build(roots, TimeOuts::default(), resolver)?;
        Ok(Self::with_client(settings, renderer, client))
    }

    fn with_client(
        settings: TwilioSettings,
        renderer: Arc<dyn MessageRenderer>,
        client: Client,
    ) -> Self {
        let (url, account) = (settings.url.as_str(), settings.account_sid.as_str());
        let messages_url = format!("{url}/2010-04-01/Accounts/{account}/Messages.json");
        Self { client, messages_url, settings, renderer }
    }

    /// Encodes the parameters of a message as a form.
    fn form(&self, id: NotificationId, message: &TextMessage<'_>) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("To", message.to.as_str());
        match &self.settings.sender {
            SmsSender::Number(number) => form.append_pair("From", number.as_str()),
            SmsSender::ShortCode(code) => form.append_pair("From", code),
            SmsSender::Alphanumeric(name) => form.append_pair("From", name),
            SmsSender::MessagingService(sid) => form.append_pair("MessagingServiceSid", sid),
        };
        form.append_pair("Body", &message.text);
        if let Some(public_url) = &self.settings.public_url {
            form.append_pair("StatusCallback", &callback_url::status_url(public_url, id));
        }
        form.finish()
    }
}

#[async_trait]
impl Notifier for Twilio {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let message = TextMessage::compose(notification, self.renderer.as_ref())?;
        let TwilioSettings { account_sid, auth_token, .. } = &self.settings;
        let response = self
            .client
            .post(&self.messages_url)
            .basic_auth(account_sid.as_str(), Some(auth_token.expose()))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(self.form(notification.id, &message))
            .send()
            .await
            .map_err(|error| without_response(&error))?;
        let sid = response::read(response).await?;
        tracing::debug!(notification = %notification.id, sid, "text message accepted");
        Ok(())
    }

    fn profile(&self) -> ChannelProfile {
        PROFILE
    }
}

/// Maps a request without a response to an error. All causes are temporary.
fn without_response(error: &reqwest::Error) -> NotifyError {
    if error.is_timeout() {
        return unreachable("Twilio did not respond in time".to_owned());
    }
    let what = if error.is_connect() {
        "Twilio cannot be reached"
    } else {
        "the connection to Twilio failed"
    };
    // The outer errors mention the request itself, so they are left out.
    let cause = root_cause(error);
    unreachable(reason::one_line(&format!("{what}: {cause}")))
}

fn unreachable(reason: String) -> NotifyError {
    NotifyError::Unreachable { reason, retry_after: None }
}

#[cfg(test)]
mod tests;
