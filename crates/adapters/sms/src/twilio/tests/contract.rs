//! The contract of every channel.

use engage_testkit::contract::notifier::Subject;

use super::*;
use crate::SmsLog;

fn subject(notifier: impl Notifier + 'static) -> Subject {
    Subject { notifier: Arc::new(notifier), notification: notification() }
}

mod by_twilio {
    use super::*;

    async fn make() -> (Subject, Server) {
        let server = Server::start(accepted()).await;
        (subject(twilio(settings(&format!("http://{}", server.address)))), server)
    }

    engage_testkit::notifier_contract! { make }
}

mod to_the_log {
    use super::*;

    #[allow(clippy::unused_async)] // The contract expects async constructors.
    async fn make() -> (Subject, ()) {
        (subject(SmsLog::new(Arc::new(Fixed))), ())
    }

    engage_testkit::notifier_contract! { make }
}
