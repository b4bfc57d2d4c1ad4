//! Slow clients are disconnected, so that they cannot use up connections.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use crate::support::raw::{self, Reply};
use crate::support::{Server, Store, a_case};

/// Maximum time until a slow client is disconnected.
const LIMIT: Duration = Duration::from_secs(15);

/// Sends some bytes at once, then one more each second.
fn dawdle(address: SocketAddr, begin: &'static str, then: &'static str) -> Reply {
    let mut stream = raw::connect(address);
    stream.write_all(begin.as_bytes()).unwrap();
    let mut writer = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        for byte in then.bytes() {
            std::thread::sleep(Duration::from_secs(1));
            if writer.write_all(&[byte]).is_err() {
                break;
            }
        }
    });
    raw::read_to_end(&mut stream, LIMIT)
}

async fn expect_disconnected(begin: &'static str, then: &'static str) {
    let server = Server::start(Store::Sqlite).await;
    let address = server.address();
    let reply = tokio::task::spawn_blocking(move || dawdle(address, begin, then)).await.unwrap();
    assert!(reply.is_closed, "still open after {:?}: {reply:?}", reply.took);
    assert!(reply.took > Duration::from_secs(3), "disconnected too early: {reply:?}");
    assert!(reply.status().is_none_or(|status| status == 408), "{reply:?}");
    server.open(&a_case()).await;
}

#[tokio::test]
async fn a_client_whose_head_never_ends_is_disconnected() {
    let begin = "POST /api/support/case HTTP/1.1\r\nHost: x\r\n";
    expect_disconnected(begin, "").await;
}

#[tokio::test]
async fn a_client_whose_head_trickles_is_disconnected() {
    expect_disconnected("GET /health HTTP/1.1\r\nX: ", "aaaaaaaaaaaaaaaaaaaa").await;
}

#[tokio::test]
async fn a_client_whose_body_never_comes_is_disconnected() {
    let begin = "POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
        Content-Length: 100\r\n\r\n{";
    expect_disconnected(begin, "").await;
}

#[tokio::test]
async fn a_client_whose_body_trickles_is_disconnected() {
    let begin = "POST /api/support/case HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
        Content-Length: 100\r\n\r\n{";
    expect_disconnected(begin, "                    ").await;
}

#[tokio::test]
async fn an_unwanted_body_is_not_awaited() {
    let server = Server::start(Store::Sqlite).await;
    for head in [
        "POST /api/internal/x HTTP/1.1",
        "POST /nowhere HTTP/1.1",
        "DELETE /health HTTP/1.1",
        "POST /api/support/case HTTP/1.1\r\nContent-Type: text/plain",
        "GET /health HTTP/1.1",
    ] {
        let begin = format!("{head}\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{");
        let mut stream = raw::connect(server.address());
        stream.write_all(begin.as_bytes()).unwrap();
        let reply = raw::read_to_end(&mut stream, LIMIT);
        assert!(reply.is_closed && reply.status().is_some(), "{head}: {reply:?}");
    }
}
