//! Tests of the claims that a token must have, and of the member that it identifies.

use std::time::Duration;

use engage_domain::{Role, Timestamp};
use engage_identity::{Bearer, Credential, Identity, MemberName};
use engage_jwt::{DnsResolver, JwtSettings, JwtVerifier, KeySource};
use engage_testkit::identity_provider::Signer;
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, NOW, claims, claims_with, key_file, settings, verify};

/// A verifier with certain settings, and a signer whose tokens it accepts.
struct Desk {
    signer: Signer,
    verifier: JwtVerifier,
}

impl Desk {
    fn new() -> Self {
        Self::with(|settings| settings)
    }

    fn with(change: impl FnOnce(JwtSettings) -> JwtSettings) -> Self {
        let signer = Signer::ed();
        let file = key_file(&[signer.jwk("k")]);
        let settings = change(settings(KeySource::File(file.path().to_owned())));
        Self { signer, verifier: JwtVerifier::new(settings, &DnsResolver::system()).unwrap() }
    }

    async fn bearer(&self, claims: &Value) -> Option<Bearer> {
        verify(&self.verifier, &self.signer.token("k", claims)).await
    }

    async fn takes(&self, claims: &Value) -> bool {
        self.bearer(claims).await.is_some()
    }

    async fn identity(&self, claims: &Value) -> Option<(MemberName, Option<Role>)> {
        match self.bearer(claims).await?.identity {
            Identity::Named { name, role } => Some((name, role)),
            Identity::Member { member, .. } => panic!("{member:?}"),
        }
    }
}

fn jane() -> MemberName {
    MemberName::Id("jane".parse().unwrap())
}

#[tokio::test]
async fn an_ordinary_token_identifies_the_member_it_names_until_it_expires() {
    let bearer = Desk::new().bearer(&claims()).await.unwrap();
    let expires_at = Timestamp::from_millis((NOW + 600) * 1000);
    let identity = Identity::Named { name: jane(), role: None };
    assert_eq!(bearer, Bearer { identity, credential: Credential::Jwt { expires_at } });
}

#[tokio::test]
async fn only_tokens_of_the_issuer_are_accepted() {
    let desk = Desk::new();
    for issuer in [
        Value::Null,
        json!("https://login.example"),
        json!("https://LOGIN.example/"),
        json!("https://evil.example/"),
        json!(""),
        json!(5),
        json!([ISSUER]),
    ] {
        assert!(!desk.takes(&claims_with("iss", issuer.clone())).await, "{issuer}");
    }
}

#[tokio::test]
async fn only_tokens_for_one_of_our_audiences_are_accepted() {
    let desk = Desk::new();
    for audience in [json!(AUDIENCE), json!("other"), json!(["x", AUDIENCE]), json!([1, "other"])] {
        assert!(desk.takes(&claims_with("aud", audience.clone())).await, "{audience}");
    }
    for audience in [
        Value::Null,
        json!("Engage"),
        json!("engage "),
        json!("x"),
        json!([]),
        json!(["x"]),
        json!([[AUDIENCE]]),
        json!({"engage": 1}),
        json!(7),
    ] {
        assert!(!desk.takes(&claims_with("aud", audience.clone())).await, "{audience}");
    }
}

#[tokio::test]
async fn a_token_needs_an_expiry_and_is_accepted_until_half_a_minute_after_it() {
    let desk = Desk::new();
    for expiry in [json!(NOW + 1), json!(NOW), json!(NOW - 29), json!(1_737_971_970.5)] {
        assert!(desk.takes(&claims_with("exp", expiry.clone())).await, "{expiry}");
    }
    for expiry in [
        Value::Null,
        json!(NOW - 30),
        json!(NOW - 3600),
        json!(0),
        json!(-1),
        json!("2099-01-01T00:00:00Z"),
        json!((NOW + 600).to_string()),
        json!(true),
    ] {
        assert!(!desk.takes(&claims_with("exp", expiry.clone())).await, "{expiry}");
    }
    // The largest number is still a valid expiry.
    assert!(desk.takes(&claims_with("exp", json!(1e300))).await);
}

#[tokio::test]
async fn a_token_is_accepted_from_half_a_minute_before_its_time() {
    let desk = Desk::new();
    for begin in [Value::Null, json!(0), json!(NOW), json!(NOW + 30)] {
        assert!(desk.takes(&claims_with("nbf", begin.clone())).await, "{begin}");
    }
    for begin in [json!(NOW + 31), json!(NOW + 3600), json!("soon"), json!(-1), json!([NOW])] {
        assert!(!desk.takes(&claims_with("nbf", begin.clone())).await, "{begin}");
    }
}

#[tokio::test]
async fn a_name_with_an_at_sign_is_an_address_and_any_other_an_id() {
    let desk = Desk::with(|s| JwtSettings { trusts_addresses: true, ..s });
    let email = MemberName::Email("Jane@Desk.example".parse().unwrap());
    for (name, expected) in [
        (json!("jane"), Some(jane())),
        (json!("Jane@Desk.example"), Some(email)),
        (json!("auth0|123"), None),
        (json!("Jane"), None),
        (json!("jane@"), None),
        (json!(""), None),
        (json!(5), None),
        (json!(["jane"]), None),
        (Value::Null, None),
    ] {
        let found = desk.identity(&claims_with("sub", name.clone())).await;
        assert_eq!(found.map(|(name, _)| name), expected, "{name}");
    }
}

#[tokio::test]
async fn the_member_is_named_by_the_configured_claim() {
    let desk = Desk::with(|s| JwtSettings { staff_claim: "email".to_owned(), ..s });
    let (name, _) = desk.identity(&claims()).await.unwrap();
    assert_eq!(name, MemberName::Email("jane@desk.example".parse().unwrap()));
    assert!(!desk.takes(&claims_with("email", Value::Null)).await);
}

#[tokio::test]
async fn an_unverified_address_names_no_member() {
    let desk = Desk::with(|s| JwtSettings { staff_claim: "email".to_owned(), ..s });
    for verified in [json!(true), json!("true")] {
        assert!(desk.takes(&claims_with("email_verified", verified.clone())).await, "{verified}");
    }
    for verified in [Value::Null, json!(false), json!("false"), json!("no"), json!(1), json!({})] {
        assert!(!desk.takes(&claims_with("email_verified", verified.clone())).await, "{verified}");
    }
    // The verification of the address is irrelevant if the address names no member.
    assert!(Desk::new().takes(&claims_with("email_verified", json!(false))).await);
}

#[tokio::test]
async fn an_address_in_a_claim_other_than_email_names_no_member() {
    let desk = Desk::with(|s| JwtSettings { staff_claim: "preferred_username".to_owned(), ..s });
    assert!(!desk.takes(&claims_with("preferred_username", json!("boss@desk.example"))).await);
    assert!(desk.takes(&claims_with("preferred_username", json!("jane@desk.example"))).await);
}

#[tokio::test]
async fn addresses_of_a_trusted_provider_need_no_verification_claim() {
    let desk = Desk::with(|s| JwtSettings {
        staff_claim: "email".to_owned(),
        trusts_addresses: true,
        ..s
    });
    assert!(desk.takes(&claims_with("email_verified", Value::Null)).await);
    assert!(!desk.takes(&claims_with("email_verified", json!(false))).await);
}

#[tokio::test]
async fn the_role_is_the_highest_in_the_claim() {
    let desk = Desk::with(|s| JwtSettings { role_claim: Some("role".to_owned()), ..s });
    for (claim, expected) in [
        (json!("AGENT"), Role::Agent),
        (json!("supervisor"), Role::Supervisor),
        (json!(["offline_access", "Agent", "ADMIN", "SUPERVISOR"]), Role::Admin),
        (json!([1, null, "AGENT"]), Role::Agent),
    ] {
        let (_, role) = desk.identity(&claims_with("role", claim.clone())).await.unwrap();
        assert_eq!(role, Some(expected), "{claim}");
    }
}

#[tokio::test]
async fn a_token_without_a_known_role_is_refused_if_a_role_claim_is_configured() {
    let desk = Desk::with(|s| JwtSettings { role_claim: Some("role".to_owned()), ..s });
    for claim in [
        Value::Null,
        json!(""),
        json!("BOSS"),
        json!("ADMIN AGENT"),
        json!([]),
        json!(["boss"]),
        json!([["ADMIN"]]),
        json!({"ADMIN": true}),
        json!(true),
    ] {
        assert!(!desk.takes(&claims_with("role", claim.clone())).await, "{claim}");
    }
}

#[tokio::test]
async fn a_claim_is_found_by_name_or_else_by_path() {
    let mut claims = claims();
    claims["realm_access"] = json!({"roles": ["uma", "admin"], "level": {"role": "AGENT"}});
    claims["https://desk.example/role"] = json!("SUPERVISOR");
    for (claim, expected) in [
        ("realm_access.roles", Some(Role::Admin)),
        ("realm_access.level.role", Some(Role::Agent)),
        ("https://desk.example/role", Some(Role::Supervisor)),
        ("realm_access", None),
        ("realm_access.", None),
        ("realm_access.nothing", None),
        ("role.role", None),
    ] {
        let desk = Desk::with(|s| JwtSettings { role_claim: Some(claim.to_owned()), ..s });
        let found = desk.identity(&claims).await;
        assert_eq!(found.and_then(|(_, role)| role), expected, "{claim}");
    }
}

#[tokio::test]
async fn the_lifetime_is_limited_from_the_issue_and_from_now() {
    let longest_life = Some(Duration::from_hours(1));
    let desk = Desk::with(|s| JwtSettings { longest_life, ..s });
    let token = |iat: Value, exp: Value| {
        let mut claims = claims_with("iat", iat);
        claims["exp"] = exp;
        claims
    };
    for (iat, exp) in [
        (json!(NOW), json!(NOW + 3600)),
        (json!(NOW - 3000), json!(NOW + 600)),
        (Value::Null, json!(NOW + 3630)),
        (json!(NOW + 20), json!(NOW + 3620)),
    ] {
        assert!(desk.takes(&token(iat.clone(), exp.clone())).await, "{iat} {exp}");
    }
    for (iat, exp) in [
        (json!(NOW), json!(NOW + 3631)),
        (json!(NOW - 86_400), json!(NOW + 60)),
        (Value::Null, json!(NOW + 3631)),
        // Issued in the future to make the lifetime seem short.
        (json!(NOW + 1_000_000), json!(NOW + 1_003_600)),
        (json!("yesterday"), json!(NOW + 60)),
        (json!(NOW), json!(253_402_300_799_i64)),
        (Value::Null, json!(1e300)),
    ] {
        assert!(!desk.takes(&token(iat.clone(), exp.clone())).await, "{iat} {exp}");
    }
}

#[tokio::test]
async fn logout_tokens_and_key_bound_tokens_grant_no_access() {
    let desk = Desk::new();
    let logout = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    for (name, value) in [
        ("events", logout),
        ("events", json!([])),
        ("cnf", json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})),
        ("cnf", json!({"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"})),
        ("cnf", json!("")),
    ] {
        assert!(!desk.takes(&claims_with(name, value.clone())).await, "{name} {value}");
    }
}

#[tokio::test]
async fn only_access_tokens_are_accepted_by_type() {
    let takes = async |desk: &Desk, typ: &Value| {
        let mut header = json!({"alg": "EdDSA", "kid": "k", "typ": typ});
        if typ.is_null() {
            header.as_object_mut().unwrap().remove("typ");
        }
        verify(&desk.verifier, &desk.signer.token_with(&header, &claims())).await.is_some()
    };
    let desk = Desk::new();
    for typ in
        [Value::Null, json!("JWT"), json!("jwt"), json!("at+jwt"), json!("application/AT+JWT")]
    {
        assert!(takes(&desk, &typ).await, "{typ}");
    }
    for typ in [
        json!("logout+jwt"),
        json!("dpop+jwt"),
        json!("id_token"),
        json!("secevent+jwt"),
        json!("application/"),
        json!(""),
        json!("JWT "),
        json!("jose"),
    ] {
        assert!(!takes(&desk, &typ).await, "{typ}");
    }
    let strict = Desk::with(|s| JwtSettings { token_type: Some("at+jwt".to_owned()), ..s });
    assert!(takes(&strict, &json!("application/at+jwt")).await);
    for typ in [Value::Null, json!("JWT"), json!("logout+jwt")] {
        assert!(!takes(&strict, &typ).await, "{typ}");
    }
}
