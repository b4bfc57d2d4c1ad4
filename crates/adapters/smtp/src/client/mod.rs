//! An SMTP client (RFC 5321) that reports the command at which a message failed, and the reason.
//!
//! The consequence for a message depends on the command: `550` to RCPT is about the recipient,
//! `550` to MAIL about this sender. lettre composes the messages, but its transports are not used
//! because of the following problems in version 0.11.23:
//!
//! - Their errors contain the code and the text of a reply, but not the command. The underlying
//!   connection can be driven command by command, but the problems below remain.
//! - They treat a reply whose second digit is above 5 as a syntax error. `571`, with which Exchange
//!   and others refuse recipients, would be retried for days. The same applies to a text that is
//!   not UTF-8, or a line of more than 1,000 octets.
//! - Data that the server sends along with its reply to STARTTLS is read as if it had arrived over
//!   TLS, which RFC 3207, section 4.2, forbids.
//! - A line without an end is read into memory without limit.
//! - With lettre's feature `tracing`, which any other crate of a program can enable, the password
//!   is logged.

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
