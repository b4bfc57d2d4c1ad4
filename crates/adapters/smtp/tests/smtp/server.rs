//! A scripted mail server.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Barrier, watch};
use tokio_rustls::TlsAcceptor;

use crate::certificates::acceptor_for;

trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Bytes for S {}

/// Reaction of the server to a command.
#[derive(Clone)]
pub(crate) enum Do {
    /// Sends these lines.
    Say(String),
    /// Sends these lines and closes the connection.
    SayAndClose(String),
    /// Closes the connection.
    Close,
    /// Sends these lines after a delay.
    SayAfter(Duration, String),
    /// Sends nothing more.
    Stall,
    /// Sends nothing more and pauses the clock, so that time-outs expire immediately.
    StallForEver,
    /// Waits for other connections at the same place, then sends this line.
    Meet(Arc<Barrier>, String),
}

pub(crate) fn say(text: &str) -> Do {
    Do::Say(text.to_owned())
}

/// Behaviour of a connection. Places are the client's commands, `greeting`, `content` (when the
/// message starts to arrive) and `end` (when it is complete).
#[derive(Clone, Default)]
pub(crate) struct Script {
    has_tls: bool,
    is_implicit: bool,
    logins: Option<&'static str>,
    reactions: HashMap<(&'static str, usize), Do>,
}

impl Script {
    /// Returns a script that accepts everything.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn with_starttls(mut self) -> Self {
        self.has_tls = true;
        self
    }

    pub(crate) fn with_implicit_tls(mut self) -> Self {
        self.is_implicit = true;
        self
    }

    pub(crate) fn with_logins(mut self, logins: &'static str) -> Self {
        self.logins = Some(logins);
        self
    }

    /// Sets the reaction at a place, every time.
    pub(crate) fn at(self, place: &'static str, what: Do) -> Self {
        self.at_time(0, place, what)
    }

    /// Sets the reaction at a place for one occurrence, counted from 1.
    pub(crate) fn at_time(mut self, time: usize, place: &'static str, what: Do) -> Self {
        self.reactions.insert((place, time), what);
        self
    }

    fn reaction(&self, place: &str, time: usize, is_encrypted: bool) -> Do {
        let found = self
            .reactions
            .iter()
            .find(|((at, when), _)| *at == place && (*when == time || *when == 0));
        found.map_or_else(|| say(&self.usual(place, is_encrypted)), |(_, what)| what.clone())
    }

    fn usual(&self, place: &str, is_encrypted: bool) -> String {
        match place {
            "greeting" => "220 mail.example ESMTP".to_owned(),
            "EHLO" => {
                let tls = if self.has_tls && !is_encrypted { "250-STARTTLS\r\n" } else { "" };
                let logins = self.logins.map(|logins| format!("250-AUTH {logins}\r\n"));
                let logins = logins.unwrap_or_default();
                format!("250-mail.example\r\n{tls}{logins}250 8BITMIME")
            }
            "STARTTLS" => "220 Go".to_owned(),
            "AUTH" => "235 Welcome".to_owned(),
            "DATA" => "354 Go".to_owned(),
            "content" => String::new(),
            "QUIT" => "221 Bye".to_owned(),
            _ => "250 Ok".to_owned(),
        }
    }
}

/// A message as received.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) is_encrypted: bool,
    pub(crate) message: Vec<u8>,
}

/// Record of what the server received.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    /// Commands of each connection.
    pub(crate) commands: Vec<Vec<String>>,
    pub(crate) mails: Vec<Received>,
    open: usize,
    /// Maximum number of simultaneously open connections.
    pub(crate) most_open: usize,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// The root that signed its certificate, in PEM form.
    pub(crate) root: String,
    seen: watch::Receiver<Seen>,
}

impl Server {
    /// Starts a server whose connections all follow this script.
    pub(crate) async fn start(script: Script) -> Self {
        Self::start_each(vec![script]).await
    }

    /// Starts a server whose connections follow the scripts in order. The last script also applies
    /// to all further connections.
    pub(crate) async fn start_each(scripts: Vec<Script>) -> Self {
        Self::start_named("127.0.0.1", scripts).await
    }

    /// Starts a server with a certificate for this name.
    pub(crate) async fn start_named(name: &str, scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (acceptor, root) = acceptor_for(name);
        let (notes, seen) = watch::channel(Seen::default());
        let notes = Arc::new(notes);
        tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let script = scripts[number.min(scripts.len() - 1)].clone();
                notes.send_modify(|seen| {
                    seen.commands.push(Vec::new());
                    seen.open += 1;
                    seen.most_open = seen.most_open.max(seen.open);
                });
                let (acceptor, notes) = (acceptor.clone(), Arc::clone(&notes));
                tokio::spawn(async move {
                    let talk =
                        Talk { script, acceptor, number, notes: &notes, times: HashMap::new() };
                    // Clients disconnect in many of these tests.
                    let _ = talk.run(stream).await;
                    notes.send_modify(|seen| seen.open -= 1);
                });
            }
        });
        Self { address, root, seen }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until the record meets a condition.
    pub(crate) async fn until(&self, is_seen: impl FnMut(&Seen) -> bool) {
        self.seen.clone().wait_for(is_seen).await.unwrap();
    }

    /// Waits until all connections are closed.
    pub(crate) async fn until_left_alone(&self) {
        self.until(|seen| seen.open == 0).await;
    }

    /// Returns the verbs of the commands of a connection.
    pub(crate) fn verbs(&self, connection: usize) -> Vec<String> {
        self.seen().commands[connection].iter().map(|line| verb(line).to_owned()).collect()
    }
}

fn verb(line: &str) -> &str {
    line.split([' ', ':']).next().unwrap()
}

/// A connection in progress.
struct Talk<'a> {
    script: Script,
    acceptor: TlsAcceptor,
    number: usize,
    notes: &'a watch::Sender<Seen>,
    times: HashMap<String, usize>,
}

type Talking = BufStream<Box<dyn Bytes>>;

impl Talk<'_> {
    async fn run(mut self, stream: TcpStream) -> std::io::Result<()> {
        let mut is_encrypted = self.script.is_implicit;
        let mut stream = BufStream::new(Box::new(stream) as Box<dyn Bytes>);
        if is_encrypted {
            stream = self.encrypt(stream).await?;
        }
        if !self.react(&mut stream, "greeting", is_encrypted).await? {
            return Ok(());
        }
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 0 {
            let command = line.trim_end_matches("\r\n").to_owned();
            line.clear();
            self.note(|seen, number| seen.commands[number].push(command.clone()));
            let verb = verb(&command);
            if !self.react(&mut stream, verb, is_encrypted).await? || verb == "QUIT" {
                return Ok(());
            }
            if verb == "STARTTLS" && self.said("STARTTLS", "220") {
                stream = self.encrypt(stream).await?;
                is_encrypted = true;
            }
            if verb == "DATA" && self.said("DATA", "354") {
                stream.read_exact(&mut [0]).await?;
                if !self.react(&mut stream, "content", is_encrypted).await? {
                    return Ok(());
                }
                let message = read_message(&mut stream).await?;
                self.note(|seen, _| seen.mails.push(Received { is_encrypted, message }));
                if !self.react(&mut stream, "end", is_encrypted).await? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn note(&self, change: impl FnOnce(&mut Seen, usize)) {
        self.notes.send_modify(|seen| change(seen, self.number));
    }

    async fn encrypt(&self, stream: Talking) -> std::io::Result<Talking> {
        let stream = self.acceptor.accept(stream.into_inner()).await?;
        Ok(BufStream::new(Box::new(stream) as Box<dyn Bytes>))
    }

    /// Checks whether the last text sent at a place begins with this.
    fn said(&self, place: &str, start: &str) -> bool {
        match self.script.reaction(place, self.times[place], false) {
            Do::Say(text) => text.starts_with(start),
            _ => false,
        }
    }

    /// Reacts according to the script. Returns false if the conversation ends.
    async fn react(
        &mut self,
        stream: &mut Talking,
        place: &str,
        tls: bool,
    ) -> std::io::Result<bool> {
        let times = self.times.entry(place.to_owned()).or_default();
        *times += 1;
        let (text, goes_on) = match self.script.reaction(place, *times, tls) {
            Do::Say(text) => (text, true),
            Do::SayAndClose(text) => (text, false),
            Do::SayAfter(time, text) => {
                tokio::time::sleep(time).await;
                (text, true)
            }
            Do::Close => return Ok(false),
            Do::Stall => std::future::pending().await,
            Do::StallForEver => {
                tokio::time::pause();
                std::future::pending().await
            }
            Do::Meet(barrier, text) => {
                barrier.wait().await;
                (text, true)
            }
        };
        if !text.is_empty() {
            stream.write_all(format!("{text}\r\n").as_bytes()).await?;
            stream.flush().await?;
        }
        Ok(goes_on)
    }
}

/// Reads a message up to its end, without the first octet, and removes the dot-stuffing.
async fn read_message(stream: &mut Talking) -> std::io::Result<Vec<u8>> {
    let mut message = b"F".to_vec();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" {
            return Ok(message);
        }
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
