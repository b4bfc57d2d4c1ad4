//! Limits on the connections of one address, and the write timeout.

use std::any::Any;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::rt::net::{TcpStream, UnixStream};
use engage_application::client_network;
use socket2::SockRef;
use tokio::time::Instant;

use super::TrustedProxies;
use super::address::LocalPeer;
use crate::error::ApiError;
use crate::request_metrics::RefusalKind;

/// Time limit for the client to acknowledge written data.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

/// Minimum interval between log lines about too many connections.
const SAID_EVERY: Duration = Duration::from_mins(1);

/// The open connections.
pub(crate) struct Connections {
    /// Maximum number per address. `None` means no limit.
    most: Option<NonZeroU32>,
    proxies: TrustedProxies,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    by_address: HashMap<IpAddr, u32>,
    said_at: Option<Instant>,
}

/// A counted connection. It is released when the connection is closed.
struct ConnectionSlot {
    connections: Arc<Connections>,
    address: IpAddr,
}

/// Marks a connection that exceeds the limit.
struct Refused;

impl Connections {
    pub(crate) fn new(most: Option<NonZeroU32>, proxies: TrustedProxies) -> Arc<Self> {
        Arc::new(Self { most, proxies, open: Mutex::default() })
    }

    /// Registers a connection. `extensions` live until it is closed. Connections through a Unix
    /// socket, which are a proxy's, have no limit.
    pub(crate) fn begin(self: &Arc<Self>, io: &dyn Any, extensions: &mut Extensions) {
        if io.is::<UnixStream>() {
            extensions.insert(LocalPeer);
        }
        let Some(stream) = io.downcast_ref::<TcpStream>() else { return };
        let socket = SockRef::from(stream);
        // The operating system closes the connection, even after the last byte of a response was
        // written.
        #[cfg(target_os = "linux")]
        if let Err(error) = socket.set_tcp_user_timeout(Some(WRITE_PATIENCE)) {
            tracing::warn!(%error, "the write timeout of a connection cannot be set");
        }
        let Ok(peer) = stream.peer_addr() else { return };
        match self.take(peer.ip().to_canonical()) {
            Ok(Some(place)) => {
                extensions.insert(place);
            }
            Ok(None) => {}
            Err(Refused) => {
                RefusalKind::Connection.count();
                extensions.insert(Refused);
                // Fails if the client has already disconnected.
                let _ = socket.shutdown(std::net::Shutdown::Both);
            }
        }
    }

    fn take(self: &Arc<Self>, peer: IpAddr) -> Result<Option<ConnectionSlot>, Refused> {
        let Some(most) = self.most.filter(|_| !self.proxies.includes(peer)) else {
            return Ok(None);
        };
        let address = client_network(peer);
        let mut open = self.open();
        let count = open.by_address.entry(address).or_default();
        if *count >= most.get() {
            let now = Instant::now();
            if open.said_at.is_none_or(|then| now - then >= SAID_EVERY) {
                open.said_at = Some(now);
                tracing::warn!(%peer, most, "connections are closed: limit of the address reached");
            }
            return Err(Refused);
        }
        *count += 1;
        Ok(Some(ConnectionSlot { connections: Arc::clone(self), address }))
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        // The counts are consistent after every statement, so a panic elsewhere does not invalidate
        // them.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// Discards the requests of a connection above the limit. The client would not receive a response.
pub(crate) async fn discard_excess_connections(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if request.conn_data::<Refused>().is_some() {
        return Ok(request.error_response(ApiError::Unavailable));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(most: u32) -> Arc<Connections> {
        let proxies = TrustedProxies::from(vec!["10.0.0.0/8".parse().unwrap()]);
        Connections::new(NonZeroU32::new(most), proxies)
    }

    fn take(connections: &Arc<Connections>, peer: &str) -> Result<Option<ConnectionSlot>, Refused> {
        connections.take(peer.parse().unwrap())
    }

    #[test]
    fn closing_a_connection_frees_a_slot_of_its_address() {
        let connections = connections(2);
        let first = take(&connections, "203.0.113.1");
        let _second = take(&connections, "203.0.113.1");
        assert!(first.is_ok() && take(&connections, "203.0.113.1").is_err());
        assert!(take(&connections, "203.0.113.2").is_ok());
        drop(first);
        let third = take(&connections, "203.0.113.1");
        assert!(third.is_ok() && take(&connections, "203.0.113.1").is_err());
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_their_connections() {
        let connections = connections(1);
        let _first = take(&connections, "2001:db8:1:2::1");
        assert!(take(&connections, "2001:db8:1:2:ffff::").is_err());
        assert!(take(&connections, "2001:db8:1:3::1").is_ok());
    }

    #[test]
    fn a_trusted_proxy_has_no_limit_and_leaves_no_counts_behind() {
        let connections = connections(1);
        let places: Vec<_> = (0..5).map(|_| take(&connections, "10.1.2.3")).collect();
        assert!(places.iter().all(|place| matches!(place, Ok(None))));
        drop(take(&connections, "203.0.113.1"));
        assert!(connections.open().by_address.is_empty());
    }
}
