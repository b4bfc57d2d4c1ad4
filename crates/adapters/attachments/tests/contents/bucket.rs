//! A server that implements the subset of S3 that the store needs.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use engage_attachments::{AttachmentContents, DnsResolver, Location, S3Settings};
use engage_testkit::dns::DnsServer;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// State of the bucket.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) objects: HashMap<String, Vec<u8>>,
    /// Unfinished multipart uploads.
    pub(crate) uploads: HashMap<String, BTreeMap<u32, Vec<u8>>>,
    /// All requests so far: method, path and query.
    pub(crate) requests: Vec<String>,
    /// Statuses to return instead, each for one request.
    pub(crate) failures: Vec<u16>,
    count: usize,
}

pub(crate) struct Bucket {
    address: SocketAddr,
    pub(crate) held: Arc<Mutex<Held>>,
}

struct Request {
    method: String,
    path: String,
    query: HashMap<String, String>,
    is_signed: bool,
    body: Vec<u8>,
}

impl Bucket {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let held = Arc::new(Mutex::new(Held::default()));
        let all = Arc::clone(&held);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&all)));
            }
        });
        Self { address, held }
    }

    pub(crate) fn contents(&self) -> AttachmentContents {
        contents_at(&self.address.to_string(), DnsResolver::system())
    }

    /// Returns the contents at a host that is resolved by DNS.
    pub(crate) fn contents_by(&self, host: &str, dns: &DnsServer) -> AttachmentContents {
        let resolver = DnsResolver::with_servers(&[dns.address()]);
        contents_at(&format!("{host}:{}", self.address.port()), resolver)
    }
}

fn contents_at(authority: &str, resolver: DnsResolver) -> AttachmentContents {
    let location: Location = "s3://desk/files".parse().unwrap();
    let settings = S3Settings {
        region: Some("eu-central-1".to_owned()),
        endpoint: Some(format!("http://{authority}")),
        access_key_id: Some("key".to_owned()),
        secret_access_key: Some("secret".into()),
        allow_http: true,
        resolver,
    };
    AttachmentContents::open(&location, &settings).unwrap()
}

async fn serve(stream: TcpStream, held: Arc<Mutex<Held>>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        let answer = answer(&request, &held);
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if stream.read_line(&mut line).await.ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    };
    let query = query.split('&').filter(|part| !part.is_empty()).map(pair).collect();
    let (mut length, mut is_signed) = (0, false);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => is_signed = value.starts_with("AWS4-HMAC-SHA256 Credential=key/"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { method, path: path.to_owned(), query, is_signed, body })
}

fn reply(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn answer(request: &Request, held: &Mutex<Held>) -> Vec<u8> {
    let mut held = held.lock().unwrap();
    let mut query: Vec<_> = request.query.keys().cloned().collect();
    query.sort();
    held.requests.push(format!("{} {} {}", request.method, request.path, query.join("&")));
    if let Some(status) = held.failures.pop() {
        return reply(status, "", b"");
    }
    let Some(key) = request.path.strip_prefix("/desk/files/") else {
        return reply(404, "", b"<Error><Code>NoSuchBucket</Code></Error>");
    };
    if !request.is_signed {
        return reply(403, "", b"<Error><Code>AccessDenied</Code></Error>");
    }
    let (key, upload) = (key.to_owned(), request.query.get("uploadId").cloned());
    match (request.method.as_str(), upload) {
        ("POST", None) if request.query.contains_key("uploads") => {
            held.count += 1;
            let id = format!("upload{}", held.count);
            held.uploads.insert(id.clone(), BTreeMap::new());
            let body = format!(
                "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
            );
            reply(200, "", body.as_bytes())
        }
        ("PUT", Some(id)) => {
            let number = request.query["partNumber"].parse().unwrap();
            held.uploads.get_mut(&id).unwrap().insert(number, request.body.clone());
            reply(200, &format!("ETag: \"part{number}\"\r\n"), b"")
        }
        ("POST", Some(id)) => {
            let parts = held.uploads.remove(&id).unwrap();
            let minimum = 5 * 1024 * 1024;
            let last = parts.len() - 1;
            let too_small = parts.values().take(last).any(|part| part.len() < minimum);
            assert!(!too_small, "S3 accepts no part below 5 MiB except the last");
            held.objects.insert(key, parts.into_values().flatten().collect());
            reply(200, "", b"<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>")
        }
        ("DELETE", Some(id)) => {
            held.uploads.remove(&id);
            reply(204, "", b"")
        }
        ("PUT", None) => {
            held.objects.insert(key, request.body.clone());
            reply(200, "ETag: \"x\"\r\n", b"")
        }
        ("GET", None) => match held.objects.get(&key) {
            Some(bytes) => {
                let dated = "Last-Modified: Mon, 27 Jan 2025 10:00:00 GMT\r\nETag: \"x\"\r\n";
                reply(200, dated, bytes)
            }
            None => reply(404, "", b"<Error><Code>NoSuchKey</Code></Error>"),
        },
        ("DELETE", None) => {
            held.objects.remove(&key);
            reply(204, "", b"")
        }
        (method, _) => reply(501, "", method.as_bytes()),
    }
}
