//! E-mails, from worded content to bytes.

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

/// In whose name e-mails are sent: `Support <support@example.com>`, where the address is one that
/// [`EmailAddress`] takes. Answers and reports of failed delivery go there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// A text that is no mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SenderError {
    /// It has no address that everybody can answer.
    #[error("must be a mailbox such as Support <support@example.com>")]
    Malformed,
    /// The name has a character that means something else outside of quotes.
    #[error(
        "must have the name in quotes, since there is one of ( ) < > [ ] : ; @ \\ , . in it: \
         \"Support, Acme\" <support@example.com>"
    )]
    Unquoted,
}

impl Sender {
    /// The domain that message ids are made under.
    fn domain(&self) -> &str {
        self.0.email.domain()
    }

    /// The address alone.
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

/// Why a text is none: for its name, where the address that follows in brackets is one.
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

/// Has Exchange and Outlook send no out-of-office mail and no other answer by themselves.
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

/// The subject, as it was written.
///
/// A text that happens to look like an encoded word (RFC 2047, section 2) would be shown decoded,
/// as something that nobody wrote; it is encoded as a whole, which lettre does for other scripts
/// only.
#[derive(Clone)]
struct LiteralSubject(String);

impl LiteralSubject {
    /// At most 75 characters an encoded word: 12 around it, and 4 for every 3 octets inside.
    const OCTETS: usize = 45;

    /// At most 76 characters a line (RFC 2047, section 2), the first with the header's name.
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

/// An e-mail on its way.
pub(crate) struct Mail {
    pub(crate) to: EmailAddress,
    /// The headers and the body: ASCII, in lines of at most 998 octets, so that every mail server
    /// takes it.
    pub(crate) message: Vec<u8>,
}

/// Words a notification and puts it into the form of an e-mail.
///
/// The message id is the notification's, so that a second delivery is recognised as the same
/// message; all e-mails of a case refer to one id, so that they are shown as one conversation.
pub(crate) fn compose(
    notification: &Notification,
    sender: &Sender,
    renderer: &dyn MessageRenderer,
) -> Result<Mail, NotifyError> {
    let Address::Email(to) = &notification.address else {
        return Err(NotifyError::rejected("the address is no e-mail address"));
    };
    let snapshot = notification.snapshot()?;
    let content = renderer
        .render_email(notification.template, &snapshot, &notification.access)
        .map_err(|error| NotifyError::rejected(error.to_string()))?;
    let message = build(notification, sender, to, content)?.formatted();
    Ok(Mail { to: to.clone().into_ascii(), message })
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
    // What staff wrote is no automatic message: another desk is to take it as a reply.
    let message = match content.kind {
        EmailKind::Confirmation => message.header(AutoSubmitted("auto-replied".to_owned())),
        EmailKind::Change => message.header(AutoSubmitted("auto-generated".to_owned())),
        EmailKind::Words => message,
    };
    let message = match content.reply_to {
        Some(address) => message.reply_to(Mailbox::new(None, lettre_address(&address)?)),
        None => message,
    };
    let text = SinglePart::plain(content.text);
    let built = if content.html.is_empty() {
        message.singlepart(text)
    } else {
        // The last part is what is shown, by programs that can (RFC 2046, section 5.1.4).
        let both = MultiPart::alternative().singlepart(text);
        message.multipart(both.singlepart(SinglePart::html(content.html)))
    };
    built.map_err(|error| NotifyError::rejected(format!("the message cannot be built: {error}")))
}

fn lettre_address(address: &EmailAddress) -> Result<lettre::Address, NotifyError> {
    let unusable = |_| NotifyError::rejected("the address cannot be written to");
    address.ascii().parse().map_err(unusable)
}

/// A header is one line, whatever a renderer makes of a value.
fn in_one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
