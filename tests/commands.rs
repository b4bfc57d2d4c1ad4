//! The commands other than `serve`.

use std::net::TcpListener;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, Workspace, a_case};

#[test]
fn valid_settings_are_shown() {
    let workspace = Workspace::with(&[("ENGAGE_SMS__ON_CALL", "+15550100777,+15550100778")]);
    let shown = workspace.run(&["check-config"]).ok();
    assert!(shown.starts_with("The settings are valid.\n"), "{shown}");
    for line in [
        "server.bind = 127.0.0.1:0",
        "sms.on_call = (hidden)",
        "server.public_url = ",
        "customers.access = case-number",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(!shown.contains("555"), "{shown}");
}

#[test]
fn the_documented_defaults_apply_without_settings() {
    let workspace = Workspace::new();
    let mut command = workspace.command(&["check-config"]);
    let output = command.env_remove("ENGAGE_SERVER__BIND").output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for line in ["127.0.0.1:3000", "sqlite://var/engage.db", "CW", "var/mail"] {
        assert!(shown.lines().any(|shown| shown.ends_with(&format!("= {line}"))), "{shown}");
    }
}

#[test]
fn an_invalid_setting_is_named_in_a_sentence() {
    for (name, value, told) in [
        ("ENGAGE_SERVER__BNID", "x", "did you mean ENGAGE_SERVER__BIND?"),
        ("ENGAGE_SERVER_BIND", "x", "did you mean ENGAGE_SERVER__BIND?"),
        ("ENGAGE_SERVER__BIND", "nowhere", "server.bind"),
        ("ENGAGE_SERVER__BIND", "127.0.0.1:99999", "server.bind"),
        ("ENGAGE_DATABASE__URL", "oracle://x", "database.url"),
        ("ENGAGE_DATABASE__URL", "sqlite://", "database.url"),
        ("ENGAGE_DATABASE__POOL_SIZE", "0", "database.pool_size"),
        ("ENGAGE_DATABASE__POOL_SIZE", "many", "database.pool_size"),
        ("ENGAGE_CASE_NUMBER__PREFIX", "A-B", "case_number.prefix"),
        ("ENGAGE_EMAIL__FROM", "nobody", "email.from"),
        ("ENGAGE_EMAIL__TEAM_INBOX", "nobody", "email.team_inbox"),
        ("ENGAGE_SMS__ON_CALL", "112", "sms.on_call"),
        ("ENGAGE_NOTIFY__CREATED__EMAIL", "everybody", "notify.created.email"),
        ("ENGAGE_NOTIFY__CREATED__SMS_FROM", "SOON", "notify.created.sms_from"),
        ("ENGAGE_NOTIFY__CREATED__WEBHOOK", "perhaps", "notify.created.webhook"),
        ("ENGAGE_ESCALATION__CUSTOMER_COOL_DOWN", "soon", "escalation.customer_cool_down"),
        ("ENGAGE_LOG__FORMAT", "xml", "log.format"),
        ("ENGAGE_LOG__FILTER", "a=b=c", "log.filter"),
        ("ENGAGE_PRIORITY__URGENCY__CRITICAL", "90", "priority"),
        ("DATABASE_URL", "nonsense", "database.url"),
        ("DATABASE_URL", "postgres://localhost/engage", "server.secret"),
        ("ENGAGE_SERVER__SECRET", "short", "server.secret"),
        ("ENGAGE_CUSTOMERS__TOKEN_LIFETIME", "long", "customers.token_lifetime"),
    ] {
        let workspace = Workspace::with(&[(name, value)]);
        for command in ["check-config", "serve"] {
            let refusal = workspace.run(&[command]).refusal();
            assert!(refusal.contains(told), "{name}={value}: {refusal}");
        }
        assert!(!workspace.folder().join("var").exists(), "{name}: nothing was begun");
    }
}

#[test]
fn a_check_reports_all_errors_of_the_settings() {
    let workspace = Workspace::with(&[
        ("ENGAGE_SERVER__BIND", "nowhere"),
        ("ENGAGE_BOGUS", "1"),
        ("ENGAGE_PRIORITY__URGENCY__CRITICAL", "90"),
        ("ENGAGE_LOG__FILTER", "a=b=c"),
        ("ENGAGE_AUTH__JWT__ISSUER", "https://login.example/"),
    ]);
    let run = workspace.run(&["check-config"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(78), ""), "{run:?}");
    for told in ["server.bind", "ENGAGE_BOGUS", "priority", "log.filter", "auth.jwt."] {
        let named = run.stderr.lines().filter(|line| line.starts_with("- ") && line.contains(told));
        assert_eq!(named.count(), 1, "{told}: {run:?}");
    }
}

#[test]
fn settings_are_read_from_a_file_and_the_environment_wins() {
    let workspace = Workspace::new();
    let write =
        |name: &str, text: &str| std::fs::write(workspace.folder().join(name), text).unwrap();
    write("engage.toml", "[case_number]\nprefix = \"FILE\"\n[database]\npool_size = 7\n");
    let shown = workspace.run(&["check-config"]).ok();
    assert!(shown.contains("= FILE\n") && shown.contains("= 7\n"), "{shown}");
    workspace.set("ENGAGE_CASE_NUMBER__PREFIX", "ENV");
    assert!(workspace.run(&["check-config"]).ok().contains("= ENV\n"));
    write("other.toml", "[database]\npool_size = 8\n");
    let shown = workspace.run(&["check-config", "--config", "other.toml"]).ok();
    assert!(shown.contains("= ENV\n") && shown.contains("= 8\n"), "{shown}");

    let refusal = workspace.run(&["--config", "missing.toml", "check-config"]).refusal();
    assert!(refusal.contains("missing.toml"), "{refusal}");
    write("engage.toml", "[server]\nbnid = 1\n");
    assert!(workspace.run(&["check-config"]).refusal().contains("bnid"));
    write("engage.toml", "[sms]\nauth_token = \"Geheim\n");
    let refusal = workspace.run(&["check-config"]).refusal();
    assert!(refusal.contains("engage.toml, line 2, column "), "{refusal}");
    assert!(!refusal.contains("Geheim"), "{refusal}");
}

#[test]
fn migrating_twice_does_no_harm() {
    let workspace = Workspace::new();
    let told = "The tables of sqlite://var/engage.db are up to date.\n";
    assert_eq!(workspace.run(&["migrate"]).ok(), told);
    assert!(workspace.folder().join("var/engage.db").is_file());
    workspace.add_staff();
    assert_eq!(workspace.run(&["migrate"]).ok(), told);
    assert_eq!(workspace.run(&["staff", "list"]).ok().lines().count(), 2);
}

#[test]
fn a_file_that_is_not_a_database_is_refused() {
    let workspace = Workspace::new();
    std::fs::create_dir(workspace.folder().join("var")).unwrap();
    std::fs::write(workspace.folder().join("var/engage.db"), "no database ".repeat(1_000)).unwrap();
    for arguments in [&["migrate"][..], &["serve"], &["staff", "list"]] {
        let refusal = workspace.run(arguments).refusal();
        assert!(refusal.contains("database"), "{refusal}");
    }
    workspace.set("ENGAGE_DATABASE__URL", "sqlite:///proc/nowhere/engage.db");
    let refusal = workspace.run(&["serve"]).refusal();
    assert!(refusal.contains("/proc/nowhere"), "{refusal}");
}

/// An ID that no token has.
const TOKEN_ID: &str = "tok_00000000000000000000000000";

#[tokio::test]
async fn every_described_path_and_method_is_served() {
    let settings = [
        ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
        ("ENGAGE_WEBHOOKS__LOG_ONLY", "true"),
        ("ENGAGE_SERVER__PUBLIC_URL", "https://desk.example"),
        ("ENGAGE_SMS__ACCOUNT_SID", "AC00000000000000000000000000000001"),
        ("ENGAGE_SMS__AUTH_TOKEN", "a-token"),
        ("ENGAGE_SMS__FROM", "+15550100001"),
        // No server listens there.
        ("ENGAGE_SMS__URL", "http://127.0.0.1:1"),
    ];
    let server = Server::with_staff_and(Store::Sqlite, &settings).await;
    let printed = server.workspace().run(&["openapi"]).ok();
    let document: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(server.get("/openapi.json").await.body, document);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));

    let number = server.open(&a_case()).await;
    let endpoint = json!({"url": "https://hooks.example/engage"});
    let endpoint = server.staff_post("/api/internal/webhooks", &endpoint).await;
    let webhook = endpoint.body["webhook"]["id"].as_str().unwrap();
    let details = server.details(&number).await;
    let notification = details["notifications"][0]["id"].as_str().unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let real = path.replace("{caseNumber}", &number).replace("{webhookId}", webhook);
            let real = real.replace("{notificationId}", notification);
            let real = real.replace("{attachmentId}", "att_01jjg00000e008000000000001");
            let real = real.replace("{staffId}", "staff-456").replace("{tokenId}", TOKEN_ID);
            let real = real.replace("{participantId}", "per_01jjg00000e008000000000001");
            let real = real.replace("{contactId}", "con_01jjg00000e008000000000001");
            let real = real.replace("{erasureId}", "era_01jjg00000e008000000000001");
            let real = real.replace("{tagId}", "tag_01jjg00000e008000000000001");
            let real = real.replace("{organizationId}", "org_01jjg00000e008000000000001");
            assert!(!real.contains('{'), "an unknown parameter in {path}");
            let request =
                server.staff_request(method.to_uppercase().parse::<Method>().unwrap(), &real);
            let response = Response::to(request).await;
            let code = response.body["code"].as_str().unwrap_or_default();
            assert!(!["NOT_FOUND", "METHOD_NOT_ALLOWED"].contains(&code), "{method} {path}");
            let described = &operation["responses"][response.status.to_string()];
            assert!(described.is_object(), "{method} {path} answers {}", response.status);
            found.push(format!("{method} {path}"));
        }
    }
    for expected in [
        "post /api/support/case",
        "post /api/support/case/status",
        "post /api/support/case/escalate",
        "post /api/support/case/cancel",
        "get /api/internal/support/cases",
        "get /api/internal/support/case/{caseNumber}",
        "post /api/internal/support/case/{caseNumber}/update",
        "put /api/internal/support/case/{caseNumber}/assign",
        "get /health",
        "get /health/live",
        "get /health/ready",
        "get /openapi.json",
    ] {
        assert!(found.iter().any(|operation| operation == expected), "{expected} is not described");
    }
}

#[test]
fn an_existing_member_is_refused() {
    let workspace = Workspace::new();
    workspace.add_staff();
    let add = |id: &str, email: &str| {
        let more = ["--name", "X", "--role", "AGENT", "--email", email, "--id", id];
        workspace.run(&[&["staff", "add"][..], &more].concat())
    };
    let refusal = add("staff-123", "new@staff.example").refusal();
    assert_eq!(refusal, "engage: staff member staff-123 already exists");
    let refusal = add("new", "JANE@staff.example").refusal();
    assert!(refusal.contains("another staff member has the address"), "{refusal}");
    assert_eq!(workspace.run(&["staff", "list"]).ok().lines().count(), 2);
    assert_eq!(add("new", "new@staff.example").ok(), "Added new.\n");
    let listed = workspace.run(&["staff", "list"]).ok();
    assert!(
        listed.contains("staff-123\tADMIN\tactive\tJane Smith\tjane@staff.example"),
        "{listed}"
    );
}

#[test]
fn a_member_with_an_invalid_value_is_refused() {
    let workspace = Workspace::new();
    let long = "x".repeat(65);
    for (option, value) in [
        ("--id", "Staff 1"),
        ("--id", "STAFF"),
        ("--id", ""),
        ("--id", "a/b"),
        ("--id", &long),
        ("--name", ""),
        ("--name", "a\nb"),
        ("--email", "nobody"),
        ("--role", "BOSS"),
        ("--phone", "112"),
        ("--department", "a\tb"),
    ] {
        let mut arguments = vec!["staff", "add"];
        for (name, good) in
            [("--id", "new"), ("--name", "New"), ("--email", "new@x.y"), ("--role", "agent")]
        {
            arguments.extend([name, if name == option { value } else { good }]);
        }
        if ["--phone", "--department"].contains(&option) {
            arguments.extend([option, value]);
        }
        let ran = workspace.run(&arguments);
        assert_eq!(ran.code, Some(64), "{option} {value}: {ran:?}");
        assert!(ran.stderr.contains(option), "{ran:?}");
    }
    assert_eq!(workspace.run(&["staff", "list"]).ok(), "");
}

#[test]
fn only_active_members_get_tokens_and_each_is_different() {
    let workspace = Workspace::new();
    workspace.add_staff();
    assert_ne!(workspace.token("staff-123"), workspace.token("staff-123"));
    assert!(workspace.token("staff-123").len() >= 4 + 32);
    for arguments in [&["staff", "token", "nobody"], &["staff", "deactivate", "nobody"]] {
        let refusal = workspace.run(arguments).refusal();
        assert!(refusal.contains("nobody"), "{refusal}");
    }
    workspace.run(&["staff", "deactivate", "staff-456"]).ok();
    let refusal = workspace.run(&["staff", "token", "staff-456"]).refusal();
    assert!(refusal.contains("staff-456"), "{refusal}");
    let listed = workspace.run(&["staff", "list"]).ok();
    assert!(listed.contains("staff-456\tAGENT\tleft"), "{listed}");
    assert_eq!(workspace.run(&["staff", "token", "Bad Id"]).code, Some(64));
}

#[test]
fn a_port_in_use_is_reported_in_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let workspace = Workspace::with(&[("ENGAGE_SERVER__BIND", &address)]);
    let refusal = workspace.run(&["serve"]).refusal();
    assert!(refusal.contains(&format!("cannot listen on {address} (server.bind)")), "{refusal}");
}

#[test]
fn an_invalid_command_shows_the_usage() {
    let workspace = Workspace::new();
    for arguments in [&["nonsense"][..], &[], &["staff"], &["serve", "--nonsense"]] {
        let ran = workspace.run(arguments);
        assert_eq!(ran.code, Some(64), "{ran:?}");
        assert!(ran.stderr.contains("Usage: engage"), "{ran:?}");
    }
    assert!(workspace.run(&["--help"]).ok().contains("check-config"));
    assert!(workspace.run(&["--version"]).ok().starts_with("engage "));
}

#[test]
fn an_endpoint_gets_the_types_and_subtypes_of_the_command_line() {
    let workspace = Workspace::with(&[("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true")]);
    let add = |url: &str, more: &[&str]| workspace.run(&[&["webhook", "add", url], more].concat());
    let events = ["--events", "case.replied,case.created,CASE.Noted", "--no-internal"];
    add("https://hooks.example/a", &events).ok();
    add("https://hooks.example/b", &["--description", "Feeds the data warehouse"]).ok();
    let list = workspace.run(&["webhook", "list"]).ok();
    let of = |url: &str| list.lines().find(|line| line.ends_with(url)).unwrap().to_owned();
    assert!(of("/a").contains("\tcase.created,case.replied,case.noted\t"), "{list}");
    assert!(of("/b").contains("\tall\t"), "{list}");
    let refused = add("https://hooks.example/c", &["--events", "case.lost"]);
    assert_eq!(refused.code, Some(64), "{refused:?}");
    assert!(refused.stderr.contains("case.replied"), "{refused:?}");
    assert!(!workspace.run(&["webhook", "list"]).ok().contains("/c"));
}

#[test]
fn invalid_limits_on_files_and_proxies_are_refused() {
    for (name, value, told) in [
        ("ENGAGE_LIMITS__FILES_PER_ADDRESS", "24MiB", "limits.files_per_address"),
        ("ENGAGE_LIMITS__FILES_PER_ADDRESS", "2TiB", "limits.files_per_address"),
        ("ENGAGE_LIMITS__FILES_PER_CASE", "100", "limits.files_per_case"),
        ("ENGAGE_LIMITS__FILES_PER_CASE", "100MB", "limits.files_per_case"),
        ("ENGAGE_LIMITS__FILES_PER_CASE", "-1GiB", "limits.files_per_case"),
        ("ENGAGE_LIMITS__FREE_SPACE", "99999999TiB", "limits.free_space"),
        ("ENGAGE_LIMITS__FREE_SPACE_PERCENT", "100", "limits.free_space_percent"),
        ("ENGAGE_WEBHOOKS__PROXY", "socks5://proxy:1080", "webhooks.proxy"),
        ("ENGAGE_WEBHOOKS__PROXY", "http://user:geheim@proxy/path", "webhooks.proxy"),
    ] {
        let refusal = Workspace::with(&[(name, value)]).run(&["check-config"]).refusal();
        assert!(refusal.contains(told) && !refusal.contains("geheim"), "{value}: {refusal}");
    }
    for (name, value) in [
        ("ENGAGE_LIMITS__FREE_SPACE", "0"),
        ("ENGAGE_LIMITS__FREE_SPACE_PERCENT", "0"),
        ("ENGAGE_LIMITS__FILES_PER_CASE", "26214400B"),
        ("ENGAGE_WEBHOOKS__PROXY", "http://user:geheim@proxy.example.com:3128"),
    ] {
        let workspace = Workspace::with(&[(name, value)]);
        assert!(!workspace.run(&["check-config"]).ok().contains("geheim"));
    }
}

#[test]
fn a_failure_to_start_is_reported_once() {
    let workspace = Workspace::new();
    std::fs::write(workspace.folder().join("x.db"), "no database, but long enough. ".repeat(40))
        .unwrap();
    for (url, told) in [
        ("sqlite://x.db", "file is not a database"),
        ("sqlite:///proc/none/x.db", "No such file or directory"),
        ("postgres://engage@127.0.0.1:1/x", "Connection refused"),
    ] {
        workspace.set_all(&[
            ("ENGAGE_DATABASE__URL", url),
            ("ENGAGE_SERVER__BIND", "127.0.0.1:0"),
            ("ENGAGE_SERVER__SECRET", "4f1c9a7e2b6d8053c1e7f9a4b2d60813"),
        ]);
        let refusal = workspace.run(&["serve"]).refusal();
        assert_eq!(refusal.matches(told).count(), 1, "{refusal}");
    }
}
