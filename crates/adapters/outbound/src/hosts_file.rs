//! The hosts file, such as `/etc/hosts`.

use std::collections::HashMap;
use std::net::IpAddr;

/// Addresses by name, as in the hosts file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct HostsFile(HashMap<String, Vec<IpAddr>>);

impl HostsFile {
    /// Parses a hosts file. Lines that cannot be parsed are skipped, as by the C library.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut hosts = Self::default();
        for line in String::from_utf8_lossy(text).lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let Some(Ok(address)) = words.next().map(str::parse::<IpAddr>) else { continue };
            for name in words {
                let known = hosts.0.entry(key(name)).or_default();
                if !known.contains(&address) {
                    known.push(address);
                }
            }
        }
        hosts
    }

    /// Returns the addresses of a name in the order of the file, or nothing if it has none.
    pub(crate) fn find(&self, name: &str) -> Option<&[IpAddr]> {
        self.0.get(&key(name)).map(Vec::as_slice)
    }
}

/// Returns the form in which names are compared.
fn key(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_addresses_of_all_its_lines() {
        let hosts = HostsFile::parse(
            b"# comment\n127.0.0.1\tlocalhost  loop # this machine\n::1 localhost\n\n\
              10.0.0.7 db.example DB\n10.0.0.7 db.example\nfe80::1%eth0 x\nnonsense\n10.0.0.8\n",
        );
        let found = |name| hosts.find(name).map(|all| all.iter().map(IpAddr::to_string).collect());
        let of = |addresses: &[&str]| Some(addresses.iter().copied().map(str::to_owned).collect());
        assert_eq!(found("localhost"), of(&["127.0.0.1", "::1"]));
        assert_eq!(found("loop"), of(&["127.0.0.1"]));
        assert_eq!(found("db"), of(&["10.0.0.7"]));
        assert_eq!(found("Db.Example."), of(&["10.0.0.7"]));
        for unknown in ["this", "x", "example", ""] {
            assert_eq!(found(unknown), None::<Vec<String>>, "{unknown}");
        }
    }
}
