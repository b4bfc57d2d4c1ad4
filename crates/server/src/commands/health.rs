//! Command that asks a running server or dispatcher whether it is ready.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use engage_outbound::DnsResolver;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::output::print;
use crate::exit::{Exit, OrExit};
use crate::settings::Settings;

/// Time in which the response must arrive. The server determines its health within 1.5 s.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Maximum number of bytes read of a response. Only its first line matters.
const LONGEST_LINE: u64 = 1024;

#[derive(clap::Args)]
pub(crate) struct HealthOptions {
    /// URL of the server, such as http://127.0.0.1:3000. By default, the one at server.bind.
    #[allow(clippy::doc_markdown)] // The text is also shown by --help.
    #[arg(long, conflicts_with = "dispatcher")]
    url: Option<ServerUrl>,
    /// Ask the dispatcher at dispatch.bind instead of the server.
    #[arg(long)]
    dispatcher: bool,
}

pub(crate) async fn run(settings: &Settings, options: HealthOptions) -> anyhow::Result<()> {
    let url = target(settings, options).or_exit(Exit::Configuration)?;
    let resolver = &settings.network.resolver;
    let line = match timeout(TIME_LIMIT, status_line(&url, resolver)).await {
        Ok(line) => line.with_context(|| format!("{url} does not respond"))?,
        Err(_) => bail!("{url} did not respond within {} s", TIME_LIMIT.as_secs()),
    };
    match status(&line) {
        Some(200) => print(&format!("{url} is ready.")),
        Some(503) => {
            bail!("{url} is not ready: it is shutting down, or its database is unreachable")
        }
        Some(status) => bail!("{url} responded with status {status}, so it is not Engage"),
        None => bail!("{url} did not respond with HTTP"),
    }
}

fn target(settings: &Settings, options: HealthOptions) -> anyhow::Result<ServerUrl> {
    if let Some(url) = options.url {
        return Ok(url);
    }
    let (bind, name) = if options.dispatcher {
        let bind = settings.dispatch.bind;
        (bind.context("dispatch.bind is not set, so dispatchers serve no health")?, "dispatch.bind")
    } else {
        (settings.server.bind, "server.bind")
    };
    ensure!(bind.port() != 0, "{name} has port 0, so the port is unknown; name it with --url");
    let address = local(bind);
    let (host, port) = (address.ip().to_string(), address.port());
    Ok(ServerUrl { authority: address.to_string(), host, port, path: String::new() })
}

/// Returns the address at which this machine reaches a server that listens on `bind`.
fn local(bind: SocketAddr) -> SocketAddr {
    let host: IpAddr = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(host, bind.port())
}

/// Requests the health and returns the first line of the response.
async fn status_line(url: &ServerUrl, resolver: &DnsResolver) -> io::Result<String> {
    let ServerUrl { authority, host, port, path } = url;
    let mut stream = resolver.connect(host, *port).await?;
    let request = format!(
        "GET {path}/health/ready HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(stream.take(LONGEST_LINE)).read_line(&mut line).await?;
    Ok(line)
}

/// Returns the status in the first line of a response, such as `HTTP/1.1 200 OK`.
fn status(line: &str) -> Option<u16> {
    line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()
}

/// An `http` URL of a server, under which its paths start.
#[derive(Debug, Clone)]
struct ServerUrl {
    /// Host, and port unless it is 80.
    authority: String,
    /// Name, or address with or without brackets.
    host: String,
    port: u16,
    /// Empty, or a path that starts with a slash and ends without one.
    path: String,
}

#[derive(Debug, thiserror::Error)]
#[error("must be an http URL such as http://127.0.0.1:3000")]
struct ServerUrlError;

/// Splits an authority into its host and its port.
fn host_and_port(authority: &str) -> Option<(&str, u16)> {
    match authority.rsplit_once(':') {
        // The colons of an IPv6 address are in brackets.
        Some((host, port)) if !port.ends_with(']') => Some((host, port.parse().ok()?)),
        _ => Some((authority, 80)),
    }
}

impl FromStr for ServerUrl {
    type Err = ServerUrlError;

    fn from_str(text: &str) -> Result<Self, ServerUrlError> {
        let rest = text.strip_prefix("http://").ok_or(ServerUrlError)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_unexpected = |c: char| !c.is_ascii_graphic() || "@?#".contains(c);
        if authority.is_empty() || rest.contains(is_unexpected) {
            return Err(ServerUrlError);
        }
        let (host, port) = host_and_port(authority).ok_or(ServerUrlError)?;
        let path = path.trim_matches('/');
        let slash = if path.is_empty() { "" } else { "/" };
        Ok(Self {
            authority: authority.to_owned(),
            host: host.to_owned(),
            port,
            path: format!("{slash}{path}"),
        })
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_what_to_connect_to() {
        for (text, host, port, shown) in [
            ("http://127.0.0.1:3000", "127.0.0.1", 3000, "http://127.0.0.1:3000"),
            ("http://api/", "api", 80, "http://api"),
            ("http://[::1]:3000/desk/", "[::1]", 3000, "http://[::1]:3000/desk"),
            ("http://[::1]", "[::1]", 80, "http://[::1]"),
        ] {
            let url: ServerUrl = text.parse().unwrap();
            assert_eq!((url.host.as_str(), url.port), (host, port));
            assert_eq!(url.to_string(), shown);
        }
        for text in [
            "",
            "api",
            "https://api",
            "http://",
            "http:///x",
            "http://u@api",
            "http://a b",
            "http://a:b",
        ] {
            assert!(text.parse::<ServerUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_server_on_all_addresses_is_asked_on_this_machine() {
        for (bind, asked) in [
            ("0.0.0.0:3000", "127.0.0.1:3000"),
            ("[::]:3000", "[::1]:3000"),
            ("10.0.0.7:3000", "10.0.0.7:3000"),
        ] {
            assert_eq!(local(bind.parse().unwrap()).to_string(), asked);
        }
    }

    #[test]
    fn the_status_is_in_the_first_line() {
        assert_eq!(status("HTTP/1.1 503 Service Unavailable\r\n"), Some(503));
        for line in ["", "HTTP/1.1 20", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 two hundred"] {
            assert_eq!(status(line), None, "{line}");
        }
    }
}
