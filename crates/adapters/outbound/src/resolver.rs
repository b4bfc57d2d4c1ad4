//! Resolution of names without the C library.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::lookup::Lookup;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::address_order;
use crate::hosts_file::HostsFile;
use crate::name_servers::NameServers;
use crate::resolve_error::ResolveError;
use crate::watched_file::WatchedFile;

/// Time limit for resolving a name.
const LIMIT: Duration = Duration::from_secs(10);

const DNS_PORT: u16 = 53;

/// Resolves names by the hosts file and by DNS.
///
/// The C library is not used, so none of its modules is loaded, and `nsswitch.conf` has no effect.
/// An address in place of a name is returned as it is. `/etc/hosts` comes first. After it,
/// `localhost` and the names below it are this machine (RFC 6761). All other names are resolved by
/// the DNS servers of `/etc/resolv.conf`, with its search domains and its options `ndots`,
/// `timeout` (at most 2 s) and `attempts`. Servers are asked in the order of the file.
///
/// Both files may change at any time: each name is resolved by the files as they are then, and a
/// change of `resolv.conf` empties the cache. Responses are cached for as long as their records
/// permit, but for at most 5 minutes, and for at most 5 seconds that a name does not exist.
///
/// Clones share the cache.
#[derive(Clone)]
pub struct DnsResolver(Arc<Inner>);

struct Inner {
    hosts: WatchedFile<HostsFile>,
    servers: Servers,
}

/// The DNS servers, or the reason why none are known.
type Known = Result<Arc<NameServers>, String>;

enum Servers {
    OfSystem(WatchedFile<Known>),
    Named(Known),
}

/// A server that accepts the e-mail of a domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailExchanger {
    /// Servers with lower numbers are tried first.
    pub preference: u16,
    /// Name of the host. Empty if the domain accepts no e-mail (RFC 7505).
    pub host: String,
}

impl DnsResolver {
    /// Creates a resolver that uses the DNS servers of `/etc/resolv.conf`. Reads no file yet.
    pub fn system() -> Self {
        Self::of_files("/etc/hosts".into(), "/etc/resolv.conf".into(), DNS_PORT)
    }

    /// Creates a resolver that uses these DNS servers, and nothing of `/etc/resolv.conf`: names are
    /// taken as they are, without search domains.
    pub fn with_servers(servers: &[SocketAddr]) -> Self {
        let servers = NameServers::named(servers).map_err(|error| error.to_string());
        Self::new("/etc/hosts".into(), Servers::Named(servers.map(Arc::new)))
    }

    /// Creates a resolver that uses these files, and the port of the servers named in the second.
    fn of_files(hosts: PathBuf, resolv_conf: PathBuf, port: u16) -> Self {
        let path = resolv_conf.clone();
        let parse = move |read| NameServers::of_system(&path, read, port).map(Arc::new);
        Self::new(hosts, Servers::OfSystem(WatchedFile::new(resolv_conf, parse)))
    }

    fn new(hosts: PathBuf, servers: Servers) -> Self {
        // A machine without a readable hosts file has DNS alone.
        let parse = |read: io::Result<Vec<u8>>| HostsFile::parse(&read.unwrap_or_default());
        Self(Arc::new(Inner { hosts: WatchedFile::new(hosts, parse), servers }))
    }

    /// Returns the addresses of a host, at least one. Those that this machine can reach come first.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, ResolveError> {
        if let Ok(address) = host.trim_matches(['[', ']']).parse() {
            return Ok(vec![address]);
        }
        let known = self.0.hosts.current().find(host).map(<[IpAddr]>::to_vec);
        let mut found = match known {
            Some(known) => known,
            None if is_localhost(host) => {
                vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]
            }
            None => in_time(host, self.servers(host)?.addresses(host)).await?,
        };
        address_order::sort(&mut found);
        Ok(found)
    }

    /// Connects to the first address of a host that accepts a connection.
    pub async fn connect(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for address in self.addresses(host).await? {
            match TcpStream::connect(SocketAddr::new(address, port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Returns the servers that accept the e-mail of a domain (MX), in the order in which they are
    /// tried. Search domains do not count.
    pub async fn mail_exchangers(&self, domain: &str) -> Result<Vec<MailExchanger>, ResolveError> {
        let lookup = self.records(domain, RecordType::MX).await?;
        let exchangers = lookup.answers().iter().filter_map(|record| match &record.data {
            RData::MX(mx) => {
                Some(MailExchanger { preference: mx.preference, host: shown(&mx.exchange) })
            }
            _ => None,
        });
        let mut exchangers: Vec<_> = exchangers.collect();
        exchangers.sort();
        Ok(exchangers)
    }

    /// Returns the texts of a name (TXT), each with its parts joined. Search domains do not count.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, ResolveError> {
        let lookup = self.records(name, RecordType::TXT).await?;
        let texts = lookup.answers().iter().filter_map(|record| match &record.data {
            RData::TXT(text) => {
                let bytes: Vec<u8> = text.txt_data.iter().flatten().copied().collect();
                Some(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => None,
        });
        Ok(texts.collect())
    }

    async fn records(&self, name: &str, kind: RecordType) -> Result<Lookup, ResolveError> {
        let servers = self.servers(name)?;
        in_time(name, servers.records(name, kind)).await
    }

    /// Returns the DNS servers to ask about a name.
    fn servers(&self, name: &str) -> Result<Arc<NameServers>, ResolveError> {
        let known = match &self.0.servers {
            Servers::OfSystem(file) => file.current().as_ref().clone(),
            Servers::Named(known) => known.clone(),
        };
        known.map_err(|reason| ResolveError::NoServers { name: name.to_owned(), reason })
    }
}

async fn in_time<T>(
    name: &str,
    question: impl Future<Output = Result<T, ResolveError>>,
) -> Result<T, ResolveError> {
    let late = |_| Err(ResolveError::TimedOut { name: name.to_owned() });
    timeout(LIMIT, question).await.unwrap_or_else(late)
}

impl Default for DnsResolver {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for DnsResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsResolver").finish_non_exhaustive()
    }
}

/// Checks whether a name is `localhost` or below it.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// Returns a name without the dot at its end.
fn shown(name: &Name) -> String {
    name.to_utf8().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
