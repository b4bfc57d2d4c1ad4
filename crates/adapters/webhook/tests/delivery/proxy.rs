//! Deliveries through a proxy.

use std::net::SocketAddr;

use engage_notifier::{Notifier, NotifyError};
use engage_webhook::{Guard, WebhookSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::https::certified_host;
use crate::receiver::{Behaviour, Receiver};
use crate::setting::{
    EveryHostIsHere, assert_rejected, deliver, open_settings, secret, sender_with,
};

/// Starts a proxy that connects every client to one endpoint, and reports the requested targets.
async fn start_proxy(to: SocketAddr) -> (SocketAddr, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, heads) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let asked = asked.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.unwrap());
                }
                asked.send(String::from_utf8(head).unwrap()).unwrap();
                let mut endpoint = TcpStream::connect(to).await.unwrap();
                client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                // Either side may hang up.
                let _ = copy_bidirectional(&mut client, &mut endpoint).await;
            });
        }
    });
    (address, heads)
}

/// Returns settings under which only the public internet may be called, through a proxy.
fn settings(proxy: &str) -> WebhookSettings {
    // If the name of an endpoint were resolved here, it would be this machine.
    let guard = Guard::new(false, EveryHostIsHere);
    WebhookSettings { proxy: Some(proxy.parse().unwrap()), ..WebhookSettings::new(guard) }
}

#[tokio::test]
async fn the_proxy_resolves_the_name_of_the_endpoint() {
    let (acceptor, root) = certified_host("hooks.example.com");
    let mut receiver = Receiver::start_tls(Behaviour::status("200 OK"), acceptor).await;
    let (proxy, mut asked) = start_proxy(receiver.address).await;
    let proxy = format!("http://user:geheim@localhost:{}", proxy.port());
    let settings = WebhookSettings { further_roots: vec![root], ..settings(&proxy) };
    deliver("https://hooks.example.com/a", settings).await.unwrap();
    let head = asked.recv().await.unwrap();
    assert!(head.starts_with("CONNECT hooks.example.com:443 HTTP/1.1\r\n"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains("proxy-authorization: basic dxnlcjpnzwhlaw0="), "{head}");
    assert!(!head.contains("webhook-signature"), "{head}");
    let request = receiver.next().await;
    assert_eq!(request.line, "POST /a HTTP/1.1");
    assert!(!request.headers.contains_key("proxy-authorization"));
}

#[tokio::test]
async fn private_addresses_are_blocked_before_the_proxy_is_used() {
    let receiver = Receiver::start(Behaviour::status("200 OK")).await;
    let (proxy, mut asked) = start_proxy(receiver.address).await;
    for url in ["https://10.0.0.7/", "https://localhost/", "https://[::1]/", "http://example.com/"]
    {
        let outcome = deliver(url, settings(&format!("http://{proxy}"))).await;
        assert_rejected(&outcome, "blocked address");
    }
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn an_unreachable_proxy_is_a_transient_failure_without_its_credentials() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let proxy = format!("http://user:geheim@{gone}");
    let settings = WebhookSettings { proxy: Some(proxy.parse().unwrap()), ..open_settings() };
    let sender = sender_with("https://hooks.example.com/", vec![secret(1)], settings);
    let outcome = sender.deliver(&crate::setting::notification()).await;
    let Err(NotifyError::Transient { reason, .. }) = outcome else { panic!("{outcome:?}") };
    assert!(reason.contains("cannot connect") && !reason.contains("geheim"), "{reason}");
}
