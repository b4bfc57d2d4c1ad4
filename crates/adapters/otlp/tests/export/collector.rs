//! A collector that records requests and returns the statuses of a test.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A received request.
pub(crate) struct Received {
    /// The request line and the headers.
    pub(crate) head: Vec<String>,
    body: Vec<u8>,
}

impl Received {
    pub(crate) fn message(&self) -> ExportTraceServiceRequest {
        ExportTraceServiceRequest::decode(self.body.as_slice()).expect("protobuf")
    }

    pub(crate) fn resource(&self) -> Resource {
        self.message().resource_spans[0].resource.clone().expect("a resource")
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let resources = self.message().resource_spans.into_iter();
        resources.flat_map(|one| one.scope_spans).flat_map(|scope| scope.spans).collect()
    }
}

/// A collector that runs until the end of the test.
pub(crate) struct Collector {
    pub(crate) url: String,
    received: mpsc::UnboundedReceiver<Received>,
}

impl Collector {
    /// Starts a collector that returns these statuses, and then 200.
    pub(crate) async fn start(statuses: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
        let (sender, received) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut statuses = statuses.iter();
            // The client uses one connection after the other.
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                while let Some(request) = read(&mut stream).await {
                    let status = statuses.next().unwrap_or(&"200 OK");
                    let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                    if stream.write_all(response.as_bytes()).await.is_err()
                        || sender.send(request).is_err()
                    {
                        break;
                    }
                }
            }
        });
        Self { url, received }
    }

    pub(crate) async fn next(&mut self) -> Received {
        self.received.recv().await.expect("a request")
    }

    pub(crate) fn has_more(&mut self) -> bool {
        self.received.try_recv().is_ok()
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_lowercase()),
        }
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.ok()?;
    Some(Received { head, body })
}
