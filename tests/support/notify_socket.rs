//! A service manager that receives the state of the program.

use std::io::ErrorKind;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use super::{Workspace, eventually};

/// The socket in `NOTIFY_SOCKET`, with the lines received so far.
pub(crate) struct NotifySocket {
    socket: UnixDatagram,
    lines: Vec<String>,
}

impl NotifySocket {
    /// Creates a socket in the folder of a workspace, for its programs.
    pub(crate) fn of(workspace: &Workspace) -> Self {
        let path = workspace.folder().join("notify");
        workspace.set("NOTIFY_SOCKET", path.to_str().unwrap());
        Self::bound(&SocketAddr::from_pathname(path).unwrap())
    }

    /// Creates a socket with an abstract name, for the programs of a workspace.
    pub(crate) fn abstract_of(workspace: &Workspace) -> Self {
        let name = format!("engage{}", workspace.folder().display());
        workspace.set("NOTIFY_SOCKET", &format!("@{name}"));
        Self::bound(&SocketAddr::from_abstract_name(name).unwrap())
    }

    fn bound(address: &SocketAddr) -> Self {
        let socket = UnixDatagram::bind_addr(address).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, lines: Vec::new() }
    }

    /// Returns the lines received so far.
    pub(crate) fn lines(&mut self) -> &[String] {
        let mut message = [0; 4096];
        loop {
            match self.socket.recv(&mut message) {
                Ok(length) => {
                    let text = str::from_utf8(&message[..length]).unwrap();
                    self.lines.extend(text.lines().map(str::to_owned));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return &self.lines,
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub(crate) fn count(&mut self, line: &str) -> usize {
        self.lines().iter().filter(|received| *received == line).count()
    }

    /// Waits until a line was received this many times.
    pub(crate) async fn gets(&mut self, line: &str, times: usize) {
        eventually(line, || (self.count(line) >= times).then_some(())).await;
    }
}
