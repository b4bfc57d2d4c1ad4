//! An SMTP client (RFC 5321) that tells at which command a message failed, and why.
//!
//! What becomes of a message depends on that: `550` to RCPT is about the recipient, `550` to MAIL
//! about this desk. lettre composes the messages; its transports are not used, for what was found
//! in version 0.11.23:
//!
//! - Their errors carry the code and the text of a reply, not the command. The connection below
//!   them can be driven command by command, which leaves what follows.
//! - A reply whose second digit is above 5 is a syntax error to them: `571`, with which Exchange
//!   and others refuse recipients, would be tried again for days. So would a text that is not in
//!   UTF-8, or a line of more than 1,000 octets.
//! - What the server sent along with its answer to STARTTLS is read as if it had come by TLS
//!   (RFC 3207, section 4.2, forbids it).
//! - A line without an end is read into memory for as long as it goes on.
//! - With lettre's feature `tracing`, which any other crate of a program can switch on, the
//!   password is logged.

mod connection;
mod connector;
mod failure;
mod judgement;
mod pool;
mod reply;
mod step;
mod wire;

pub(crate) use connector::Connector;
pub(crate) use pool::{CONNECTIONS, Envelope, Pool};
