//! The rule that names of hosts are resolved by `DnsResolver` alone. The C library would load
//! modules to resolve them, which the statically linked program must not do.

use std::path::Path;

use crate::workspace::WORKSPACE;

/// Texts that only code has which may resolve a name, or which creates a client that does.
const RESOLVING: [&str; 8] = [
    "lookup_host",
    "to_socket_addrs",
    "ToSocketAddrs",
    "getaddrinfo",
    "TcpStream::connect",
    "Client::new(",
    "Client::builder(",
    "ClientBuilder::new(",
];

/// Files that may have one of these texts, each with the reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    ("crates/adapters/outbound/src/http.rs", "Client::builder(", "it sets the resolver"),
    ("crates/adapters/outbound/src/resolver.rs", "TcpStream::connect", "it has the address"),
    ("crates/adapters/smtp/src/client/connector.rs", "TcpStream::connect", "it has the address"),
];

/// Crates that are no part of the program.
const NOT_IN_PROGRAM: [&str; 3] = ["crates/bench/", "crates/structure/", "crates/testkit/"];

/// Returns the code of a file without its tests and its documentation.
fn code(text: &str) -> String {
    let without_tests = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    without_tests.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

/// Returns the files of the program that may resolve a name, each with the text that shows it.
fn resolving() -> Vec<(&'static str, &'static str)> {
    let tree = &WORKSPACE.tree;
    let is_of_program = |file: &&str| {
        Path::new(file).extension().is_some_and(|extension| extension == "rs")
            && file.contains("/src/")
            && !file.ends_with("/tests.rs")
            && !file.contains("/tests/")
            && NOT_IN_PROGRAM.iter().all(|folder| !file.starts_with(folder))
    };
    let files = tree.paths().filter(is_of_program);
    let found = files.flat_map(|file| {
        let code = code(tree.text(file).unwrap());
        RESOLVING.into_iter().filter(move |text| code.contains(text)).map(move |text| (file, text))
    });
    found.collect()
}

#[test]
fn names_are_resolved_by_the_resolver_alone() {
    let is_allowed = |file: &str, text: &str| ALLOWED.iter().any(|a| (a.0, a.1) == (file, text));
    let mut found = resolving();
    found.retain(|(file, text)| !is_allowed(file, text));
    assert!(found.is_empty(), "use DnsResolver of engage-outbound instead: {found:#?}");
}

#[test]
fn every_exception_for_an_address_is_still_needed() {
    let found = resolving();
    let stale: Vec<_> =
        ALLOWED.iter().filter(|(file, text, _)| !found.contains(&(*file, *text))).collect();
    assert!(stale.is_empty(), "{stale:?}");
}
