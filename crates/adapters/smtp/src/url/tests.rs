use secrecy::ExposeSecret;

use super::*;

fn parsed(text: &str) -> SmtpUrl {
    text.parse().unwrap()
}

#[test]
fn the_scheme_and_tls_decide_on_protection_and_port() {
    for (text, protection, port) in [
        ("smtp://mail.example", Protection::None, 25),
        ("smtp://mail.example?tls=none", Protection::None, 25),
        ("smtp://mail.example/?tls=opportunistic", Protection::Opportunistic, 587),
        ("smtp://mail.example?tls=required", Protection::Required, 587),
        ("SMTPS://mail.example", Protection::Implicit, 465),
        ("smtp://mail.example:2525?tls=required", Protection::Required, 2525),
        ("smtps://mail.example:2465/", Protection::Implicit, 2465),
    ] {
        let url = parsed(text);
        assert_eq!((url.protection, url.port), (protection, port), "{text}");
        assert_eq!(url.host.to_str(), "mail.example");
        assert_eq!(url.may_use_tls(), protection != Protection::None);
        assert!(url.credentials.is_none() && url.client_name.is_none());
    }
}

#[test]
fn a_host_is_a_name_or_an_address() {
    for (host, name) in [
        ("192.0.2.1", "192.0.2.1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("mail_server", "mail_server"),
        ("localhost", "localhost"),
    ] {
        assert_eq!(parsed(&format!("smtps://{host}")).host.to_str(), name);
    }
    for text in ["smtp://", "smtp:mail.example", "smtp:///name", "smtp://a%20b", "smtp://%0d%0a"] {
        assert!(text.parse::<SmtpUrl>().is_err(), "{text}");
    }
}

#[test]
fn user_and_password_are_decoded() {
    let url = parsed("smtps://desk%40example.com:p%40%C3%A9%2F%25:@mail.example");
    let Credentials { user, password } = url.credentials.unwrap();
    let login = (user.expose_secret(), password.expose_secret());
    assert_eq!(login, ("desk@example.com", "p@\u{e9}/%:"));
    for login in ["user", "user:", ":password", "u:p%00", "u%00:p", "u:%FF"] {
        let refusal = format!("smtps://{login}@mail.example").parse::<SmtpUrl>().unwrap_err();
        assert_eq!(refusal, SmtpUrlError::Credentials, "{login}");
    }
}

#[test]
fn a_password_is_not_sent_unencrypted_unless_allowed() {
    let refusal = "smtp://u:p@mail.example".parse::<SmtpUrl>().unwrap_err();
    assert_eq!(refusal, SmtpUrlError::PasswordInTheClear);
    for parameter in ["none", "opportunistic", "required"] {
        let url = parsed(&format!("smtp://u:p@mail.example?tls={parameter}"));
        assert!(url.credentials.is_some());
    }
}

#[test]
fn a_path_is_the_host_name_for_ehlo() {
    let url = parsed("smtp://mail.example/desk-1.example?tls=required");
    assert_eq!(url.client_name.as_deref(), Some("desk-1.example"));
    for path in ["a/b", "a%0d%0aMAIL", "a b", "a..b", "_", "name@host"] {
        let refusal = format!("smtp://mail.example/{path}").parse::<SmtpUrl>().unwrap_err();
        assert_eq!(refusal, SmtpUrlError::ClientName, "{path}");
    }
}

#[test]
fn an_unknown_parameter_is_refused() {
    for rest in ["?tls=yes", "?TLS=required", "?tls=none&tls=required", "?a=b", "?tls"] {
        let refusal = format!("smtp://mail.example{rest}").parse::<SmtpUrl>().unwrap_err();
        assert_eq!(refusal, SmtpUrlError::Parameters, "{rest}");
    }
    let refusal = "smtps://mail.example?tls=required".parse::<SmtpUrl>().unwrap_err();
    assert_eq!(refusal, SmtpUrlError::Parameters);
    let refusal = "https://mail.example".parse::<SmtpUrl>().unwrap_err();
    assert_eq!(refusal, SmtpUrlError::Scheme);
}

#[test]
fn no_error_repeats_a_password_even_if_it_was_not_encoded() {
    for password in ["s3cret/x", "s3cret?x", "s3cret#x", "12/s3cret", "12?s3cret", "12#s3cret"] {
        for rest in ["@mail.example:587?tls=required", "@[s3cret", "@mail.example:s3cret"] {
            let refusal = format!("smtp://user:{password}{rest}").parse::<SmtpUrl>().unwrap_err();
            assert!(!format!("{refusal} {refusal:?}").contains("s3cret"), "{refusal:?}");
        }
    }
}

#[test]
fn a_url_is_shown_without_its_secrets_and_parses_to_the_same() {
    for (text, shown) in [
        ("smtp://mail.example", "smtp://mail.example:25?tls=none"),
        ("smtps://[::1]/desk.example", "smtps://[::1]:465/desk.example"),
        ("smtp://192.0.2.1:26?tls=required", "smtp://192.0.2.1:26?tls=required"),
        ("smtp://h?tls=opportunistic", "smtp://h:587?tls=opportunistic"),
    ] {
        assert_eq!(parsed(text).to_string(), shown);
        assert_eq!(parsed(shown).to_string(), shown);
    }
    let url = parsed("smtps://user:s3cret@mail.example");
    assert_eq!(url.to_string(), "smtps://***:***@mail.example:465");
    assert!(!format!("{url:?} {url:#?}").contains("s3cret"), "{url:?}");
}
