//! Builds e-mails from rendered content.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use engage_domain::{Address, EmailAddress};
use engage_notifier::{EmailContent, EmailKind, MessageRenderer, Notification, NotifyError};
use lettre::Message;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use thiserror::Error;

/// Mailbox from which e-mails are sent, such as `Support <support@example.com>`. The address must
/// be a valid [`EmailAddress`]. Replies and delivery failure reports go there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// Error returned when a text is not a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SenderError {
    /// The text has no valid address.
    #[error("must be a mailbox such as Support <support@example.com>")]
    Malformed,
    /// The name contains a character that must be quoted.
    #[error(
        "must have the name in quotes, since it contains one of ( ) < > [ ] : ; @ \\ , . as in \
         \"Support, Acme\" <support@example.com>"
    )]
    Unquoted,
}

impl Sender {
    /// Returns the domain of the address, in ASCII. It is also that of message IDs.
    pub fn domain(&self) -> &str {
        self.0.email.domain()
    }

    /// Returns the address without the name.
    pub(crate) fn address(&self) -> &str {
        self.0.email.as_ref()
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Sender {
    type Err = SenderError;

    fn from_str(text: &str) -> Result<Self, SenderError> {
        let Mailbox { name, email } = text.parse().map_err(|_| refusal(text))?;
        let address: &str = email.as_ref();
        let address: EmailAddress = address.parse().map_err(|_| SenderError::Malformed)?;
        let email = address.ascii().parse().map_err(|_| SenderError::Malformed)?;
        Ok(Self(Mailbox { name, email }))
    }
}

/// Returns the reason for refusing a text: the name, if the address in brackets is valid.
fn refusal(text: &str) -> SenderError {
    let parts = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    let Some((name, address)) = parts else { return SenderError::Malformed };
    let is_quoted = name.trim().starts_with('"');
    let is_special = |c| "()<>[]:;@\\,.\"".contains(c);
    if !is_quoted && name.contains(is_special) && address.parse::<EmailAddress>().is_ok() {
        SenderError::Unquoted
    } else {
        SenderError::Malformed
    }
}

#[derive(Clone)]
struct AutoSubmitted(String);

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

#[derive(Clone)]
struct CaseNumberHeader(String);

impl Header for CaseNumberHeader {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Case-Number")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// URL with which the recipient's mail program ends the notifications (RFC 2369, section 3.2).
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), format!("<{}>", self.0))
    }
}

/// Header that has mail programs send a `POST` to the URL, without opening a page (RFC 8058,
/// section 3.1).
#[derive(Clone)]
struct OneClick;

impl Header for OneClick {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

/// Header that prevents out-of-office replies and other automatic replies of Exchange and Outlook.
#[derive(Clone)]
struct ResponseSuppress;

impl Header for ResponseSuppress {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Auto-Response-Suppress")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "OOF, AutoReply".to_owned())
    }
}

/// The subject exactly as written.
///
/// A text that happens to look like an encoded word (RFC 2047, section 2) would be decoded for
/// display and show something else. Such a subject is encoded as a whole, which lettre only does
/// for other scripts.
#[derive(Clone)]
struct LiteralSubject(String);

impl LiteralSubject {
    /// An encoded word has at most 75 characters: 12 around it, and 4 for every 3 octets inside.
    const OCTETS: usize = 45;

    /// A line has at most 76 characters (RFC 2047, section 2). The first one includes the header's
    /// name.
    const OCTETS_AT_FIRST: usize = 39;

    fn encoded(&self) -> String {
        let mut words = Vec::new();
        let mut rest = self.0.as_str();
        while !rest.is_empty() {
            let octets = if words.is_empty() { Self::OCTETS_AT_FIRST } else { Self::OCTETS };
            let (word, remainder) = rest.split_at(rest.floor_char_boundary(octets));
            words.push(format!("=?utf-8?B?{}?=", STANDARD.encode(word)));
            rest = remainder;
        }
        words.join("\r\n ")
    }
}

impl Header for LiteralSubject {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Subject")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        if self.0.contains("=?") {
            HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.encoded())
        } else {
            HeaderValue::new(Self::name(), self.0.clone())
        }
    }
}

/// A composed e-mail.
pub(crate) struct Mail {
    pub(crate) to: EmailAddress,
    /// Headers and body in ASCII, in lines of at most 998 octets, as every mail server accepts.
    pub(crate) message: Vec<u8>,
}

/// Renders a notification and builds the e-mail.
///
/// The message ID is derived from the notification, so that a duplicate delivery is recognized. All
/// e-mails of a case refer to the same ID, so that mail clients show them as one conversation.
pub(crate) fn compose(
    notification: &Notification,
    sender: &Sender,
    renderer: &dyn MessageRenderer,
) -> Result<Mail, NotifyError> {
    let Address::Email(to) = &notification.address else {
        return Err(NotifyError::rejected("the address is not an e-mail address"));
    };
    let snapshot = notification.snapshot()?;
    let content = renderer
        .render_email(notification.template, &snapshot, &notification.access)
        .map_err(|error| NotifyError::rejected(error.to_string()))?;
    let message = build(notification, sender, to, content)?.formatted();
    Ok(Mail { to: to.clone().into_ascii(), message })
}

/// Builds a short message for operators who check the mail server.
pub(crate) fn compose_test(sender: &Sender, to: &EmailAddress) -> Result<Vec<u8>, NotifyError> {
    let text = "Engage can send e-mails through this server.";
    // Two parts, as in most e-mails to customers, since a filter may treat them differently.
    let both = MultiPart::alternative().singlepart(SinglePart::plain(text.to_owned()));
    let built = Message::builder()
        .from(sender.0.clone())
        .to(Mailbox::new(None, lettre_address(to)?))
        .header(LiteralSubject("Test of the mail server".to_owned()))
        .header(AutoSubmitted("auto-generated".to_owned()))
        .multipart(both.singlepart(SinglePart::html(format!("<p>{text}</p>"))));
    let message = built.map_err(|error| NotifyError::rejected(error.to_string()))?;
    Ok(message.formatted())
}

fn build(
    notification: &Notification,
    sender: &Sender,
    to: &EmailAddress,
    content: EmailContent,
) -> Result<Message, NotifyError> {
    let domain = sender.domain();
    let to = lettre_address(to)?;
    let number = notification.case_number.to_string();
    let conversation = format!("<{}@{domain}>", number.to_ascii_lowercase());
    let message = Message::builder()
        .from(sender.0.clone())
        .to(Mailbox::new(None, to))
        .header(LiteralSubject(in_one_line(&content.subject)))
        .message_id(Some(format!("<{}@{domain}>", notification.id)))
        .in_reply_to(conversation.clone())
        .references(conversation)
        .header(ResponseSuppress)
        .header(CaseNumberHeader(number));
    // Text written by staff is not an automatic message. Another support system should accept it as
    // a reply.
    let message = match content.kind {
        EmailKind::Confirmation => message.header(AutoSubmitted("auto-replied".to_owned())),
        EmailKind::Change => message.header(AutoSubmitted("auto-generated".to_owned())),
        EmailKind::Words => message,
    };
    let message = match content.reply_to {
        Some(address) => message.reply_to(Mailbox::new(None, lettre_address(&address)?)),
        None => message,
    };
    let message = match &notification.access.unsubscribe {
        Some(url) => message.header(ListUnsubscribe(in_one_line(url))).header(OneClick),
        None => message,
    };
    let text = SinglePart::plain(content.text);
    let built = if content.html.is_empty() {
        message.singlepart(text)
    } else {
        // Mail clients show the last part that they support (RFC 2046, section 5.1.4).
        let both = MultiPart::alternative().singlepart(text);
        message.multipart(both.singlepart(SinglePart::html(content.html)))
    };
    built.map_err(|error| NotifyError::rejected(format!("the message cannot be built: {error}")))
}

fn lettre_address(address: &EmailAddress) -> Result<lettre::Address, NotifyError> {
    let unusable = |_| NotifyError::rejected("the address cannot be used");
    address.ascii().parse().map_err(unusable)
}

/// Ensures that a header is a single line, no matter what a renderer returns.
fn in_one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests;
