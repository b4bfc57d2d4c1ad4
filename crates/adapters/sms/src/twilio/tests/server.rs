//! A stub for Twilio that records requests and responds as configured.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Reaction of the stub to a request.
#[derive(Clone)]
pub(super) enum Behaviour {
    /// Sends these bytes and closes the connection.
    Answer(Vec<u8>),
    /// Sends these bytes, then leaves the connection open and sends nothing more.
    Hang(Vec<u8>),
    /// Sends these bytes, then spaces until the client disconnects.
    Flood(Vec<u8>),
}

/// A request as received.
#[derive(Debug, Clone)]
pub(super) struct Received {
    /// Request line: method, path and version.
    pub(super) line: String,
    /// Headers by lower-case name.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Received {
    /// Returns the parameters of the form, sorted by name.
    pub(super) fn form(&self) -> BTreeMap<String, String> {
        form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }
}

/// A server that runs until it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start(behaviour: Behaviour) -> Self {
        Self::listen(behaviour, None).await
    }

    pub(super) async fn start_with_tls(behaviour: Behaviour, tls: TlsAcceptor) -> Self {
        Self::listen(behaviour, Some(tls)).await
    }

    /// Returns the requests that have been received completely.
    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    async fn listen(behaviour: Behaviour, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let log = Arc::clone(&received);
        let task = tokio::spawn(async move {
            // Sequentially, since a test makes one request.
            while let Ok((stream, _)) = listener.accept().await {
                match &tls {
                    None => serve(stream, &behaviour, &log).await,
                    // A client that does not trust the certificate disconnects.
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(stream, &behaviour, &log).await;
                        }
                    }
                }
            }
        });
        Self { address, received, task }
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    behaviour: &Behaviour,
    log: &Mutex<Vec<Received>>,
) {
    let Some(request) = read(&mut stream).await else { return };
    log.lock().unwrap().push(request);
    let (Behaviour::Answer(start) | Behaviour::Hang(start) | Behaviour::Flood(start)) = behaviour;
    // The test checks on its side how the client reacts.
    if stream.write_all(start).await.is_err() || stream.flush().await.is_err() {
        return;
    }
    match behaviour {
        Behaviour::Answer(_) => drop(stream.shutdown().await),
        // Until the client disconnects.
        Behaviour::Hang(_) => drop(stream.read(&mut [0]).await),
        Behaviour::Flood(_) => while stream.write_all(&[b' '; 4096]).await.is_ok() {},
    }
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines().map(str::to_owned);
            let line = lines.next()?;
            let headers: BTreeMap<_, _> = lines
                .filter_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    Some((name.to_lowercase(), value.trim().to_owned()))
                })
                .collect();
            let length: usize = headers.get("content-length")?.parse().ok()?;
            if body.len() == length {
                return Some(Received { line, headers, body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
