//! The variables by which Kubernetes tells every container of a namespace the addresses of services.
//!
//! Those of a service called `engage` or `engage-…` begin like settings.

use std::net::{IpAddr, SocketAddr};

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// Returns true if a variable is one of a service, by its name (without `ENGAGE_`) and by its value: a
/// misspelt setting has another value.
pub(super) fn is_service_link(name: &str, value: &str) -> bool {
    let name = format!("_{name}");
    let is_port = || value.parse::<u16>().is_ok();
    if name.ends_with("_SERVICE_HOST") {
        return value.parse::<IpAddr>().is_ok();
    }
    // Those of named ports end in the name.
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

/// Returns true if a name ends like `_PORT_3000_TCP`, followed by `end`.
fn is_of_port(name: &str, end: &str) -> bool {
    let Some(name) = name.strip_suffix(end) else { return false };
    let Some((_, port)) = name.rsplit_once("_PORT_") else { return false };
    let Some((number, protocol)) = port.split_once('_') else { return false };
    number.parse::<u16>().is_ok() && PROTOCOLS.contains(&protocol)
}

/// Returns true if a value is like `tcp://10.0.0.1:3000`.
fn is_address(value: &str) -> bool {
    let Some((protocol, address)) = value.split_once("://") else { return false };
    PROTOCOLS.contains(&&*protocol.to_uppercase()) && address.parse::<SocketAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_writes_is_none_of_our_settings() {
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
    fn a_misspelt_setting_is_not_taken_for_one() {
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
