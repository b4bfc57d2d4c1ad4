mod secret_files;

use std::time::Duration;

use engage_domain::CustomerType;
use engage_domain::EventType;
use engage_domain::notify::Recipient;
use engage_domain::sla::Calendar;

use super::*;

fn read(file: &str, environment: &[(&str, &str)]) -> anyhow::Result<Settings> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engage.toml");
    std::fs::write(&path, file).unwrap();
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let Examined { settings, problems, .. } = Examined::of(Some(&path), environment)?;
    refuse(&problems)?;
    Ok(settings)
}

fn refusal(file: &str, environment: &[(&str, &str)]) -> String {
    format!("{:#}", read(file, environment).unwrap_err())
}

#[test]
fn the_defaults_apply_without_a_file_and_match_those_of_the_domain() {
    let settings = read("", &[]).unwrap();
    assert_eq!(settings.server.bind.to_string(), "127.0.0.1:3000");
    assert_eq!(settings.database.url.to_string(), "sqlite://var/engage.db");
    assert_eq!(crate::wiring::policies(&settings).unwrap(), engage_domain::Policies::default());
    assert_eq!(settings.retention.idempotency, engage_application::Idempotency::DEFAULT_RETENTION);
    assert_eq!(crate::wiring::matrix(&settings), engage_domain::NotificationMatrix::default());
}

#[test]
fn a_file_overrides_the_defaults_and_the_environment_overrides_the_file() {
    let file = "[case_number]\nprefix = \"AB\"\n[email]\nteam_inbox = \"a@example.com\"";
    let settings = read(file, &[("ENGAGE_CASE_NUMBER__PREFIX", "XY")]).unwrap();
    assert_eq!(settings.case_number.prefix.to_string(), "XY");
    assert_eq!(settings.email.team_inbox.as_str(), "a@example.com");
    assert_eq!(settings.email.management.as_str(), "management@localhost");
}

#[test]
fn database_url_is_accepted_and_overridden_by_engages_own_variable() {
    let common = ("DATABASE_URL", "sqlite:///srv/common.db");
    let settings = read("[database]\nurl = \"sqlite://file.db\"", &[common]).unwrap();
    assert_eq!(settings.database.url.to_string(), "sqlite:///srv/common.db");
    let own = ("ENGAGE_DATABASE__URL", "sqlite://own.db");
    let settings = read("", &[common, own]).unwrap();
    assert_eq!(settings.database.url.to_string(), "sqlite://own.db");
}

#[test]
fn a_postgresql_url_is_accepted_and_shown_without_its_password() {
    for (url, shown) in [
        ("postgres://engage:se@cret@db.example:5432/engage", "postgres://db.example:5432/engage"),
        ("postgresql://db.example/engage?password=secret", "postgresql://db.example/engage"),
    ] {
        let settings = read("", &[("DATABASE_URL", url)]).unwrap();
        assert_eq!(settings.database.url.to_string(), shown);
        let debug = format!("{:?}", settings.database);
        assert!(!debug.contains("se@cret") && !debug.contains("secret"), "{debug}");
    }
}

#[test]
fn a_listen_url_must_be_one_of_postgresql() {
    assert!(read("", &[]).unwrap().database.listen_url.is_none());
    let url = ("ENGAGE_DATABASE__LISTEN_URL", "postgres://engage:geheim@db.example/engage");
    let settings = read("", &[url]).unwrap();
    let shown = settings.database.listen_url.as_ref().map(ToString::to_string);
    assert_eq!(shown.as_deref(), Some("postgres://db.example/engage"));
    assert!(!format!("{:?}", settings.database).contains("geheim"));
}

#[test]
fn lists_and_numbers_are_read_from_the_environment() {
    let environment = [
        ("ENGAGE_SMS__ON_CALL", "+15550100123, +15550100124"),
        ("ENGAGE_NOTIFY__ASSIGNED__EMAIL", "customer,assignee"),
        ("ENGAGE_DATABASE__POOL_SIZE", "3"),
        ("ENGAGE_NOTIFY__CREATED__WEBHOOK", "false"),
    ];
    let settings = read("", &environment).unwrap();
    assert_eq!(settings.sms.on_call.len(), 2);
    assert_eq!(
        settings.notify.rules[&EventType::Assigned].email,
        [Recipient::Customer, Recipient::Assignee]
    );
    assert_eq!(settings.database.pool_size.get(), 3);
    assert!(!settings.notify.rules[&EventType::Created].webhook);
}

#[test]
fn a_list_replaces_the_default_one() {
    let settings = read("[notify.created]\nemail = [\"team\"]", &[]).unwrap();
    assert_eq!(settings.notify.rules[&EventType::Created].email, [Recipient::Team]);
    assert_eq!(
        settings.notify.rules[&EventType::Created].sms,
        [Recipient::OnCall, Recipient::Assignee]
    );
}

#[test]
fn unrelated_variables_are_ignored() {
    let link = ("ENGAGE_PORT", "tcp://10.0.0.11:3000");
    read("", &[("ENGAGE_CONFIG", "x"), link, ("A__B", "x"), ("ENGAGED", "x")]).unwrap();
}

#[test]
fn an_unknown_variable_is_refused_with_a_suggestion() {
    for (name, meant) in [
        ("ENGAGE_SERVER_BIND", "; did you mean ENGAGE_SERVER__BIND?"),
        ("ENGAGE_SERVER__PUBLICURL", "; did you mean ENGAGE_SERVER__PUBLIC_URL?"),
        ("engage_sever__bind", "; did you mean ENGAGE_SERVER__BIND?"),
        ("ENGAGE_BOGUS", ""),
        ("ENGAGE_", ""),
        ("ENGAGE_SLA__FREE__LOW", ""),
    ] {
        let told = format!("the settings cannot be used: {name} is not a setting{meant}");
        assert_eq!(refusal("", &[(name, "1")]), told);
    }
}

#[test]
fn a_variable_in_two_spellings_is_refused() {
    let environment = [("ENGAGE_LOG__FORMAT", "json"), ("engage_log__format", "text")];
    let refusal = refusal("", &environment);
    assert!(
        refusal.contains("engage_log__format is the same setting as ENGAGE_LOG__FORMAT"),
        "{refusal}"
    );
}

#[test]
fn all_problems_are_reported_together() {
    let file = "[server]\nbind = \"nowhere\"\nport = 3000\n[sla.free]\nlow = \"soon\"\n\
        [database]\npool_size = \"many\"\n[serve]\n[retention]\nuploads = \"1s\"";
    let environment = [("ENGAGE_SMS__ON_CALL", "112"), ("ENGAGE_BOGUS", "1")];
    let refusal = refusal(file, &environment);
    for told in [
        "server.bind (",
        "server.port (",
        "sla.free.low (",
        "database.pool_size (",
        "serve (",
        "sms.on_call (ENGAGE_SMS__ON_CALL): ",
        "ENGAGE_BOGUS is not a setting",
        "retention.uploads must be at least 1h",
    ] {
        assert_eq!(refusal.matches(told).count(), 1, "{told}: {refusal}");
    }
    assert_eq!(refusal.lines().count(), 9, "{refusal}");
}

#[test]
fn a_syntax_error_is_reported_with_its_position_but_not_its_text() {
    for (file, place) in [
        ("[sms]\nauth_token = \"Geheim\nfrom = \"x\"", "line 2, column 21"),
        ("secret = Geheim", "line 1, column 10"),
        ("[server]\nsecret = \"Geheim\"\nsecret = \"Geheim\"", "line 3, column 1"),
        ("\"Geheim", "line 1, column"),
    ] {
        let refusal = refusal(file, &[]);
        assert!(refusal.contains("engage.toml, ") && refusal.contains(place), "{refusal}");
        assert!(!refusal.contains("Geheim"), "{refusal}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
}

#[test]
fn all_settings_are_shown_without_secrets() {
    let file = "[server]\nsecret = \"Geheim-0123456789-abcdefghij-klmnop\"\n\
        [metrics]\ntoken = \"Geheim-0123456789\"\n[attachments]\nsecret_access_key = \"Geheim\"\n\
        [sms]\nauth_token = \"Geheim\"\non_call = [\"+15550100777\"]\n\
        [database]\nurl = \"postgres://u:Geheim@db/x\"\nlisten_url = \"postgres://u:Geheim@db/y\"\n\
        [email]\nurl = \"smtps://u:Geheim@mail.example\"";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engage.toml");
    std::fs::write(&path, file).unwrap();
    let examined = Examined::of(Some(&path), BTreeMap::new()).unwrap();
    assert_eq!(examined.problems, []);
    let shown: Vec<_> = examined.sources.lines().collect();
    assert!(shown.len() > 100, "{shown:#?}");
    assert!(
        !shown.iter().any(|line| line.contains("Geheim") || line.contains("555")),
        "{shown:#?}"
    );
    for line in [
        "server.secret = (hidden)",
        "sms.on_call = (1 hidden)",
        "database.url = postgres://db/x",
        "email.url = smtps://mail.example",
        "server.allowed_origins = ",
        "sla.business.high.first_response = 4h",
        "notify.created.email = customer, team",
        "rate_limit.creations = 20",
    ] {
        assert!(shown.iter().any(|shown| shown == line), "{line}: {shown:#?}");
    }
}

#[test]
fn booleans_and_numbers_may_be_strings_and_vice_versa() {
    let file = "[rate_limit]\nenabled = true\ncreations = \"7\"\n[webhooks]\nlog_only = \"true\"";
    let settings = read(file, &[]).unwrap();
    assert_eq!(settings.rate_limit.enabled, RateLimiting::On);
    assert_eq!(settings.rate_limit.creations.get(), 7);
    assert!(settings.webhooks.log_only);
}

#[test]
fn an_unknown_setting_is_refused_by_name() {
    for (file, environment, name) in [
        ("[server]\nbnid = \"127.0.0.1:1\"", &[][..], "bnid"),
        ("[serve]\nbind = \"127.0.0.1:1\"", &[][..], "serve"),
        ("", &[("ENGAGE_SERVER__PROT", "1")][..], "ENGAGE_SERVER__PROT"),
    ] {
        let refusal = refusal(file, environment);
        assert!(refusal.contains(name), "{refusal}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
}

#[test]
fn a_malformed_setting_is_refused_by_name() {
    for (file, name) in [
        ("[server]\nbind = \"nowhere\"", "server.bind"),
        ("[database]\nurl = \"oracle://x\"", "database.url"),
        ("[database]\npool_size = 0", "database.pool_size"),
        ("[database]\nlisten_url = \"sqlite://x\"", "database.listen_url"),
        ("[case_number]\nprefix = \"A-B\"", "case_number.prefix"),
        ("[email]\nteam_inbox = \"nobody\"", "email.team_inbox"),
        ("[email]\nfrom = \"<>\"", "email.from"),
        ("[sms]\non_call = [\"112\"]", "sms.on_call"),
        ("[notify.created]\nemail = [\"everybody\"]", "notify.created.email"),
        ("[sla.free.low]\nresolution = \"soon\"", "sla.free.low.resolution"),
        ("[sla.free.calendar]\nmonday = [\"9-17\"]", "sla.free.calendar.monday"),
        ("[sla.free.calendar]\nfriday = [\"22:00-06:00\"]", "sla.free.calendar.friday"),
        ("[sla.business.calendar]\ntime_zone = \"Berlin\"", "sla.business.calendar.time_zone"),
        ("[sla.enterprise.calendar]\nholidays = [\"Easter\"]", "sla.enterprise.calendar.holidays"),
        ("[escalation]\nclose_after = \"later\"", "escalation.close_after"),
        ("[escalation]\nraise_on_breach = \"perhaps\"", "escalation.raise_on_breach"),
        ("[notify.overdue]\nsms = [\"everybody\"]", "notify.overdue.sms"),
        ("[notify.updated]\nsms = [\"participants\"]", "notify.updated.sms"),
        ("[auth.jwt]\njwks = \"http://login.example/keys\"", "auth.jwt.jwks"),
        ("[log]\nformat = \"xml\"", "log.format"),
    ] {
        let refusal = refusal(file, &[]);
        assert!(refusal.contains(name), "{name}: {refusal}");
    }
}

#[test]
fn rules_that_the_domain_refuses_are_refused() {
    for file in [
        "[priority.urgency]\ncritical = 90",
        "[sla.free]\nlow = { first_response = \"0s\", resolution = \"1h\" }",
        "[escalation]\nclose_after = \"167h\"",
    ] {
        let settings = read(file, &[]).unwrap();
        assert!(crate::wiring::policies(&settings).is_err(), "{file}");
    }
}

#[test]
fn cases_are_closed_after_the_reopen_window_unless_a_later_time_is_set() {
    for (file, hours) in [
        ("", 168),
        ("[escalation]\nreopen_window = \"24h\"", 24),
        ("[escalation]\nreopen_window = \"24h\"\nclose_after = \"24h\"", 24),
        ("[escalation]\nclose_after = \"720h\"", 720),
    ] {
        let policies = crate::wiring::policies(&read(file, &[]).unwrap()).unwrap();
        assert_eq!(policies.lifecycle.close_after, Duration::from_hours(hours), "{file}");
    }
}

#[test]
fn business_hours_are_read_for_each_type_of_customer() {
    let file = "[sla.business.calendar]\n\
        time_zone = \"Europe/Berlin\"\n\
        monday = [\"13:00-17:30\", \"09:00-12:00\"]\n\
        tuesday = [\"00:00-24:00\"]\n\
        holidays = [\"2025-01-28\"]";
    let environment = [("ENGAGE_SLA__FREE__CALENDAR__SUNDAY", "10:00-11:00, 12:00-13:00")];
    let sla = crate::wiring::policies(&read(file, &environment).unwrap()).unwrap().sla;
    let add = |customer, from: &str, minutes| {
        let due = sla.calendar(customer).add(from.parse().unwrap(), Duration::from_mins(minutes));
        due.to_string()
    };
    // Monday 11:00 in Berlin plus 2 h: 1 h before lunch and 1 h after. Tuesday is a holiday.
    let business = CustomerType::Business;
    assert_eq!(add(business, "2025-01-27T10:00:00Z", 120), "2025-01-27T13:00:00.000Z");
    assert_eq!(add(business, "2025-01-27T16:00:00Z", 60), "2025-02-03T08:30:00.000Z");
    assert_eq!(add(CustomerType::Free, "2025-01-27T10:00:00Z", 90), "2025-02-02T12:30:00.000Z");
    assert_eq!(*sla.calendar(CustomerType::Enterprise), Calendar::RoundTheClock);
}

#[test]
fn calendars_that_the_domain_refuses_are_refused_by_name() {
    for (file, said) in [
        (
            "[sla.free.calendar]\nmonday = [\"09:00-12:00\", \"11:00-17:00\"]",
            "the settings under sla.free.calendar: 09:00-12:00 and 11:00-17:00 on Monday must not \
             overlap",
        ),
        (
            "[sla.business.calendar]\nholidays = [\"2026-12-25\"]",
            "the settings under sla.business.calendar: holidays require hours on weekdays",
        ),
    ] {
        let refusal = crate::wiring::policies(&read(file, &[]).unwrap()).unwrap_err();
        let refusal = format!("{refusal:#}");
        assert!(refusal.contains(said), "{refusal}");
    }
}

#[test]
fn an_identity_provider_is_configured_completely_or_not_at_all() {
    assert!(crate::identity::provider(&read("", &[]).unwrap()).unwrap().is_none());
    let whole = [
        ("ENGAGE_AUTH__JWT__ISSUER", "https://login.example/"),
        ("ENGAGE_AUTH__JWT__AUDIENCE", "engage,other"),
        ("ENGAGE_AUTH__JWT__JWKS", "https://login.example/keys"),
    ];
    let settings = read("", &whole).unwrap();
    assert_eq!(settings.auth.jwt.audience, ["engage", "other"]);
    assert!(crate::identity::provider(&settings).unwrap().is_some());
    for missing in ["issuer", "audience", "jwks", "staff_claim"] {
        let name = format!("ENGAGE_AUTH__JWT__{}", missing.to_uppercase());
        let mut part: Vec<_> = whole.into_iter().filter(|(other, _)| *other != name).collect();
        part.push((&name, ""));
        let refusal = crate::identity::provider(&read("", &part).unwrap()).err().unwrap();
        assert!(refusal.to_string().contains(&format!("auth.jwt.{missing}")), "{refusal}");
    }
}

#[test]
fn a_file_of_keys_that_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    std::fs::write(&keys, r#"{"keys": []}"#).unwrap();
    for path in [keys.to_str().unwrap(), "/nowhere/keys.json"] {
        let environment = [
            ("ENGAGE_AUTH__JWT__ISSUER", "https://login.example/"),
            ("ENGAGE_AUTH__JWT__AUDIENCE", "engage"),
            ("ENGAGE_AUTH__JWT__JWKS", path),
        ];
        let refusal = crate::identity::provider(&read("", &environment).unwrap()).err().unwrap();
        let refusal = format!("{refusal:#}");
        assert!(refusal.contains("auth.jwt.jwks") && refusal.contains(path), "{refusal}");
    }
}
