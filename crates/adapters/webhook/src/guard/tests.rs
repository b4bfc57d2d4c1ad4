use super::*;
use async_trait::async_trait;

/// A resolver that knows these hosts only.
struct Hosts(&'static [(&'static str, &'static [&'static str])]);

#[async_trait]
impl Resolver for Hosts {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let host = self.0.iter().find(|(host, _)| *host == name);
        let (_, addresses) = host.ok_or(io::ErrorKind::NotFound)?;
        Ok(addresses.iter().map(|address| address.parse().unwrap()).collect())
    }
}

/// A resolver that never responds.
struct Silence;

#[async_trait]
impl Resolver for Silence {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        std::future::pending().await
    }
}

const HOSTS: Hosts = Hosts(&[
    ("public.example.com", &["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]),
    ("inside.example.com", &["10.0.0.7", "fd00::7"]),
    ("both.example.com", &["10.0.0.7", "93.184.215.14"]),
    ("nowhere.example.com", &[]),
]);

fn guard(allow_private_networks: bool) -> Guard {
    Guard::new(allow_private_networks, HOSTS)
}

fn url(text: &str) -> WebhookUrl {
    text.parse().unwrap()
}

#[test]
fn public_hosts_are_allowed_over_https() {
    for text in [
        "https://example.com/hooks?a=b#c",
        "https://example.com:8443",
        "https://EXAMPLE.com.",
        "https://localhost.example.com",
        "https://internal.example.com",
        "https://93.184.215.14/hooks",
        "https://[2606:4700:4700::1111]:8443/",
    ] {
        assert_eq!(guard(false).check(&url(text)), Ok(()), "{text}");
    }
}

#[test]
fn urls_that_reach_into_the_network_are_blocked() {
    for text in [
        "https://localhost/",
        "https://LOCALHOST.:8080",
        "https://api.localhost",
        "https://printer.local",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://127.0.0.1",
        "https://127.0.0.1.:443/",
        "https://127.1",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.0x1/",
        "https://0177.0.0.01/",
        "https://%31%32%37.0.0.1/",
        "https://\u{ff11}\u{ff12}\u{ff17}.0.0.1/",
        "https://\u{ff4c}ocalhost/",
        "https://0/",
        "https://10.0.0.1",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[fe80::1]/",
        "https://127.0.0.1\\@example.com/",
    ] {
        assert_eq!(guard(false).check(&url(text)), Err(Blocked::NotPublic), "{text}");
    }
}

#[test]
fn a_blocked_url_has_a_reason() {
    for (text, blocked) in [
        ("http://example.com/hooks", Blocked::NotHttps),
        ("https://user@example.com", Blocked::Credentials),
        ("https://:secret@example.com", Blocked::Credentials),
        ("https://example.com@127.0.0.1/", Blocked::Credentials),
        ("https://1.2.3.4.5", Blocked::Malformed),
        ("https://300.1.1.1", Blocked::Malformed),
        ("https://[::1", Blocked::Malformed),
        ("https://example.com:99999", Blocked::Malformed),
        ("https://[fe80::1%25eth0]/", Blocked::Malformed),
    ] {
        assert_eq!(guard(false).check(&url(text)), Err(blocked), "{text}");
    }
}

#[test]
fn only_credentials_are_blocked_if_private_networks_are_allowed() {
    for text in ["http://localhost:8080", "http://127.0.0.1", "https://[::1]/hooks"] {
        assert_eq!(guard(true).check(&url(text)), Ok(()), "{text}");
    }
    let with_password = url("http://user:secret@localhost");
    assert_eq!(guard(true).check(&with_password), Err(Blocked::Credentials));
}

#[tokio::test]
async fn a_name_is_allowed_if_one_of_its_addresses_is_public() {
    let check = async |text: &str| guard(false).check_resolved(&url(text)).await;
    check("https://public.example.com").await.unwrap();
    check("https://both.example.com").await.unwrap();
    check("https://93.184.215.14").await.unwrap();
    let inside = check("https://inside.example.com").await.unwrap_err();
    assert!(matches!(inside, GuardError::Blocked(Blocked::NotPublic)), "{inside:?}");
    let address = check("https://10.0.0.7").await.unwrap_err();
    assert!(matches!(address, GuardError::Blocked(Blocked::NotPublic)), "{address:?}");
}

#[tokio::test]
async fn only_the_public_addresses_of_a_name_are_used() {
    let public: IpAddr = "93.184.215.14".parse().unwrap();
    assert_eq!(guard(false).resolve("both.example.com").await.unwrap(), [public]);
    assert_eq!(guard(true).resolve("both.example.com").await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_name_without_addresses_is_unresolved_and_not_blocked() {
    for host in ["nowhere.example.com", "unknown.example.com"] {
        let outcome = guard(false).check_resolved(&url(&format!("https://{host}"))).await;
        assert!(matches!(outcome, Err(GuardError::Unresolved(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn no_name_is_resolved_if_private_networks_are_allowed() {
    guard(true).check_resolved(&url("http://unknown.example.com")).await.unwrap();
}

#[tokio::test]
async fn behind_a_proxy_addresses_are_checked_and_names_are_not() {
    let behind = guard(false).behind_proxy();
    behind.check_resolved(&url("https://unknown.example.com")).await.unwrap();
    behind.check_resolved(&url("https://inside.example.com")).await.unwrap();
    for inside in ["https://10.0.0.7", "https://localhost", "https://0x7f.1", "https://a.internal"]
    {
        let outcome = behind.check_resolved(&url(inside)).await;
        assert!(matches!(outcome, Err(GuardError::Blocked(Blocked::NotPublic))), "{inside}");
    }
    let plain = behind.check_resolved(&url("http://example.com")).await;
    assert!(matches!(plain, Err(GuardError::Blocked(Blocked::NotHttps))), "{plain:?}");
}

#[tokio::test(start_paused = true)]
async fn resolving_a_name_times_out() {
    let guard = Guard::new(false, Silence);
    let outcome = guard.check_resolved(&url("https://example.com")).await;
    assert!(matches!(outcome, Err(GuardError::Unresolved(_))), "{outcome:?}");
}
