//! The sockets of a server: those that the service manager has passed, or one of its own.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::Context;
use engage_http::{Listener, Listeners};
use tracing::info;

use crate::exit::{Exit, OrExit};
use crate::service_manager::PassedSockets;

pub(crate) struct Sockets {
    listeners: Vec<Listener>,
    places: Vec<Place>,
}

/// Place at which clients reach a socket.
enum Place {
    Address(SocketAddr),
    /// Path of a Unix socket, or a word if it has none.
    Unix(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "http://{address}"),
            Self::Unix(path) => write!(f, "unix:{path}"),
        }
    }
}

impl Sockets {
    /// Opens a socket at the address in a setting, unless the service manager has passed sockets.
    /// Without either, there is none.
    pub(crate) fn open(
        passed: io::Result<PassedSockets>,
        setting: &str,
        bind: Option<SocketAddr>,
    ) -> anyhow::Result<Self> {
        let passed = passed.context("cannot use the sockets that were passed (LISTEN_FDS)");
        let passed = passed.and_then(PassedSockets::into_listeners).or_exit(Exit::Configuration)?;
        let is_passed = !passed.is_empty();
        let listeners = match bind {
            Some(bind) if !is_passed => {
                let listener = TcpListener::bind(bind)
                    .with_context(|| format!("cannot listen on {bind} ({setting})"))?;
                vec![Listener::Tcp(listener)]
            }
            _ => passed,
        };
        let places = listeners.iter().map(place).collect::<io::Result<_>>();
        let sockets = Self { listeners, places: places.context("cannot determine the port")? };
        if let Some(bind) = bind
            && is_passed
            && sockets.addresses().all(|address| address != bind)
        {
            info!("{setting} ({bind}) is not used, since sockets were passed (LISTEN_FDS)");
        }
        Ok(sockets)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.places.iter().filter_map(|place| match place {
            Place::Address(address) => Some(*address),
            Place::Unix(_) => None,
        })
    }

    /// Returns an address at which clients reach the server, preferably from other machines. `None`
    /// if there are only Unix sockets.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        let is_open = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
        self.addresses().find(is_open).or_else(|| self.addresses().next())
    }

    /// Returns the address by which the exposure of the server is judged. Only this machine reaches
    /// Unix sockets, as it does loopback addresses.
    pub(crate) fn judged_address(&self) -> SocketAddr {
        self.address().unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Returns the places at which clients reach the server, as text.
    pub(crate) fn places(&self) -> Vec<String> {
        self.places.iter().map(ToString::to_string).collect()
    }
}

impl From<Sockets> for Listeners {
    fn from(sockets: Sockets) -> Self {
        sockets.listeners.into()
    }
}

fn place(listener: &Listener) -> io::Result<Place> {
    Ok(match listener {
        Listener::Tcp(socket) => Place::Address(socket.local_addr()?),
        Listener::Unix(socket) => {
            let address = socket.local_addr()?;
            let path = address.as_pathname().map(|path| path.display().to_string());
            Place::Unix(path.unwrap_or_else(|| "(unnamed)".to_owned()))
        }
    })
}
