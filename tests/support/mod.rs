//! Shared parts of the tests: a server in its own folder, a client, and parsers of the server's
//! output.

pub(crate) mod contract;
pub(crate) mod dispatcher;
pub(crate) mod example;
pub(crate) mod exposition;
pub(crate) mod form;
pub(crate) mod http_receiver;
pub(crate) mod interpreter;
pub(crate) mod mail;
pub(crate) mod mail_server;
pub(crate) mod notify_socket;
pub(crate) mod ports;
pub(crate) mod promql;
pub(crate) mod raw;
pub(crate) mod requests;
pub(crate) mod response;
pub(crate) mod server;
pub(crate) mod smtp_receiver;
pub(crate) mod store;
pub(crate) mod wait;
pub(crate) mod workspace;

pub(crate) use contract::{Exchange, assert_is_a, send};
pub(crate) use dispatcher::Dispatcher;
pub(crate) use form::Form;
pub(crate) use http_receiver::{HttpReceiver, Received};
pub(crate) use interpreter::Interpreter;
pub(crate) use mail::Mail;
pub(crate) use mail_server::MailServer;
pub(crate) use notify_socket::NotifySocket;
pub(crate) use ports::listens_at;
pub(crate) use requests::{a_case, a_case_of_somebody, case_with};
pub(crate) use response::{Response, keys, timestamp};
pub(crate) use server::Server;
pub(crate) use smtp_receiver::SmtpReceiver;
pub(crate) use store::{Store, on_both_stores};
pub(crate) use wait::{eventually, eventually_all, eventually_seen, holds_within, now};
pub(crate) use workspace::Workspace;
