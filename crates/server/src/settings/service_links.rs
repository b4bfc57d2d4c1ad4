//! Environment variables with which Kubernetes announces service addresses to every container of a
//! namespace.
//!
//! Those of a service named `engage` or `engage-…` start like settings.

use std::net::{IpAddr, SocketAddr};

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Checks whether a variable belongs to a service, by its name (without `ENGAGE_`) and its value.
/// The value distinguishes it from a misspelt setting.
pub(super) fn is_service_link(name: &str, value: &str) -> bool {
    let name = format!("_{name}");
    let is_port = || value.parse::<u16>().is_ok();
    if name.ends_with("_SERVICE_HOST") {
        return value.parse::<IpAddr>().is_ok();
    }
    // Variables of named ports end with the name.
    if name.ends_with("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
        return is_port();
    }
    if name.ends_with("_PORT") && !is_of_port(&name, "_PORT") {
        return is_address(value);
    }
    (is_of_port(&name, "") && is_address(value))
        || (is_of_port(&name, "_PROTO") && PROTOCOLS.contains(&&*value.to_uppercase()))
        || (is_of_port(&name, "_PORT") && is_port())
        || (is_of_port(&name, "_ADDR") && value.parse::<IpAddr>().is_ok())
}

/// Checks whether a name ends like `_PORT_3000_TCP`, followed by `end`.
fn is_of_port(name: &str, end: &str) -> bool {
    let Some(name) = name.strip_suffix(end) else { return false };
    let Some((_, port)) = name.rsplit_once("_PORT_") else { return false };
    let Some((number, protocol)) = port.split_once('_') else { return false };
    number.parse::<u16>().is_ok() && PROTOCOLS.contains(&protocol)
}

/// Checks whether a value looks like `tcp://10.0.0.1:3000`.
fn is_address(value: &str) -> bool {
    let Some((protocol, address)) = value.split_once("://") else { return false };
    PROTOCOLS.contains(&&*protocol.to_uppercase()) && address.parse::<SocketAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_set_by_kubernetes_are_recognized() {
        for (name, value) in [
            ("SERVICE_HOST", "10.0.0.11"),
            ("SERVICE_PORT", "3000"),
            ("SERVICE_PORT_HTTP", "3000"),
            ("PORT", "tcp://10.0.0.11:3000"),
            ("PORT_3000_TCP", "tcp://10.0.0.11:3000"),
            ("PORT_3000_TCP_PROTO", "tcp"),
            ("PORT_3000_TCP_PORT", "3000"),
            ("PORT_3000_TCP_ADDR", "10.0.0.11"),
            ("POSTGRES_SERVICE_HOST", "fd00::11"),
            ("POSTGRES_PORT", "tcp://[fd00::11]:5432"),
            ("POSTGRES_PORT_5432_UDP_ADDR", "fd00::11"),
        ] {
            assert!(is_service_link(name, value), "{name}={value}");
        }
    }

    #[test]
    fn a_misspelt_setting_is_not_mistaken_for_a_service_link() {
        for (name, value) in [
            ("PORT", "3000"),
            ("SERVER_PORT", "3000"),
            ("SERVER_PORT", "http://10.0.0.11:3000"),
            ("SERVICE_HOST", "engage.example"),
            ("SERVICE_PORT", "any"),
            ("PORT_X_TCP", "tcp://10.0.0.11:3000"),
            ("SERVER_BIND", "10.0.0.11:3000"),
            ("SERVER_HOST", "10.0.0.11"),
        ] {
            assert!(!is_service_link(name, value), "{name}={value}");
        }
    }
}
