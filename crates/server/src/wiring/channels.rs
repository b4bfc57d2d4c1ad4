//! Wiring of the notification channels.

use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use engage::EngageBuilder;
use engage_domain::Channel;
use engage_domain::webhook::WebhookUrl;
use engage_environment::Clock;
use engage_notifier::{MessageRenderer, Notifier, SmsReports, WebhookDirectory, WebhookGuard};
use engage_sms::{BaseUrl, SmsLog, StatusCallbacks, Twilio, TwilioSettings};
use engage_smtp::{MailFolder, Mailer, SmtpUrl, TrustedRoots};
use engage_templates::{Brand, Templates};
use engage_webhook::{Guard, WebhookLog, WebhookSender};
use tracing::info;

use crate::settings::{EmailSettings, Settings, SmsSettings};
use engage_system::SystemClock;

/// Adds the notification channels, and the services that belong to them, to a server.
pub(super) fn add_to(engage: EngageBuilder, settings: &Settings) -> anyhow::Result<EngageBuilder> {
    let brand = brand(settings)?;
    let renderer: Arc<dyn MessageRenderer> = Arc::new(Templates::new(brand.clone()));
    let (notifier, guard) = webhooks(settings, engage.webhook_directory())?;
    let engage = engage
        .brand(brand)
        .channel(Channel::Email, email(settings, &renderer)?)
        .channel(Channel::Sms, sms(settings, &renderer)?)
        .webhooks(notifier, guard);
    Ok(match sms_reports(settings)? {
        Some(reports) => engage.sms_reports(reports),
        None => engage,
    })
}

/// Returns the channel for webhooks, and the guard that checks the URLs of new endpoints.
pub(crate) fn webhooks(
    settings: &Settings,
    directory: Arc<dyn WebhookDirectory>,
) -> anyhow::Result<(Arc<dyn Notifier>, Arc<dyn WebhookGuard>)> {
    let resolver = settings.network.resolver.clone();
    let guard = Guard::new(settings.webhooks.allow_private_networks, resolver);
    let is_proxied = settings.webhooks.proxy.is_some();
    let guard = if is_proxied { guard.behind_proxy() } else { guard };
    Ok((webhook(settings, guard.clone(), directory)?, Arc::new(Registration(guard))))
}

pub(crate) fn templates(settings: &Settings) -> anyhow::Result<Templates> {
    Ok(Templates::new(brand(settings)?))
}

fn brand(settings: &Settings) -> anyhow::Result<Brand> {
    let public_url = settings.public_url();
    Ok(Brand {
        name: settings.brand.name.clone(),
        colour: settings.brand.colour,
        support_email: settings.brand.support_email.clone(),
        public_url: Some(public_url.parse().context("server.public_url")?),
        time_zone: settings.brand.time_zone.0.clone(),
    })
}

fn email(
    settings: &Settings,
    renderer: &Arc<dyn MessageRenderer>,
) -> anyhow::Result<Arc<dyn Notifier>> {
    let EmailSettings { url, folder, from, .. } = &settings.email;
    let Some(url) = url else {
        info!("writing e-mails to {} (email.url is not set)", folder.display());
        let folder = MailFolder::new(folder.clone(), from.clone(), Arc::clone(renderer));
        return Ok(Arc::new(folder));
    };
    info!("sending e-mails through {url}");
    Ok(Arc::new(mailer(settings, url, renderer)?))
}

/// Returns the channel through a mail server.
pub(crate) fn mailer(
    settings: &Settings,
    url: &SmtpUrl,
    renderer: &Arc<dyn MessageRenderer>,
) -> anyhow::Result<Mailer> {
    let mut roots = TrustedRoots::system();
    if let Some(file) = &settings.email.root_certificates {
        let pem = std::fs::read(file)
            .with_context(|| format!("cannot read {} (email.root_certificates)", file.display()))?;
        roots = roots.with_pem(&pem).context("email.root_certificates")?;
    }
    let (sender, resolver) = (settings.email.from.clone(), settings.network.resolver.clone());
    Mailer::new(url.clone(), roots, sender, Arc::clone(renderer), resolver).context("email.url")
}

fn sms(
    settings: &Settings,
    renderer: &Arc<dyn MessageRenderer>,
) -> anyhow::Result<Arc<dyn Notifier>> {
    let Some(service) = sms_service(&settings.sms, settings)? else {
        info!("writing text messages to the log (sms.account_sid is not set)");
        return Ok(Arc::new(SmsLog::new(Arc::clone(renderer))));
    };
    info!("sending text messages through {}", service.url);
    let twilio = Twilio::new(service, Arc::clone(renderer), &settings.network.resolver);
    Ok(Arc::new(twilio.context("the settings under sms")?))
}

/// Returns the account for text messages, if there is one.
pub(crate) fn sms_service(
    sms: &SmsSettings,
    settings: &Settings,
) -> anyhow::Result<Option<TwilioSettings>> {
    let (account_sid, auth_token, sender) = match (&sms.account_sid, &sms.auth_token, &sms.from) {
        (None, None, None) => return Ok(None),
        (Some(account), Some(token), Some(from)) => (account, token, from),
        _ => anyhow::bail!("set sms.account_sid, sms.auth_token and sms.from together"),
    };
    Ok(Some(TwilioSettings {
        url: sms.url.clone(),
        account_sid: account_sid.clone(),
        auth_token: auth_token.clone(),
        sender: sender.clone(),
        public_url: callback_url(settings)?,
    }))
}

/// Returns the URL for status reports. Without a public URL, the service could not reach it.
fn callback_url(settings: &Settings) -> anyhow::Result<Option<BaseUrl>> {
    settings.server.public_url.as_deref().map(str::parse).transpose().context("server.public_url")
}

fn sms_reports(settings: &Settings) -> anyhow::Result<Option<Arc<dyn SmsReports>>> {
    let (Some(token), Some(url)) = (&settings.sms.auth_token, callback_url(settings)?) else {
        return Ok(None);
    };
    Ok(Some(Arc::new(StatusCallbacks::new(token.clone(), url))))
}

fn webhook(
    settings: &Settings,
    guard: Guard,
    directory: Arc<dyn WebhookDirectory>,
) -> anyhow::Result<Arc<dyn Notifier>> {
    if settings.webhooks.log_only {
        info!("writing webhook events to the log (webhooks.log_only)");
        return Ok(Arc::new(WebhookLog::new(directory)));
    }
    let proxy = settings.webhooks.proxy.clone();
    if let Some(proxy) = &proxy {
        info!("sending webhook events through the proxy {proxy} (webhooks.proxy)");
    }
    let sender_settings =
        engage_webhook::WebhookSettings { proxy, ..engage_webhook::WebhookSettings::new(guard) };
    let sender = WebhookSender::new(directory, || SystemClock.now(), sender_settings);
    Ok(Arc::new(sender.context("cannot set up webhooks")?))
}

/// Checks URLs that staff register.
struct Registration(Guard);

#[async_trait]
impl WebhookGuard for Registration {
    async fn check(&self, url: &WebhookUrl) -> Result<(), String> {
        self.0.check_resolved(url).await.map_err(|refusal| refusal.to_string())
    }
}
