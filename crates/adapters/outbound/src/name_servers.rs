//! The DNS servers, and how they are asked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::parse_resolv_conf;
use tokio::time::timeout;

use crate::resolve_error::ResolveError;

/// Longest wait for one server. A packet may be lost, so waiting longer gains less than asking
/// again.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Time for which the addresses of one family wait for those of the other. Some servers never
/// respond to questions about IPv6.
const WAIT_FOR_OTHER_FAMILY: Duration = Duration::from_millis(500);

/// Number of responses in the cache.
const CACHED: u64 = 1_024;

/// Maximum age of a response in the cache, if its records live longer.
const LONGEST_CACHED: Duration = Duration::from_mins(5);

/// Maximum age of the response that a name does not exist, so that a new name works soon.
const LONGEST_CACHED_ABSENCE: Duration = Duration::from_secs(5);

/// The records that have the addresses of a host.
const ADDRESSES: &str = "A or AAAA";

/// DNS servers, and the rules for asking them.
pub(crate) struct NameServers {
    /// One client for each server, in the order in which they are asked. hickory itself would ask
    /// two at once, and the fastest first, but the second server may not know internal names.
    clients: Vec<TokioResolver>,
    /// Number of times that each server is asked.
    rounds: usize,
    /// Domains in which names without enough dots are searched.
    search: Vec<Name>,
    /// Number of dots with which a name is first taken as it is.
    ndots: usize,
}

impl NameServers {
    /// Creates a client of these servers. Names are taken as they are.
    pub(crate) fn named(servers: &[SocketAddr]) -> Result<Self, NetError> {
        let mut options = ResolverOpts::default();
        options.ndots = 0;
        Self::new(servers.iter().copied(), Vec::new(), options)
    }

    /// Parses a `resolv.conf`. `port` is that of all its servers.
    pub(crate) fn of_system(
        path: &Path,
        read: io::Result<Vec<u8>>,
        port: u16,
    ) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = read.map_err(|error| failed(&error))?;
        let (config, options) = parse_resolv_conf(text).map_err(|error| failed(&error))?;
        let (domain, mut search, servers) = config.into_parts();
        // The domain is that of the machine, which counts only if the file names none.
        if search.is_empty() {
            search.extend(domain);
        }
        let servers = servers.iter().map(|server| SocketAddr::new(server.ip, port));
        Self::new(servers, search, options).map_err(|error| failed(&error))
    }

    fn new(
        servers: impl Iterator<Item = SocketAddr>,
        search: Vec<Name>,
        mut options: ResolverOpts,
    ) -> Result<Self, NetError> {
        let (ndots, rounds) = (options.ndots, options.attempts.max(1));
        options.timeout = options.timeout.min(LONGEST_WAIT);
        // Each server is asked again here, after the others.
        options.attempts = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.cache_size = CACHED;
        options.positive_max_ttl = Some(LONGEST_CACHED);
        options.negative_max_ttl = Some(LONGEST_CACHED_ABSENCE);
        let clients = servers.map(|server| client(server, options.clone()));
        let clients = clients.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { clients, rounds, search, ndots })
    }

    /// Returns the addresses of a host, for which the search domains count.
    pub(crate) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, ResolveError> {
        let mut failure = None;
        for name in self.candidates(&parse(host)?) {
            match self.addresses_of(host, &name).await {
                Ok(found) => return Ok(found),
                // Asking about further names would multiply the wait.
                Err(error @ ResolveError::TimedOut { .. }) => return Err(error),
                Err(error) => failure = Some(worse(failure, error)),
            }
        }
        Err(failure.unwrap_or_else(|| ResolveError::Malformed { name: host.to_owned() }))
    }

    /// Returns the names that a host may mean, in the order in which they are tried.
    fn candidates(&self, host: &Name) -> Vec<Name> {
        let mut itself = host.clone();
        itself.set_fqdn(true);
        if host.is_fqdn() {
            return vec![itself];
        }
        let searched = self.search.iter().filter_map(|domain| {
            let mut name = host.clone().append_domain(domain).ok()?;
            name.set_fqdn(true);
            Some(name)
        });
        let dots = usize::from(host.num_labels()).saturating_sub(1);
        let mut names: Vec<Name> = searched.collect();
        names.insert(if dots >= self.ndots { 0 } else { names.len() }, itself);
        names
    }

    /// Returns the addresses of both families.
    async fn addresses_of(&self, host: &str, name: &Name) -> Result<Vec<IpAddr>, ResolveError> {
        let families = [RecordType::AAAA, RecordType::A];
        let mut asked: FuturesUnordered<_> =
            families.into_iter().map(|family| self.ask(name, family)).collect();
        let (mut found, mut failure) = (Vec::new(), None);
        loop {
            let next = if found.is_empty() {
                asked.next().await
            } else {
                timeout(WAIT_FOR_OTHER_FAMILY, asked.next()).await.ok().flatten()
            };
            match next {
                Some(Ok(lookup)) => {
                    found
                        .extend(lookup.answers().iter().filter_map(|record| record.data.ip_addr()));
                }
                Some(Err(error)) => {
                    failure = Some(worse(failure, ResolveError::of(host, ADDRESSES, &error)));
                }
                None if found.is_empty() => break,
                None => return Ok(found),
            }
        }
        let no_records = || ResolveError::NoRecords { name: host.to_owned(), records: ADDRESSES };
        Err(failure.unwrap_or_else(no_records))
    }

    /// Returns the records of a fully qualified name.
    pub(crate) async fn records(
        &self,
        name: &str,
        kind: RecordType,
    ) -> Result<Lookup, ResolveError> {
        let mut qualified = parse(name)?;
        qualified.set_fqdn(true);
        let asked = self.ask(&qualified, kind).await;
        asked.map_err(|error| ResolveError::of(name, kind.into(), &error))
    }

    /// Asks the servers one after the other, until one knows whether there are records.
    async fn ask(&self, name: &Name, kind: RecordType) -> Result<Lookup, NetError> {
        let mut failure = NetError::NoConnections;
        for _ in 0..self.rounds {
            for client in &self.clients {
                match client.lookup(name.clone(), kind).await {
                    Err(error) if !error.is_no_records_found() => failure = error,
                    known => return known,
                }
            }
        }
        Err(failure)
    }
}

fn client(server: SocketAddr, options: ResolverOpts) -> Result<TokioResolver, NetError> {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = server.port();
        connection
    });
    let server = NameServerConfig::new(server.ip(), true, connections.into());
    let config = ResolverConfig::from_name_servers(vec![server]);
    let provider = TokioRuntimeProvider::default();
    TokioResolver::builder_with_config(config, provider).with_options(options).build()
}

fn parse(name: &str) -> Result<Name, ResolveError> {
    let malformed = || ResolveError::Malformed { name: name.to_owned() };
    let parsed = Name::from_str_relaxed(name).map_err(|_| malformed())?;
    if parsed.num_labels() == 0 { Err(malformed()) } else { Ok(parsed) }
}

/// Returns the failure to report: a temporary one, since the name may exist after all, and
/// otherwise the first one.
fn worse(known: Option<ResolveError>, further: ResolveError) -> ResolveError {
    match known {
        Some(known) if known.is_temporary() || !further.is_temporary() => known,
        _ => further,
    }
}
