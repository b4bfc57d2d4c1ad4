//! An endpoint with configurable behaviour that records its requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::header::{HeaderMap, HeaderName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// Reaction of an endpoint to a request.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Responds with these bytes and waits for the next request.
    Answer(String),
    /// Responds with these bytes and closes the connection.
    AnswerAndClose(String),
    /// Responds with these bytes, then neither sends more nor closes the connection.
    AnswerAndHang(String),
    /// Responds with a body that never ends.
    Endless,
}

impl Behaviour {
    /// Responds with this status and no body.
    pub(crate) fn status(status: &str) -> Self {
        Self::Answer(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))
    }
}

/// A request that an endpoint received.
#[derive(Debug)]
pub(crate) struct Received {
    /// The request line, such as `POST / HTTP/1.1`.
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
    }
}

/// An endpoint on this machine that runs until the end of the test.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    received: mpsc::UnboundedReceiver<Received>,
    closed: mpsc::UnboundedReceiver<()>,
}

struct Shared {
    behaviour: Behaviour,
    received: mpsc::UnboundedSender<Received>,
    closed: mpsc::UnboundedSender<()>,
}

impl Receiver {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        Self::start_with(behaviour, None).await
    }

    pub(crate) async fn start_tls(behaviour: Behaviour, acceptor: TlsAcceptor) -> Self {
        Self::start_with(behaviour, Some(acceptor)).await
    }

    async fn start_with(behaviour: Behaviour, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (received_sender, received) = mpsc::unbounded_channel();
        let (closed_sender, closed) = mpsc::unbounded_channel();
        let shared =
            Arc::new(Shared { behaviour, received: received_sender, closed: closed_sender });
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let (shared, acceptor) = (Arc::clone(&shared), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(stream, &shared).await,
                        // A client that does not trust the certificate disconnects.
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(stream, &shared).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, connections, received, closed }
    }

    /// Returns the next request.
    pub(crate) async fn next(&mut self) -> Received {
        self.received.recv().await.unwrap()
    }

    /// Waits until the client has closed a connection during a response.
    pub(crate) async fn closed(&mut self) {
        self.closed.recv().await.unwrap();
    }

    /// Returns the number of accepted connections.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, shared: &Shared) {
    while let Some(request) = read_request(&mut stream).await {
        shared.received.send(request).unwrap();
        match &shared.behaviour {
            Behaviour::Answer(answer) => {
                // The client need not read a long response to the end.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Behaviour::AnswerAndClose(answer) => {
                stream.write_all(answer.as_bytes()).await.unwrap();
                return;
            }
            Behaviour::AnswerAndHang(answer) => {
                stream.write_all(answer.as_bytes()).await.unwrap();
                std::future::pending::<()>().await;
            }
            Behaviour::Endless => {
                let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
                stream.write_all(head).await.unwrap();
                while stream.write_all(b"10\r\n0123456789abcdef\r\n").await.is_ok() {}
                shared.closed.send(()).unwrap();
                return;
            }
        }
    }
}

/// Reads the next request of a connection. Returns `None` if the client closed it.
async fn read_request<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().lines();
    let line = lines.next().unwrap().to_owned();
    let headers: HeaderMap = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())
        })
        .collect();
    let length = headers["content-length"].to_str().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    Some(Received { line, headers, body })
}
