//! Warns about settings that are unsafe when others can reach the server.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use engage_application::AccessMode;
use engage_attachments::Location;
use engage_http::AllowedOrigins;
use engage_postgres::unprotected_hosts;
use rustix::process::geteuid;
use tracing::warn;

use crate::settings::{DatabaseUrl, Settings};

/// Checks whether the server can be reached from other machines: it listens on an address other
/// than loopback, or it is behind a proxy.
pub(crate) fn is_exposed(settings: &Settings, address: SocketAddr) -> bool {
    !address.ip().to_canonical().is_loopback() || !settings.server.trusted_proxies.is_empty()
}

/// Logs warnings about unsafe settings.
pub(crate) fn warn_of_settings(settings: &Settings, address: SocketAddr) {
    for warning in warnings(settings, address) {
        warn!("{warning}");
    }
    warn_of_data(settings);
}

/// Logs warnings about data that others can read.
pub(crate) fn warn_of_data(settings: &Settings) {
    for warning in warnings_of_data(settings) {
        warn!("{warning}");
    }
}

/// Returns warnings about data that others can read.
pub(crate) fn warnings_of_data(settings: &Settings) -> Vec<String> {
    open_files(settings).into_iter().chain(unprotected_databases(settings)).collect()
}

/// Returns warnings about settings of a server that listens on an address.
pub(crate) fn warnings(settings: &Settings, address: SocketAddr) -> Vec<String> {
    let mut warnings = Vec::new();
    let server = &settings.server;
    if is_exposed(settings, address) {
        if settings.customers.access == AccessMode::CaseNumber {
            warnings.push(
                "others can reach the server, and customers.access is case-number: anyone who \
                 guesses a case number can look the case up, escalate and cancel it; set \
                 customers.access to email or token"
                    .to_owned(),
            );
        }
        if server.public_url.is_none() {
            warnings.push(format!(
                "server.public_url is not set: links in e-mails point to {}; set it to the \
                 public URL of this server",
                settings.public_url()
            ));
        }
    }
    if server.allowed_origins.iter().any(AllowedOrigins::include_all) {
        warnings.push(
            "server.allowed_origins is *: pages of any site can open cases for their visitors; \
             list the origins of your own pages"
                .to_owned(),
        );
    }
    if settings.webhooks.allow_private_networks {
        warnings.push(
            "webhooks.allow_private_networks is true: anyone who may register an endpoint can make \
             the server call any host that it can reach"
                .to_owned(),
        );
    }
    if is_plain_elsewhere(&settings.public_url()) {
        warnings.push(format!(
            "server.public_url ({}) is http: tokens and the links that grant access to cases can \
             be read in transit; add a proxy with TLS, and set the URL to https",
            settings.public_url()
        ));
    }
    warnings
}

fn unprotected_databases(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if let DatabaseUrl::Postgres(url) = &settings.database.url {
        for url in [Some(url), settings.database.listen_url.as_ref()].into_iter().flatten() {
            // An invalid URL is reported when connecting.
            for host in unprotected_hosts(url.expose()).unwrap_or_default() {
                warnings.push(format!(
                    "the connection to the database at {host} may be unencrypted, and the server \
                     is not authenticated: add sslmode=verify-full to its URL"
                ));
            }
        }
    }
    warnings
}

/// Returns warnings about data that other users of this machine can read, because an earlier
/// version or an operator created it that way.
fn open_files(settings: &Settings) -> Vec<String> {
    let mut places = Vec::new();
    if let DatabaseUrl::Sqlite(path) = &settings.database.url {
        let beside = ["", "-wal", "-shm", ".lock"];
        places.extend(beside.map(|end| PathBuf::from(format!("{}{end}", path.display()))));
    }
    if settings.email.url.is_none() {
        places.push(settings.email.folder.clone());
    }
    if let Location::Folder(path) = &settings.attachments.url {
        places.push(path.clone());
    }
    let warnings = places.iter().filter_map(|path| open_to_others(path));
    warnings.chain(settings.secret_files.iter().filter_map(|path| secret_open(path))).collect()
}

fn open_to_others(path: &Path) -> Option<String> {
    // A missing file will be created for its owner only.
    let about = std::fs::metadata(path).ok()?;
    let mode = about.permissions().mode() & 0o777;
    let (wanted, path) = (if about.is_dir() { "700" } else { "600" }, path.display());
    (mode & 0o077 != 0)
        .then(|| format!("others can read {path} (mode {mode:o}); change its mode to {wanted}"))
}

/// Returns a warning if others can read a file with a secret.
fn secret_open(path: &Path) -> Option<String> {
    let about = std::fs::metadata(path).ok()?;
    if about.uid() == geteuid().as_raw() {
        return open_to_others(path);
    }
    // Kubernetes and systemd give a file of root to this user through its group.
    let mode = about.permissions().mode() & 0o777;
    let (wanted, path) = (mode & 0o770, path.display());
    (mode & 0o007 != 0)
        .then(|| format!("others can read {path} (mode {mode:o}); change its mode to {wanted:o}"))
}

/// Checks whether a URL points to another machine without encryption.
fn is_plain_elsewhere(url: &str) -> bool {
    let Some(rest) = url.to_ascii_lowercase().strip_prefix("http://").map(str::to_owned) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !is_this_machine(host_of(authority))
}

/// Returns the host of an authority, without user and port.
fn host_of(authority: &str) -> &str {
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_unencrypted_unless_it_stays_on_this_machine() {
        for url in [
            "http://support.example.com",
            "HTTP://10.0.0.1:3000/desk",
            "http://0.0.0.0:3000",
            "http://localhost.evil.example",
            "http://[2001:db8::1]:3000",
            "http://localhost@support.example",
        ] {
            assert!(is_plain_elsewhere(url), "{url}");
        }
        for url in [
            "https://support.example.com",
            "http://127.0.0.1:3000",
            "http://LOCALHOST/",
            "http://[::1]:3000",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(!is_plain_elsewhere(url), "{url}");
        }
    }
}
