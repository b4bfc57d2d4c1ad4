//! Wiring of the notification channels.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use async_trait::async_trait;
use engage_application::{Clock, EndpointCache, EndpointDirectory};
use engage_domain::{Channel, WebhookUrl};
use engage_http::{PageLook, SmsReport, SmsReportRefused, SmsReports, SupportPage};
use engage_notifier::{MessageRenderer, Notifier, WebhookDirectory, WebhookGuard};
use engage_repository::{DeliveryReport, DirectoryRepository, WebhookRepository};
use engage_sms::{
    BaseUrl, CallbackError, DeliveryOutcome, SmsLog, StatusCallbacks, Twilio, TwilioSettings,
};
use engage_smtp::{MailFolder, Mailer, TrustedRoots};
use engage_templates::{Brand, Templates};
use engage_webhook::{Guard, WebhookLog, WebhookSender};
use tracing::info;

use crate::settings::{EmailSettings, Settings, SmsSettings};
use crate::system::SystemClock;

/// The notification channels and the services that belong to them.
pub(crate) struct Channels {
    pub(crate) renderer: Arc<dyn MessageRenderer>,
    pub(crate) notifiers: HashMap<Channel, Arc<dyn Notifier>>,
    pub(crate) webhook: Arc<dyn Notifier>,
    pub(crate) guard: Arc<dyn WebhookGuard>,
    pub(crate) sms_reports: Option<Arc<dyn SmsReports>>,
    pub(crate) endpoints: EndpointCache,
}

impl Channels {
    pub(crate) fn new(
        settings: &Settings,
        endpoints: Arc<dyn WebhookRepository>,
        version: Arc<dyn DirectoryRepository>,
    ) -> anyhow::Result<Self> {
        let renderer: Arc<dyn MessageRenderer> = Arc::new(templates(settings)?);
        let guard = Guard::new(settings.webhooks.allow_private_networks);
        let is_proxied = settings.webhooks.proxy.is_some();
        let guard = if is_proxied { guard.behind_proxy() } else { guard };
        let endpoints = EndpointCache::new(endpoints, version);
        let directory = Arc::new(EndpointDirectory::new(endpoints.clone(), Arc::new(SystemClock)));
        let webhook = webhook(settings, guard.clone(), directory)?;
        let notifiers = HashMap::from([
            (Channel::Email, email(&settings.email, &renderer)?),
            (Channel::Sms, sms(settings, &renderer)?),
            (Channel::Webhook, Arc::clone(&webhook)),
        ]);
        let sms_reports = sms_reports(settings)?;
        let guard = Arc::new(Registration(guard));
        Ok(Self { renderer, notifiers, webhook, guard, sms_reports, endpoints })
    }
}

pub(crate) fn templates(settings: &Settings) -> anyhow::Result<Templates> {
    Ok(Templates::new(brand(settings)?))
}

/// Builds the customers' page, branded like the e-mails.
pub(crate) fn support_page(settings: &Settings) -> anyhow::Result<SupportPage> {
    let brand = brand(settings)?;
    let link = brand.mailto();
    let address = brand.support_email.map(|address| address.to_string());
    let page = SupportPage::new(&PageLook {
        name: brand.name.to_string(),
        colour: brand.colour.to_string(),
        ink: brand.colour.ink().to_string(),
        contact: address.zip(link),
        access: settings.customers.access,
    })?;
    Ok(page)
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
    settings: &EmailSettings,
    renderer: &Arc<dyn MessageRenderer>,
) -> anyhow::Result<Arc<dyn Notifier>> {
    let Some(url) = &settings.url else {
        let folder = settings.folder.clone();
        info!("writing e-mails to {} (email.url is not set)", folder.display());
        let folder = MailFolder::new(folder, settings.from.clone(), Arc::clone(renderer));
        return Ok(Arc::new(folder));
    };
    let mut roots = TrustedRoots::system();
    if let Some(file) = &settings.root_certificates {
        let pem = std::fs::read(file)
            .with_context(|| format!("cannot read {} (email.root_certificates)", file.display()))?;
        roots = roots.with_pem(&pem).context("email.root_certificates")?;
    }
    info!("sending e-mails through {url}");
    let mailer = Mailer::new(url.clone(), roots, settings.from.clone(), Arc::clone(renderer));
    Ok(Arc::new(mailer.context("email.url")?))
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
    let twilio = Twilio::new(service, Arc::clone(renderer)).context("the settings under sms")?;
    Ok(Arc::new(twilio))
}

fn sms_service(sms: &SmsSettings, settings: &Settings) -> anyhow::Result<Option<TwilioSettings>> {
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
    Ok(Some(Arc::new(Reports(StatusCallbacks::new(token.clone(), url)))))
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

/// Reads Twilio's status reports.
struct Reports(StatusCallbacks);

impl SmsReports for Reports {
    fn read(
        &self,
        query: &str,
        signature: &str,
        body: &[u8],
    ) -> Result<Option<SmsReport>, SmsReportRefused> {
        let report = self.0.read(query, signature, body).map_err(|refusal| match refusal {
            CallbackError::Forged => SmsReportRefused::NotSigned,
            CallbackError::Malformed { missing } => SmsReportRefused::Malformed { field: missing },
        })?;
        Ok(report.map(|report| match report.outcome {
            DeliveryOutcome::Delivered => SmsReport {
                id: report.notification,
                report: DeliveryReport::Delivered,
                is_unwanted: false,
            },
            DeliveryOutcome::Failed { reason, is_unwanted } => SmsReport {
                id: report.notification,
                report: DeliveryReport::Failed { reason },
                is_unwanted,
            },
        }))
    }
}
