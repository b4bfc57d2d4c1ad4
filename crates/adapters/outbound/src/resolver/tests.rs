use std::fs;
use std::time::Instant;

use engage_testkit::dns::DnsServer;
use tempfile::TempDir;

use super::*;

const ZONE: &str = "
    desk.example A 192.0.2.1
    desk.example A 192.0.2.2
    desk.example AAAA 2001:db8::1
    desk.example MX 20 backup.desk.example
    desk.example MX 10 mail.desk.example
    desk.example TXT v=spf1 -all
    desk.example TXT another text
    www.desk.example CNAME desk.example
    my_db.desk.example A 192.0.2.3
    broken.example SERVFAIL
    refusing.example REFUSED
    silent.example SILENT
    half.example A 192.0.2.4
    half.example AAAA SILENT
    a.search.example A 192.0.2.5
    a.b.search.example A 192.0.2.6
    a.b A 192.0.2.7
";

fn resolver(server: &DnsServer) -> DnsResolver {
    DnsResolver::with_servers(&[server.address()])
}

fn shown(mut addresses: Vec<IpAddr>) -> Vec<String> {
    addresses.sort();
    addresses.iter().map(IpAddr::to_string).collect()
}

async fn found(resolver: &DnsResolver, host: &str) -> Vec<String> {
    shown(resolver.addresses(host).await.unwrap())
}

/// A machine with its own hosts file and `resolv.conf`.
struct Machine {
    folder: TempDir,
    resolver: DnsResolver,
}

impl Machine {
    fn new(server: &DnsServer, hosts: &str, resolv_conf: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (hosts_file, conf_file) =
            (folder.path().join("hosts"), folder.path().join("resolv.conf"));
        let resolver = DnsResolver::of_files(hosts_file, conf_file, server.address().port());
        let machine = Self { folder, resolver };
        machine.write("hosts", hosts);
        machine.write("resolv.conf", resolv_conf);
        machine
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }
}

#[tokio::test]
async fn a_host_has_the_addresses_of_both_families() {
    let server = DnsServer::start(ZONE);
    let resolver = resolver(&server);
    let all = ["192.0.2.1", "192.0.2.2", "2001:db8::1"];
    for host in ["desk.example", "desk.example.", "DESK.example", "www.desk.example"] {
        assert_eq!(found(&resolver, host).await, all, "{host}");
    }
    assert_eq!(found(&resolver, "my_db.desk.example").await, ["192.0.2.3"]);
}

#[tokio::test]
async fn addresses_and_localhost_need_no_dns() {
    let nobody = DnsResolver::with_servers(&[]);
    for address in ["192.0.2.1", "::1", "[2001:db8::1]"] {
        let bare = address.trim_matches(['[', ']']);
        assert_eq!(found(&nobody, address).await, [bare]);
    }
    for name in ["localhost", "LocalHost.", "desk.localhost"] {
        let addresses = nobody.addresses(name).await.unwrap();
        assert!(addresses.iter().all(IpAddr::is_loopback) && !addresses.is_empty(), "{name}");
    }
    assert!(nobody.addresses("localhost.example").await.is_err());
}

#[tokio::test]
async fn a_failure_says_what_happened_and_whether_to_try_again() {
    let server = DnsServer::start(ZONE);
    let resolver = resolver(&server);
    for (host, told, is_temporary) in [
        ("nobody.example", "nobody.example does not exist in DNS (NXDOMAIN)", false),
        ("search.example", "search.example exists in DNS, but has no A or AAAA records", false),
        ("broken.example", "failed to resolve broken.example (SERVFAIL); try again later", true),
        ("refusing.example", "failed to resolve refusing.example (REFUSED)", true),
        ("not a name..", "is not a host name", false),
        ("", "is not a host name", false),
    ] {
        let error = resolver.addresses(host).await.unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(error.is_temporary(), is_temporary, "{error}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_respond_is_reported_as_that() {
    let server = DnsServer::start(ZONE);
    let conf = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";
    let machine = Machine::new(&server, "", conf);
    let error = machine.resolver.addresses("silent.example").await.unwrap_err();
    assert!(matches!(error, ResolveError::TimedOut { .. }), "{error:?}");
    assert!(error.is_temporary());
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn a_family_without_a_response_does_not_delay_the_other() {
    let server = DnsServer::start(ZONE);
    let since = Instant::now();
    assert_eq!(found(&resolver(&server), "half.example").await, ["192.0.2.4"]);
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
}

#[tokio::test]
async fn the_hosts_file_wins_and_takes_effect_at_once() {
    let server = DnsServer::start(ZONE);
    let hosts = "10.0.0.7 desk.example db\n";
    let machine = Machine::new(&server, hosts, "nameserver 127.0.0.1\n");
    assert_eq!(found(&machine.resolver, "Desk.example").await, ["10.0.0.7"]);
    assert_eq!(found(&machine.resolver, "db").await, ["10.0.0.7"]);
    assert_eq!(server.questions(), [""; 0]);
    machine.write("hosts", "");
    assert_eq!(found(&machine.resolver, "desk.example").await.len(), 3);
}

#[tokio::test]
async fn names_with_few_dots_are_first_searched_in_the_domains() {
    let server = DnsServer::start(ZONE);
    let conf = "nameserver 127.0.0.1\nsearch nowhere.example search.example\noptions ndots:2\n";
    let machine = Machine::new(&server, "", conf);
    assert_eq!(found(&machine.resolver, "a").await, ["192.0.2.5"]);
    assert_eq!(found(&machine.resolver, "a.b").await, ["192.0.2.6"]);
    assert_eq!(found(&machine.resolver, "a.b.").await, ["192.0.2.7"]);
    // As it is, after the domains and before them.
    assert_eq!(found(&machine.resolver, "desk.example").await.len(), 3);
    machine.write("resolv.conf", &conf.replace("ndots:2", "ndots:1"));
    assert_eq!(found(&machine.resolver, "a.b").await, ["192.0.2.7"]);
}

#[tokio::test]
async fn a_temporary_failure_of_one_domain_outweighs_the_absence_in_others() {
    let server = DnsServer::start("x.broken.example SERVFAIL");
    let conf = "nameserver 127.0.0.1\nsearch broken.example nowhere.example\n";
    let error = Machine::new(&server, "", conf).resolver.addresses("x").await.unwrap_err();
    assert!(matches!(error, ResolveError::Failed { .. }), "{error:?}");
}

#[tokio::test]
async fn without_resolv_conf_other_names_fail_with_the_reason() {
    let server = DnsServer::start(ZONE);
    let machine = Machine::new(&server, "10.0.0.7 db\n", "search desk.example\n");
    let told = async || machine.resolver.addresses("desk.example").await.unwrap_err().to_string();
    assert!(told().await.contains("no DNS server is known"), "{}", told().await);
    fs::remove_file(machine.folder.path().join("resolv.conf")).unwrap();
    assert!(told().await.contains("resolv.conf: No such file"), "{}", told().await);
    assert_eq!(found(&machine.resolver, "db").await, ["10.0.0.7"]);
    assert!(machine.resolver.addresses("localhost").await.is_ok());
    // A network that comes up later.
    machine.write("resolv.conf", "nameserver 127.0.0.1\n");
    assert_eq!(found(&machine.resolver, "desk.example").await.len(), 3);
}

#[tokio::test]
async fn further_servers_are_asked_only_if_the_first_one_fails() {
    let server = DnsServer::start(ZONE);
    let broken = DnsServer::start("desk.example SERVFAIL");
    let both = DnsResolver::with_servers(&[broken.address(), server.address()]);
    assert_eq!(found(&both, "desk.example").await.len(), 3);
    let asked = broken.questions().len();
    assert!(asked > 0);
    // That a name does not exist is a response.
    assert!(both.addresses("my_db.desk.example").await.is_err());
    assert!(broken.questions().len() > asked);
    assert!(server.questions().iter().all(|question| !question.starts_with("my_db")));
}

#[tokio::test]
async fn responses_are_cached_until_resolv_conf_changes() {
    let server = DnsServer::start("desk.example A 192.0.2.1");
    server.set_lifetime(3_600);
    let machine = Machine::new(&server, "", "nameserver 127.0.0.1\n");
    assert_eq!(found(&machine.resolver, "desk.example").await, ["192.0.2.1"]);
    server.set_zone("desk.example A 192.0.2.2");
    assert_eq!(found(&machine.resolver, "desk.example").await, ["192.0.2.1"]);
    machine.write("resolv.conf", "# another network\nnameserver 127.0.0.1\n");
    assert_eq!(found(&machine.resolver, "desk.example").await, ["192.0.2.2"]);
}

#[tokio::test]
async fn records_about_mail_are_looked_up_as_they_are() {
    let long = "k=rsa; p=".to_owned() + &"A".repeat(600);
    let server = DnsServer::start(&format!("{ZONE}\n key.desk.example TXT {long}"));
    let resolver = resolver(&server);
    let exchangers = resolver.mail_exchangers("desk.example").await.unwrap();
    let hosts: Vec<_> = exchangers.iter().map(|mx| (mx.preference, mx.host.as_str())).collect();
    assert_eq!(hosts, [(10, "mail.desk.example"), (20, "backup.desk.example")]);
    let texts = resolver.texts("desk.example").await.unwrap();
    assert_eq!(texts, ["v=spf1 -all", "another text"]);
    // Longer than a packet over UDP, so it is asked for again over TCP.
    assert_eq!(resolver.texts("key.desk.example").await.unwrap(), [long]);
    let absent = resolver.mail_exchangers("my_db.desk.example").await.unwrap_err();
    assert!(absent.to_string().contains("has no MX records"), "{absent}");
}

#[tokio::test]
async fn connecting_tries_all_addresses() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = DnsServer::start("desk.example A 127.0.0.1\ndesk.example AAAA ::1");
    let stream = resolver(&server).connect("desk.example", port).await.unwrap();
    assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
    let error = resolver(&server).connect("nobody.example", port).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}
