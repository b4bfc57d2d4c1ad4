//! The contract of every channel.

use std::sync::Arc;

use engage_notifier::Notifier;
use engage_testkit::contract::notifier::Subject;
use engage_webhook::WebhookLog;

use crate::receiver::{Behaviour, Receiver};
use crate::setting::{Directory, destination, notification, open_settings, secret, sender_with};

fn subject(notifier: impl Notifier + 'static) -> Subject {
    Subject { notifier: Arc::new(notifier), notification: notification() }
}

mod by_http {
    use super::*;

    async fn make() -> (Subject, Receiver) {
        let receiver = Receiver::start(Behaviour::status("204 No Content")).await;
        let url = format!("http://{}/hooks", receiver.address);
        (subject(sender_with(&url, vec![secret(1)], open_settings())), receiver)
    }

    engage_testkit::notifier_contract! { make }
}

mod to_the_log {
    use super::*;

    #[allow(clippy::unused_async)] // The contract expects async constructors.
    async fn make() -> (Subject, ()) {
        let destination = destination("https://hooks.example.com", vec![secret(1)]);
        (subject(WebhookLog::new(Arc::new(Directory(destination)))), ())
    }

    engage_testkit::notifier_contract! { make }
}
