//! The hosts of a URL, each with the configuration to connect to it alone.

use std::net::IpAddr;
use std::time::Duration;

use engage_outbound::{DnsResolver, ResolveError};
use tokio_postgres::Config;
use tokio_postgres::config::{Host as Place, SslMode};

use super::url::UrlError;

/// Maximum time to connect to one of several hosts.
const PATIENCE_WITH_ONE_OF_SEVERAL: Duration = Duration::from_secs(1);

// TCP keepalives: the idle time after which they start, their interval, and their number.
const KEEPALIVES_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVES_RETRIES: u32 = 3;

/// Time for which sent data may remain unacknowledged, so that a connection to a machine that is gone is
/// not used for a second request.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);

/// A host.
pub(super) struct Host {
    /// Name in errors.
    pub(super) name: String,
    pub(super) config: Config,
    /// Maximum time to connect.
    pub(super) limit: Duration,
}

impl Host {
    /// Returns whether connections leave this machine.
    pub(super) fn is_elsewhere(&self) -> bool {
        let is_loopback = |address: &IpAddr| address.to_canonical().is_loopback();
        if let Some(address) = self.config.get_hostaddrs().first() {
            return !is_loopback(address);
        }
        match self.config.get_hosts().first() {
            Some(Place::Tcp(name)) => {
                let address = name.trim_matches(['[', ']']).parse();
                name != "localhost" && !address.is_ok_and(|address| is_loopback(&address))
            }
            _ => false,
        }
    }

    /// Returns the configuration with all addresses of the host, so that tokio-postgres resolves no
    /// name. It tries one after the other. The certificate is still for the name.
    pub(super) async fn resolved(&self, resolver: &DnsResolver) -> Result<Config, ResolveError> {
        let mut config = self.config.clone();
        let (has_address, host) =
            (!config.get_hostaddrs().is_empty(), self.config.get_hosts().first());
        let Some(Place::Tcp(name)) = host.filter(|_| !has_address) else { return Ok(config) };
        for (place, address) in resolver.addresses(name).await?.into_iter().enumerate() {
            if place > 0 {
                config.host(name);
            }
            config.hostaddr(address);
        }
        Ok(config)
    }
}

/// Returns the hosts in the order of the URL.
pub(super) fn each(all: &Config) -> Result<Vec<Host>, UrlError> {
    let (names, addresses, ports) = (all.get_hosts(), all.get_hostaddrs(), all.get_ports());
    let count = names.len().max(addresses.len());
    let fits = |many: usize| many == 0 || many == count;
    if count == 0 {
        return Err(UrlError::Malformed("it names no host".to_owned()));
    }
    if !fits(names.len()) || !fits(addresses.len()) || !(fits(ports.len()) || ports.len() == 1) {
        return Err(UrlError::Malformed("hosts, hostaddr and port differ in number".to_owned()));
    }
    (0..count).map(|place| one(all, place, count)).collect()
}

fn one(all: &Config, place: usize, count: usize) -> Result<Host, UrlError> {
    let mut config = without_hosts(all);
    let ports = all.get_ports();
    let port = ports.get(place).or(ports.first()).copied().unwrap_or(5432);
    config.port(port);
    let address = all.get_hostaddrs().get(place);
    if let Some(address) = address {
        config.hostaddr(*address);
    }
    let name = match (all.get_hosts().get(place), address) {
        (Some(Place::Unix(path)), _) => {
            // A local socket has no TLS. libpq ignores the mode, too.
            config.host_path(path).ssl_mode(SslMode::Disable);
            path.display().to_string()
        }
        // If a password contains an @, the rest of it was parsed as a part of the host.
        (Some(Place::Tcp(name)), _) if name.contains('@') => {
            return Err(UrlError::Malformed("an @ in a password is written as %40".to_owned()));
        }
        (Some(Place::Tcp(name)), _) => {
            config.host(name);
            format!("{name}:{port}")
        }
        // The certificate is for the address.
        (None, address) => {
            let name = address.map(ToString::to_string).unwrap_or_default();
            config.host(&name);
            format!("{name}:{port}")
        }
    };
    let default = if count == 1 { PATIENCE } else { share(count) };
    let limit = all.get_connect_timeout().copied().unwrap_or(default);
    Ok(Host { name, config, limit })
}

/// Returns the time for each of several hosts, so that the last one is tried, too.
fn share(count: usize) -> Duration {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    (PATIENCE / count).min(PATIENCE_WITH_ONE_OF_SEVERAL)
}

/// Returns the configuration that all hosts share.
fn without_hosts(all: &Config) -> Config {
    let mut config = Config::new();
    all.get_user().map(|user| config.user(user));
    all.get_password().map(|password| config.password(password));
    all.get_dbname().map(|name| config.dbname(name));
    all.get_options().map(|options| config.options(options));
    all.get_application_name().map(|name| config.application_name(name));
    config
        .ssl_mode(all.get_ssl_mode())
        .ssl_negotiation(all.get_ssl_negotiation())
        .channel_binding(all.get_channel_binding())
        .target_session_attrs(all.get_target_session_attrs())
        .tcp_user_timeout(all.get_tcp_user_timeout().copied().unwrap_or(TCP_USER_TIMEOUT))
        .keepalives(all.get_keepalives())
        .keepalives_idle(keepalives_idle(all))
        .keepalives_interval(all.get_keepalives_interval().unwrap_or(KEEPALIVES_INTERVAL))
        .keepalives_retries(all.get_keepalives_retries().unwrap_or(KEEPALIVES_RETRIES));
    config
}

/// tokio-postgres does not tell whether the value was set, and its default is too long for a server.
fn keepalives_idle(all: &Config) -> Duration {
    let idle = all.get_keepalives_idle();
    if idle == Config::new().get_keepalives_idle() { KEEPALIVES_IDLE } else { idle }
}

/// Time to wait for a connection when all are in use, and for a new connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use engage_testkit::dns::DnsServer;

    use super::*;

    fn hosts(url: &str) -> Vec<Host> {
        each(&super::super::url::parse(url).unwrap().config).unwrap()
    }

    fn names(url: &str) -> Vec<String> {
        hosts(url).into_iter().map(|host| host.name).collect()
    }

    #[test]
    fn hosts_are_named_in_the_url_or_in_its_parameters() {
        assert_eq!(names("postgres://a,b:5433/d"), ["a:5432", "b:5433"]);
        assert_eq!(names("postgres:///d?host=a,b&port=1,2"), ["a:1", "b:2"]);
        assert_eq!(names("postgres:///d?host=a,b&port=7"), ["a:7", "b:7"]);
        assert_eq!(names("postgres:///d?hostaddr=127.0.0.1"), ["127.0.0.1:5432"]);
        assert_eq!(names("postgres://u@%2Frun%2Fpostgresql/d"), ["/run/postgresql"]);
    }

    #[test]
    fn invalid_hosts_are_rejected() {
        for url in ["postgres:///d", "postgres:///d?host=a,b&port=1,2,3", "postgres://u:p@ss@h/d"] {
            let refusal = each(&url.parse().unwrap()).map(drop).unwrap_err().to_string();
            assert!(!refusal.contains("ss@h"), "{refusal}");
        }
    }

    #[test]
    fn each_host_has_all_parameters_of_the_url() {
        let all: Config =
            "postgres://u:p@h:1/d?options=-cx%3Dy&application_name=n&connect_timeout=3\
             &tcp_user_timeout=8&keepalives=0&keepalives_idle=9&keepalives_interval=8\
             &keepalives_retries=7&target_session_attrs=read-write&channel_binding=require\
             &sslnegotiation=direct&sslmode=require"
                .parse()
                .unwrap();
        let [mut host] = <[Host; 1]>::try_from(each(&all).unwrap()).map_err(drop).unwrap();
        assert_eq!(host.limit, Duration::from_secs(3));
        host.config.connect_timeout(host.limit);
        assert_eq!(host.config, all);
    }

    #[test]
    fn a_dead_machine_is_detected_with_and_without_traffic() {
        let config = &hosts("postgres://h/d")[0].config;
        assert_eq!(config.get_tcp_user_timeout(), Some(&TCP_USER_TIMEOUT));
        assert!(config.get_keepalives());
        assert_eq!(config.get_keepalives_idle(), KEEPALIVES_IDLE);
    }

    #[test]
    fn several_hosts_share_the_time_to_connect() {
        let limits = |url: &str| hosts(url).iter().map(|host| host.limit).sum::<Duration>();
        assert_eq!(limits("postgres://a/d"), PATIENCE);
        assert_eq!(limits("postgres://a,b/d"), Duration::from_secs(2));
        assert!(limits("postgres://a,b,c,d,e,f,g/d") <= PATIENCE);
        assert_eq!(limits("postgres://a,b/d?connect_timeout=5"), Duration::from_secs(10));
    }

    #[tokio::test]
    async fn a_name_is_resolved_before_connecting_and_stays_the_name_of_the_certificate() {
        let server = DnsServer::start("db.example A 192.0.2.1\ndb.example A 192.0.2.2");
        let resolver = DnsResolver::with_servers(&[server.address()]);
        let of = async |url| hosts(url)[0].resolved(&resolver).await;
        let config = of("postgres://db.example:5433/d").await.unwrap();
        let mut addresses = config.get_hostaddrs().to_vec();
        addresses.sort();
        assert_eq!(
            addresses,
            ["192.0.2.1", "192.0.2.2"].map(|text| text.parse::<IpAddr>().unwrap())
        );
        let name = Place::Tcp("db.example".to_owned());
        assert_eq!(config.get_hosts(), [name.clone(), name]);
        assert_eq!(config.get_ports(), [5433]);
        let unknown = of("postgres://nobody.example/d").await.unwrap_err().to_string();
        assert!(unknown.contains("does not exist"), "{unknown}");
    }

    #[tokio::test]
    async fn sockets_and_hosts_with_an_address_are_not_resolved() {
        let nobody = DnsResolver::with_servers(&[]);
        for url in ["postgres:///d?host=%2Frun", "postgres:///d?host=db.example&hostaddr=::1"] {
            let host = &hosts(url)[0];
            assert_eq!(host.resolved(&nobody).await.unwrap(), host.config);
        }
    }

    #[test]
    fn a_local_socket_has_no_tls() {
        let hosts = hosts("postgres:///d?host=%2Frun,a&sslnegotiation=postgres");
        let modes: Vec<_> = hosts.iter().map(|host| host.config.get_ssl_mode()).collect();
        assert_eq!(modes, [SslMode::Disable, SslMode::Prefer]);
    }
}
