//! Sends commands to a server and receives its replies.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use super::failure::{Cause, Failure};
use super::reply::Reply;
use super::step::Step;

/// A stream with the data received but not yet parsed.
pub(super) struct Wire<S> {
    stream: S,
    received: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, received: Vec::new() }
    }

    /// Returns the stream, unless unsolicited data has been received.
    ///
    /// An attacker in the network could inject replies before TLS begins, to be read as if they had
    /// arrived over TLS. Data from before TLS must not count (RFC 3207, section 4.2).
    pub(super) fn into_stream(self) -> Option<S> {
        self.received.is_empty().then_some(self.stream)
    }

    /// Converts the stream to another type.
    pub(super) fn map<T>(self, change: impl FnOnce(S) -> T) -> Wire<T> {
        Wire { stream: change(self.stream), received: self.received }
    }

    /// Sends a command and waits for a positive reply.
    pub(super) async fn ask(&mut self, step: Step, what: &[u8]) -> Result<Reply, Failure> {
        let answered = timeout(step.limit(), async {
            self.write(what).await?;
            self.read().await
        });
        expect(step, answered.await.unwrap_or(Err(Cause::TimedOut)))
    }

    /// Waits for a positive reply.
    pub(super) async fn hear(&mut self, step: Step) -> Result<Reply, Failure> {
        expect(step, timeout(step.limit(), self.read()).await.unwrap_or(Err(Cause::TimedOut)))
    }

    /// Sends a message and waits until it is accepted.
    pub(super) async fn send(&mut self, message: &[u8]) -> Result<Reply, Failure> {
        let step = Step::Content;
        match timeout(step.limit(), self.write(message)).await {
            Ok(Ok(())) => self.hear(Step::End).await,
            // A server that rejects a message midway sends the reason before it closes the
            // connection.
            Ok(Err(cause)) => match timeout(Step::Reset.limit(), self.read()).await {
                Ok(Ok(reply)) => expect(step, Ok(reply)),
                Ok(Err(_)) | Err(_) => Err(Failure::new(step, cause)),
            },
            Err(_) => Err(Failure::new(step, Cause::TimedOut)),
        }
    }

    async fn write(&mut self, what: &[u8]) -> Result<(), Cause> {
        self.stream.write_all(what).await.map_err(Cause::Lost)?;
        self.stream.flush().await.map_err(Cause::Lost)
    }

    async fn read(&mut self) -> Result<Reply, Cause> {
        loop {
            match Reply::parse(&self.received) {
                Ok(Some((reply, length))) => {
                    self.received.drain(..length);
                    return Ok(reply);
                }
                Ok(None) => {}
                Err(_) => return Err(Cause::Garbled),
            }
            if self.stream.read_buf(&mut self.received).await.map_err(Cause::Lost)? == 0 {
                let closed = io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the server closed the connection",
                );
                return Err(Cause::Lost(closed));
            }
        }
    }
}

/// Checks for the reply that continues the conversation (RFC 5321, section 4.3.2).
fn expect(step: Step, heard: Result<Reply, Cause>) -> Result<Reply, Failure> {
    let is_right = |reply: &Reply| match step {
        Step::Auth => matches!(reply.class(), 2 | 3),
        Step::Data => reply.class() == 3,
        _ => reply.class() == 2,
    };
    match heard {
        Ok(reply) if is_right(&reply) => Ok(reply),
        Ok(reply) => Err(Failure::new(step, Cause::Reply(reply))),
        Err(cause) => Err(Failure::new(step, cause)),
    }
}

/// Encodes a message for transmission, including its end (RFC 5321, section 4.5.2).
///
/// Every line ends with CR LF. Some servers treat a lone CR or LF as the end of a line, so one
/// before a dot could end the message and turn the rest into commands.
pub(super) fn transparent(message: &[u8]) -> Vec<u8> {
    let mut wired = Vec::with_capacity(message.len() + 64);
    let mut begins = true;
    let mut bytes = message.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if matches!(byte, b'\r' | b'\n') {
            if byte == b'\r' {
                bytes.next_if_eq(&b'\n');
            }
            wired.extend_from_slice(b"\r\n");
            begins = true;
            continue;
        }
        if begins && byte == b'.' {
            wired.push(b'.');
        }
        wired.push(byte);
        begins = false;
    }
    if !begins {
        wired.extend_from_slice(b"\r\n");
    }
    wired.extend_from_slice(b".\r\n");
    wired
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_a_message_ends_it() {
        for (message, wired) in [
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            ("", ".\r\n"),
            (".\r\n..\r\na.\r\n", "..\r\n...\r\na.\r\n.\r\n"),
            ("a\r\n\r\n.\r\nMAIL", "a\r\n\r\n..\r\nMAIL\r\n.\r\n"),
            ("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\n\r.\r\n", "a\r\n\r\n..\r\n.\r\n"),
        ] {
            assert_eq!(transparent(message.as_bytes()), wired.as_bytes(), "{message:?}");
        }
    }

    #[tokio::test]
    async fn the_reason_for_rejecting_a_message_midway_is_reported() {
        let (ours, mut theirs) = tokio::io::duplex(64);
        theirs.write_all(b"552 Too big\r\n").await.unwrap();
        drop(theirs);
        let failure = Wire::new(ours).send(&[b'a'; 1000]).await.unwrap_err();
        assert_eq!(failure.to_string(), "the mail server replied to the message with 552 Too big");
    }

    #[tokio::test]
    async fn a_connection_that_breaks_in_the_middle_of_a_message_is_lost() {
        let (ours, theirs) = tokio::io::duplex(64);
        drop(theirs);
        let failure = Wire::new(ours).send(&[b'a'; 1000]).await.unwrap_err();
        let reason = "the connection to the mail server was lost at the message: ";
        assert!(failure.to_string().starts_with(reason), "{failure}");
    }
}
