//! A server on SQLite that posts text messages to a chat room, and has a page of its own.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use async_trait::async_trait;
use engage::attachments::{AttachmentContents, S3Settings};
use engage::domain::{Channel, Contacts};
use engage::notifier::{
    ChannelProfile, Notification, Notifier, NotifyError, RetrySchedule, concurrent,
};
use engage::smtp::MailFolder;
use engage::sqlite::SqliteStore;
use engage::templates::{Brand, Templates};
use engage::{Engage, Rules};

/// Posts to a chat room.
pub type Post = Box<dyn Fn(String) + Send + Sync>;

const RETRIES: &[Duration] = &[Duration::from_secs(5), Duration::from_secs(60)];

struct ChatRoom(Post);

#[async_trait]
impl Notifier for ChatRoom {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let subject = notification.snapshot()?.data.case.case_details.subject;
        (self.0)(format!("{}: {subject}", notification.case_number));
        Ok(())
    }

    fn profile(&self) -> ChannelProfile {
        ChannelProfile {
            deadline: Duration::from_secs(10),
            retries: RetrySchedule::new(RETRIES),
            slots: concurrent(4),
            most_per_address: None,
        }
    }
}

/// Assembles the server with its data in a folder.
pub fn assemble(folder: &Path, secret: &str, post: Post) -> Result<Engage, Box<dyn Error>> {
    let store = Arc::new(SqliteStore::serve(&folder.join("engage.db"), 4)?);
    let files = format!("file://{}", folder.join("files").display()).parse()?;
    let files = Arc::new(AttachmentContents::open(&files, &S3Settings::default())?);
    let renderer = Arc::new(Templates::new(Brand::default()));
    let mails = MailFolder::new(folder.join("mails"), "support@example.com".parse()?, renderer);
    let contacts = Contacts { on_call: vec!["+4915112345678".parse()?], ..Contacts::default() };
    Ok(Engage::builder(store, files, secret.parse()?)
        .rules(Rules { contacts, ..Rules::default() })
        .channel(Channel::Email, Arc::new(mails))
        .channel(Channel::Sms, Arc::new(ChatRoom(post)))
        .configure(|routes| {
            routes.route("/hello", web::get().to(|| async { HttpResponse::Ok().body("Hello!") }));
        })
        .build()?)
}
