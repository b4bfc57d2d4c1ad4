//! Who can reach the server, and what of the settings is not meant for that.

use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use engage_application::AccessMode;
use engage_attachments::Location;
use engage_http::AllowedOrigins;
use engage_postgres::unprotected_hosts;
use tracing::warn;

use crate::settings::{DatabaseUrl, Settings};

/// Whether others than the people on this machine can reach the server: it listens on an address
/// that is no loopback one, or stands behind a proxy.
pub(crate) fn is_exposed(settings: &Settings, address: SocketAddr) -> bool {
    !address.ip().to_canonical().is_loopback() || !settings.server.trusted_proxies.is_empty()
}

/// Tells the operator what to know of the settings before others find out.
pub(crate) fn warn_of_settings(settings: &Settings, address: SocketAddr) {
    for warning in warnings(settings, address) {
        warn!("{warning}");
    }
    warn_of_data(settings);
}

/// Tells the operator who may read the data.
pub(crate) fn warn_of_data(settings: &Settings) {
    for warning in open_files(settings).into_iter().chain(unprotected_databases(settings)) {
        warn!("{warning}");
    }
}

fn warnings(settings: &Settings, address: SocketAddr) -> Vec<String> {
    let mut warnings = Vec::new();
    let server = &settings.server;
    if is_exposed(settings, address) {
        if settings.customers.access == AccessMode::CaseNumber {
            warnings.push(
                "others can reach the server, and customers.access is case-number: anybody who \
                 guesses a case number can look the case up, escalate and cancel it; set \
                 customers.access to email or token"
                    .to_owned(),
            );
        }
        if server.public_url.is_none() {
            warnings.push(format!(
                "server.public_url is not set: links in e-mails lead to {}; set it to where the \
                 desk is found",
                settings.public_url()
            ));
        }
    }
    if server.allowed_origins.iter().any(AllowedOrigins::include_all) {
        warnings.push(
            "server.allowed_origins is *: a page of any site can have its visitors open cases; name \
             the origins of your own pages"
                .to_owned(),
        );
    }
    if settings.webhooks.allow_private_networks {
        warnings.push(
            "webhooks.allow_private_networks is true: whoever may register an endpoint can have \
             the server call anything that it can reach"
                .to_owned(),
        );
    }
    if is_plain_elsewhere(&settings.public_url()) {
        warnings.push(format!(
            "server.public_url ({}) is http: links that prove who owns a case, and tokens, can be \
             read on their way; put a proxy with TLS in front, and set it to https",
            settings.public_url()
        ));
    }
    warnings
}

fn unprotected_databases(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if let DatabaseUrl::Postgres(url) = &settings.database.url {
        for url in [Some(url), settings.database.listen_url.as_ref()].into_iter().flatten() {
            // What is wrong with a URL is said when it is connected to.
            for host in unprotected_hosts(url.expose()).unwrap_or_default() {
                warnings.push(format!(
                    "what goes to the database at {host} may go unencrypted, and to whoever answers: \
                     add sslmode=verify-full to its URL"
                ));
            }
        }
    }
    warnings
}

/// What holds data and can be read by others on this machine: what an earlier version made, or
/// somebody who meant it so.
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
    places.iter().filter_map(|path| open_to_others(path)).collect()
}

fn open_to_others(path: &Path) -> Option<String> {
    // What is not there yet is made for its owner alone.
    let about = std::fs::metadata(path).ok()?;
    let mode = about.permissions().mode() & 0o777;
    let (wanted, path) = (if about.is_dir() { "700" } else { "600" }, path.display());
    (mode & 0o077 != 0)
        .then(|| format!("others may read {path} (mode {mode:o}); give it the mode {wanted}"))
}

/// Whether a URL leads to another machine without encryption.
fn is_plain_elsewhere(url: &str) -> bool {
    let Some(rest) = url.to_ascii_lowercase().strip_prefix("http://").map(str::to_owned) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !is_this_machine(host_of(authority))
}

/// The host of an authority, without user and port.
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
    fn http_is_plain_unless_it_stays_on_this_machine() {
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
