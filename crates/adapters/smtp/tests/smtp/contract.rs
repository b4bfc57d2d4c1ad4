//! The contract of every channel.

use std::sync::Arc;

use engage_notifier::Notifier;
use engage_smtp::{MailFolder, MailMemory};
use engage_testkit::contract::notifier::Subject;

use crate::fixtures::{Words, notification_to};
use crate::mailer;
use crate::server::{Script, Server};

fn subject(notifier: impl Notifier + 'static) -> Subject {
    Subject { notifier: Arc::new(notifier), notification: notification_to("john@example.com") }
}

fn words() -> Arc<Words> {
    Words::new("News", "Hello", "<p>Hello</p>")
}

mod by_smtp {
    use super::*;

    async fn make() -> (Subject, Server) {
        let server = Server::start(Script::new()).await;
        (subject(mailer(&server, "smtp://HOST")), server)
    }

    engage_testkit::notifier_contract! { make }
}

mod in_a_folder {
    use super::*;

    #[allow(clippy::unused_async)] // The contract expects async constructors.
    async fn make() -> (Subject, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let sender = "support@desk.example".parse().unwrap();
        (subject(MailFolder::new(folder.path().to_owned(), sender, words())), folder)
    }

    engage_testkit::notifier_contract! { make }
}

mod in_memory {
    use super::*;

    #[allow(clippy::unused_async)] // The contract expects async constructors.
    async fn make() -> (Subject, ()) {
        let sender = "support@desk.example".parse().unwrap();
        (subject(MailMemory::new(sender, words())), ())
    }

    engage_testkit::notifier_contract! { make }
}
