use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::support::raw::{connect, read_to_end, request};
use crate::support::{Server, Workspace, eventually, send};

const LIMIT: Duration = Duration::from_secs(20);

/// Has the shell pass its standard input, as the descriptor 3, to the program that replaces it.
const ONE: &str = "exec 3<&0 0</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$";

/// Passes its standard output as well, as the descriptor 4.
const TWO: &str = "exec 3<&0 4>&1 0</dev/null 1>/dev/null; export LISTEN_FDS=2 LISTEN_PID=$$";

/// Returns a command that gets a socket, by what the shell does first.
fn passing(workspace: &Workspace, command: &[&str], shell: &str, socket: OwnedFd) -> Command {
    workspace.first(shell);
    let mut command = workspace.command(command);
    command.stdin(Stdio::from(socket)).stdout(Stdio::null());
    command
}

async fn start(workspace: &Workspace, shell: &str, socket: OwnedFd) -> Server {
    Server::run(workspace, passing(workspace, &["serve"], shell, socket)).await
}

fn a_socket() -> (TcpListener, SocketAddr) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn copy(socket: &TcpListener) -> OwnedFd {
    socket.try_clone().unwrap().into()
}

fn live() -> Vec<u8> {
    request("GET /health/live HTTP/1.1", b"")
}

#[tokio::test]
async fn a_server_serves_the_socket_that_was_passed_instead_of_its_own() {
    let (socket, address) = a_socket();
    let workspace = Workspace::new();
    let server = start(&workspace, ONE, socket.into()).await;
    assert_eq!(server.address(), address);
    server.get("/health/ready").await.ok();
    let explained = "server.bind (127.0.0.1:0) is not used, since sockets were passed (LISTEN_FDS)";
    assert!(server.log().iter().any(|line| line.contains(explained)), "{:?}", server.log());
}

#[tokio::test]
async fn no_connection_is_refused_while_a_server_is_restarted() {
    let (socket, address) = a_socket();
    let workspace = Workspace::new();
    let mut server = start(&workspace, ONE, copy(&socket)).await;
    let (stop, mut stopped) = oneshot::channel::<()>();
    let client = thread::spawn(move || {
        let mut answered = 0;
        while stopped.try_recv().is_err() {
            // Panics if the connection is refused.
            let mut stream = connect(address);
            // A server that stops may close a connection that it has just accepted.
            let _ = stream.write_all(&live());
            answered += usize::from(read_to_end(&mut stream, LIMIT).status() == Some(200));
        }
        answered
    });
    server.terminate();
    assert_eq!(server.exit_code_within(LIMIT).await, Some(0));
    // Nobody serves now. The request waits for the next server.
    let mut waiting = connect(address);
    waiting.write_all(&live()).unwrap();
    let server = start(&workspace, ONE, copy(&socket)).await;
    let reply = tokio::task::spawn_blocking(move || read_to_end(&mut waiting, LIMIT));
    assert_eq!(reply.await.unwrap().status(), Some(200));
    server.get("/health/ready").await.ok();
    stop.send(()).unwrap();
    assert!(client.join().unwrap() > 0);
}

/// Sends a request through a Unix socket, and returns the response.
fn ask(path: &std::path::Path, forwarded_for: &str) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let head = format!("GET /health/live HTTP/1.1\r\nX-Forwarded-For: {forwarded_for}");
    stream.write_all(&request(&head, b"")).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[tokio::test]
async fn several_sockets_are_served_including_unix_sockets_of_a_proxy() {
    for (proxies, client) in [("", "127.0.0.1"), ("127.0.0.1/32", "203.0.113.9")] {
        let (tcp, address) = a_socket();
        let workspace = Workspace::with(&[
            ("ENGAGE_SERVER__TRUSTED_PROXIES", proxies),
            ("LISTEN_FDNAMES", "http:proxy"),
        ]);
        let path = workspace.folder().join("engage.sock");
        let unix = UnixListener::bind(&path).unwrap();
        let mut command = passing(&workspace, &["serve"], TWO, tcp.into());
        command.stdout(Stdio::from(OwnedFd::from(unix)));
        let server = Server::run(&workspace, command).await;
        assert_eq!(server.address(), address);
        let listening = format!("listening on unix:{}", path.display());
        eventually("the other socket", || {
            server.log().iter().any(|line| line.contains(&listening)).then_some(())
        })
        .await;
        send(server.request(reqwest::Method::GET, "/health/live")).await;
        let response = tokio::task::spawn_blocking(move || ask(&path, "203.0.113.9"));
        let response = response.await.unwrap();
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        let from = format!("address={client}");
        eventually(&from, || {
            let mut lines = server.log().into_iter().filter(|line| line.contains("served"));
            lines.next_back().filter(|line| line.contains(&from))
        })
        .await;
    }
}

#[tokio::test]
async fn sockets_of_another_process_are_not_used_and_the_log_says_why() {
    let (socket, address) = a_socket();
    let workspace = Workspace::new();
    let shell = "exec 3<&0 0</dev/null; export LISTEN_FDS=1 LISTEN_PID=1 LISTEN_FDNAMES=http";
    let server = start(&workspace, shell, socket.into()).await;
    assert_ne!(server.address(), address);
    let told = "sockets were passed to the process 1 and not to this one";
    assert!(server.log().iter().any(|line| line.contains(told)), "{:?}", server.log());
}

#[test]
fn descriptors_that_are_not_as_described_prevent_the_start() {
    let one = |more: &str| format!("{ONE}{more}");
    let udp = || OwnedFd::from(UdpSocket::bind("127.0.0.1:0").unwrap());
    let tcp = || OwnedFd::from(a_socket().0);
    let file = || OwnedFd::from(std::fs::File::open("/dev/null").unwrap());
    let connected = || {
        let (_socket, address) = a_socket();
        OwnedFd::from(TcpStream::connect(address).unwrap())
    };
    for (shell, socket, told) in [
        (one(" LISTEN_FDNAMES=x"), udp(), "the descriptor 3 (x), which was passed, is neither"),
        (one(""), file(), "the descriptor 3 (unknown), which was passed, is neither a TCP nor"),
        (one(""), connected(), "the descriptor 3 (unknown), which was passed, does not listen"),
        (one(" LISTEN_FDNAMES=a:b"), tcp(), "(LISTEN_FDS): invalid LISTEN_FDNAMES"),
        (one(" LISTEN_FDS=7"), tcp(), "cannot use the sockets that were passed (LISTEN_FDS)"),
    ] {
        for command in ["serve", "dispatch"] {
            let workspace = Workspace::new();
            let socket = socket.try_clone().unwrap();
            let output = passing(&workspace, &[command], &shell, socket).output().unwrap();
            let errors = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(78), "{errors}");
            assert!(errors.contains(told), "{told}: {errors}");
            assert!(!workspace.folder().join("var").exists(), "{told}: nothing was begun");
        }
    }
}

#[tokio::test]
async fn a_dispatcher_serves_health_and_metrics_on_a_socket_that_was_passed() {
    let (socket, address) = a_socket();
    let workspace = Workspace::new();
    let mut command = passing(&workspace, &["dispatch"], ONE, copy(&socket));
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let reply = tokio::task::spawn_blocking(move || {
        let mut stream = connect(address);
        stream.write_all(&live()).unwrap();
        read_to_end(&mut stream, LIMIT)
    });
    let reply = reply.await.unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(reply.status(), Some(200), "{reply:?}");
}
