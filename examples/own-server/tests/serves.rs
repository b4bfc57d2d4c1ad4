use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until a server accepts connections.
async fn listening(address: SocketAddr) {
    while TcpStream::connect(address).is_err() {
        sleep(Duration::from_millis(10)).await;
    }
}

fn send(address: SocketAddr, request: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn a_critical_case_is_posted_to_the_chat_room() {
    let folder = tempfile::tempdir().unwrap();
    let (post, mut posted) = mpsc::unbounded_channel();
    let post = Box::new(move |text| post.send(text).unwrap_or_default());
    let engage =
        own_server::assemble(folder.path(), "0123456789abcdef0123456789abcdef", post).unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = tokio::spawn(engage.serve_at(address));
    timeout(PATIENCE, listening(address)).await.unwrap();

    let hello = "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let response = tokio::task::spawn_blocking(move || send(address, hello)).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200") && response.ends_with("Hello!"), "{response}");

    let body = r#"{"name": "John Doe", "email": "john@example.com", "phone": "+4915112345678",
        "customerType": "ENTERPRISE", "issueType": "TECHNICAL", "urgency": "CRITICAL",
        "subject": "Production is down", "message": "Nothing works."}"#;
    let request = format!(
        "POST /api/support/case HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let response = tokio::task::spawn_blocking(move || send(address, &request)).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    let text = timeout(PATIENCE, posted.recv()).await.unwrap().unwrap();
    assert!(text.starts_with("CW-") && text.ends_with(": Production is down"), "{text}");

    let terminate = Command::new("kill").arg(std::process::id().to_string()).status();
    assert!(terminate.unwrap().success());
    timeout(PATIENCE, server).await.unwrap().unwrap().unwrap();
}
