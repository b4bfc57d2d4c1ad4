//! A server on SQLite that posts text messages to a chat room, and has a page of its own.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use engage::domain::{Channel, Contacts};
use engage::notifier::{Notification, Notifier, NotifyError, async_trait};
use engage::smtp::MailFolder;
use engage::{Engage, Rules};

/// Posts to a chat room.
pub type Post = Box<dyn Fn(String) + Send + Sync>;

struct ChatRoom(Post);

#[async_trait]
impl Notifier for ChatRoom {
    async fn deliver(&self, notification: &Notification) -> Result<(), NotifyError> {
        let subject = notification.snapshot()?.data.case.case_details.subject;
        (self.0)(format!("{}: {subject}", notification.case_number));
        Ok(())
    }
}

/// Assembles the server with its data in a folder.
pub fn assemble(folder: &Path, secret: &str, post: Post) -> Result<Engage, Box<dyn Error>> {
    let engage = Engage::in_folder(folder, secret.parse()?)?;
    let sender = "support@example.com".parse()?;
    let mails = MailFolder::new(folder.join("mails"), sender, engage.templates());
    let contacts = Contacts { on_call: vec!["+4915112345678".parse()?], ..Contacts::default() };
    Ok(engage
        .rules(Rules { contacts, ..Rules::default() })
        .channel(Channel::Email, Arc::new(mails))
        .channel(Channel::Sms, Arc::new(ChatRoom(post)))
        .configure(|routes| {
            routes.route("/hello", web::get().to(|| async { HttpResponse::Ok().body("Hello!") }));
        })
        .build()?)
}
