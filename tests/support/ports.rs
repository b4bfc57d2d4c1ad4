//! Finds the port of a program that listens on any free one.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

/// Returns the IPv4 address on which a process listens.
pub(crate) fn listens_at(process: u32) -> Option<SocketAddr> {
    let files = fs::read_dir(format!("/proc/{process}/fd")).ok()?;
    let sockets: Vec<String> = files
        .filter_map(|file| fs::read_link(file.ok()?.path()).ok())
        .filter_map(|target| {
            let target = target.to_str()?.strip_prefix("socket:[")?;
            Some(target.strip_suffix(']')?.to_owned())
        })
        .collect();
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, local, _, state, _, _, _, _, _, socket, ..] = columns[..] else { return None };
        let is_listening = state == "0A";
        (is_listening && sockets.iter().any(|own| own == socket)).then(|| address(local))
    })
}

/// Parses an address as Linux writes it, with its bytes in the machine's order.
fn address(text: &str) -> SocketAddr {
    let (host, port) = text.split_once(':').expect("an address and a port");
    let host = u32::from_str_radix(host, 16).expect("hexadecimal").to_ne_bytes();
    let port = u16::from_str_radix(port, 16).expect("hexadecimal");
    (Ipv4Addr::from(host), port).into()
}
