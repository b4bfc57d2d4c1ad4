//! A mail server that records e-mails and returns the replies of a test.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::{Mail, eventually_all};

/// The reply to an SMTP command. The default reply is sent if there is none, and an empty reply
/// closes the connection.
type Reply = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A mail server on its own port.
pub(crate) struct SmtpReceiver {
    address: SocketAddr,
    mails: Arc<Mutex<Vec<Mail>>>,
}

impl SmtpReceiver {
    /// Starts a server that accepts every e-mail.
    pub(crate) async fn start() -> Self {
        Self::responding(|_| None).await
    }

    /// Starts a server that replies to each command as requested, including the `.` at the end of
    /// an e-mail. It accepts everything that is not refused.
    pub(crate) async fn responding(
        reply: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mails = Arc::<Mutex<Vec<Mail>>>::default();
        let (log, reply): (_, Arc<Reply>) = (mails.clone(), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone(), reply.clone()));
            }
        });
        Self { address, mails }
    }

    /// Returns the value for `email.url`.
    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }

    /// Waits for this many e-mails and returns them. Fails if there are more.
    pub(crate) async fn mails_once(&self, count: usize) -> Vec<Mail> {
        eventually_all(count, "e-mails", || self.mails()).await
    }
}

async fn serve(stream: TcpStream, log: Arc<Mutex<Vec<Mail>>>, reply: Arc<Reply>) {
    let mut stream = BufReader::new(stream);
    // A conversation ends when either side closes it.
    let _ = converse(&mut stream, &log, &*reply).await;
}

async fn converse(
    stream: &mut BufReader<TcpStream>,
    log: &Mutex<Vec<Mail>>,
    reply: &Reply,
) -> std::io::Result<()> {
    stream.write_all(b"220 mail.example ESMTP\r\n").await?;
    let mut message: Option<String> = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let is_end = line == ".\r\n";
        if let Some(source) = &mut message
            && !is_end
        {
            source.push_str(line.strip_prefix('.').unwrap_or(&line));
            continue;
        }
        let command = line.trim_end();
        let response = reply(command).unwrap_or_else(|| usual(command).to_owned());
        if response.is_empty() {
            return Ok(());
        }
        let source = message.take_if(|_| is_end);
        if let Some(source) = source.filter(|_| response.starts_with('2')) {
            let mail = Mail::parse(source.into_bytes(), String::new());
            log.lock().unwrap().push(mail);
        }
        if command.eq_ignore_ascii_case("DATA") && response.starts_with('3') {
            message = Some(String::new());
        }
        stream.write_all(format!("{response}\r\n").as_bytes()).await?;
    }
}

fn usual(command: &str) -> &'static str {
    let word = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
    match word.as_str() {
        "EHLO" => "250-mail.example\r\n250 8BITMIME",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 ok",
    }
}
