use std::env;
use std::io;
use std::process;

use anyhow::{bail, ensure};
use engage_http::Listener;
use listenfd::ListenFd;
use socket2::SockRef;
use tracing::warn;

/// Number of the first descriptor that is passed.
const FIRST: usize = 3;

/// Sockets that the service manager has opened for the program, as `sd_listen_fds(3)` describes.
pub(crate) struct PassedSockets {
    sockets: ListenFd,
    /// Name of each socket, which its unit chooses.
    names: Vec<String>,
    /// The process for which the sockets are meant, if it is another one.
    meant_for: Option<String>,
}

impl PassedSockets {
    /// Takes the sockets, and removes the variables that describe them. Fails if the descriptors are
    /// not open, or do not match their names.
    pub(super) fn take() -> io::Result<Self> {
        let passed = Self::described();
        // Each removes the variables, the first only some of them if it fails.
        let _ = sd_notify::listen_fds_with_names(true);
        let _ = sd_notify::listen_fds_with_names(true);
        passed
    }

    pub(super) fn none() -> Self {
        Self { sockets: ListenFd::empty(), names: Vec::new(), meant_for: None }
    }

    fn described() -> io::Result<Self> {
        let (Ok(process), Ok(_)) = (env::var("LISTEN_PID"), env::var("LISTEN_FDS")) else {
            return Ok(Self::none());
        };
        if process.parse() != Ok(process::id()) {
            return Ok(Self { meant_for: Some(process), ..Self::none() });
        }
        let names = sd_notify::listen_fds_with_names(false)?.map(|(_, name)| name).collect();
        Ok(Self { sockets: ListenFd::from_env(), names, meant_for: None })
    }

    /// Returns the sockets. Fails if one of them is of another kind or does not listen.
    pub(crate) fn into_listeners(mut self) -> anyhow::Result<Vec<Listener>> {
        if let Some(process) = &self.meant_for {
            let own = process::id();
            warn!(
                "sockets were passed to the process {process} and not to this one, {own}: they are \
                 not used (LISTEN_PID); a script must replace itself by the program (exec)"
            );
        }
        let names = std::mem::take(&mut self.names);
        names.iter().enumerate().map(|(place, name)| self.listener(place, name)).collect()
    }

    fn listener(&mut self, place: usize, name: &str) -> anyhow::Result<Listener> {
        let told = format!("the descriptor {} ({name}), which was passed", FIRST + place);
        let (listener, is_listening) =
            if let Ok(Some(socket)) = self.sockets.take_tcp_listener(place) {
                let is_listening = SockRef::from(&socket).is_listener();
                (Listener::Tcp(socket), is_listening)
            } else if let Ok(Some(socket)) = self.sockets.take_unix_listener(place) {
                let is_listening = SockRef::from(&socket).is_listener();
                (Listener::Unix(socket), is_listening)
            } else {
                bail!("{told}, is neither a TCP nor a Unix stream socket (LISTEN_FDS)")
            };
        ensure!(
            is_listening.unwrap_or(false),
            "{told}, does not listen (LISTEN_FDS); a socket unit needs Accept=no"
        );
        Ok(listener)
    }
}
