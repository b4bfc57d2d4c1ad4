//! A minimal HTTP client for load generation that uses little of the machine.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request that is ready to be sent.
#[derive(Clone)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    pub(crate) fn post(path: &str, body: &str) -> Self {
        let length = body.len();
        Self(
            format!(
                "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\n\r\n{body}"
            )
            .into_bytes(),
        )
    }

    pub(crate) fn post_as(path: &str, token: &str, body: &str) -> Self {
        let length = body.len();
        Self(
            format!(
                "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .into_bytes(),
        )
    }

    pub(crate) fn get(path: &str, token: &str) -> Self {
        Self(
            format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\r\n")
                .into_bytes(),
        )
    }
}

/// A keep-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request and returns the body of the response. Fails unless the status is 200.
    pub(crate) async fn send(&mut self, request: &Request) -> anyhow::Result<&[u8]> {
        self.stream.write_all(&request.0).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            let end = self.buffer.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let text = std::str::from_utf8(&self.buffer[..head])?;
        ensure!(text.starts_with("HTTP/1.1 200 "), "a response was not successful:\n{text}");
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .context("a response without content-length")?
            .parse()?;
        while self.buffer.len() < head + length {
            self.read().await?;
        }
        Ok(&self.buffer[head..head + length])
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the server closed the connection");
        Ok(())
    }
}
