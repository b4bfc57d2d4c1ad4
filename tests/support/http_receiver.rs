//! A third-party HTTP server that records requests and returns the responses of a test.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use standardwebhooks::Webhook;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::eventually_all;

/// A received request.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The path with the query.
    pub(crate) path: String,
    /// The headers, with names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The body as it was sent.
    pub(crate) bytes: Vec<u8>,
}

impl Received {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or_else(|| panic!("no {name} in {self:#?}"), |(_, value)| value)
    }

    /// Returns all headers with this name.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let found = self.headers.iter().filter(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str()).collect()
    }

    /// Checks the signature with a secret, using the library of Standard Webhooks.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let headers = self.headers.iter().map(|(name, value)| {
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        });
        let webhook = Webhook::new(secret).unwrap();
        webhook.verify(self.body.as_bytes(), &headers.collect::<HeaderMap>()).is_ok()
    }
}

/// The response to a request: everything after the protocol of the status line. The connection
/// hangs if there is none.
type Reply = dyn Fn(&Received, usize) -> Option<String> + Send + Sync;

/// A server on its own port. Its connections end with the test.
pub(crate) struct HttpReceiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl HttpReceiver {
    /// Starts a server that always responds with 200.
    pub(crate) async fn start() -> Self {
        Self::responding(|_, _| Some(status("200 OK"))).await
    }

    /// Starts a server that responds to each request according to the request and its index, from
    /// 0.
    pub(crate) async fn responding(
        reply: impl Fn(&Received, usize) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let (log, reply): (_, Arc<Reply>) = (received.clone(), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone(), reply.clone()));
            }
        });
        Self { address, received }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits for this many requests and returns them. Fails if there are more.
    pub(crate) async fn received_once(&self, count: usize) -> Vec<Received> {
        eventually_all(count, "requests", || self.received()).await
    }
}

/// Returns a response without a body.
pub(crate) fn status(status: &str) -> String {
    format!("{status}\r\ncontent-length: 0\r\n\r\n")
}

/// Serves a connection until the client closes it, which happens at the end of every test.
async fn serve(stream: TcpStream, log: Arc<Mutex<Vec<Received>>>, reply: Arc<Reply>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        let index = {
            let mut log = log.lock().unwrap();
            log.push(request.clone());
            log.len() - 1
        };
        let Some(response) = reply(&request, index) else {
            return std::future::pending().await;
        };
        if stream.write_all(format!("HTTP/1.1 {response}").as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let path = lines.first()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<_> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, length)| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let text = String::from_utf8_lossy(&body).into_owned();
    Some(Received { path, headers, body: text, bytes: body })
}
