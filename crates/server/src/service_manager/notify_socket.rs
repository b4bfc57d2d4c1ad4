use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Time limit for sending. The receiver may be busy.
const PATIENCE: Duration = Duration::from_secs(1);

/// Name of the socket for messages to the service manager: a path or, after `@`, an abstract name.
#[derive(Debug, Clone)]
pub(super) struct NotifySocket(pub(super) OsString);

impl NotifySocket {
    /// Sends a message, whose lines are assignments as in `sd_notify(3)`.
    pub(super) fn send(&self, message: &str) -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        socket.set_write_timeout(Some(PATIENCE))?;
        // A datagram is sent as a whole or not at all.
        socket.send_to_addr(message.as_bytes(), &self.address()?).map(drop)
    }

    fn address(&self) -> io::Result<SocketAddr> {
        match self.0.as_bytes().strip_prefix(b"@") {
            Some(name) => abstract_address(name),
            None => SocketAddr::from_pathname(&self.0),
        }
    }
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &[u8]) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn abstract_address(_name: &[u8]) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}
