use std::collections::BTreeSet;

use tempfile::TempDir;

use super::*;

const DEFAULTS: &str = include_str!("../../../engage.default.toml");

/// Every secret with a valid value, which contains the word `Geheim`.
const SECRETS: [(&str, &str); 8] = [
    ("attachments.secret_access_key", "Geheim"),
    ("database.listen_url", "postgres://u:Geheim@db/x"),
    ("database.url", "postgres://u:Geheim@db/y"),
    ("email.url", "smtps://u:Geheim@mail.example"),
    ("metrics.token", "Geheim-0123456789"),
    ("server.secret", "Geheim-0123456789-abcdefghij-klmnop"),
    ("sms.auth_token", "Geheim"),
    ("webhooks.proxy", "http://u:Geheim@proxy.example:3128"),
];

fn variable(name: &str) -> String {
    format!("ENGAGE_{}", name.replace('.', "__").to_uppercase())
}

fn examined(environment: &[(String, String)]) -> Examined {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engage.toml");
    std::fs::write(&path, "").unwrap();
    Examined::of(Some(&path), environment.iter().cloned().collect()).unwrap()
}

/// Writes a file, and returns its path.
fn written(folder: &TempDir, name: &str, content: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_secret_is_read_from_its_file_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let environment = SECRETS.map(|(name, value)| {
        let path = written(&folder, name, &format!("{value}\n"));
        (variable(&format!("{name}_file")), path)
    });
    let examined = examined(&environment);
    assert_eq!(examined.problems, []);
    let shown: Vec<_> = examined.sources.lines().collect();
    for (name, _) in SECRETS {
        let path = folder.path().join(name);
        for line in [
            format!("{name} = (from file {})", path.display()),
            format!("{name}_file = {}", path.display()),
        ] {
            assert!(shown.contains(&line), "{line}: {shown:#?}");
        }
    }
    assert!(!shown.iter().any(|line| line.contains("Geheim")), "{shown:#?}");
    let settings = examined.settings;
    assert!(!format!("{settings:?}").contains("Geheim"));
    assert_eq!(settings.secret_files.len(), SECRETS.len());
    assert_eq!(settings.server.secret.unwrap().expose(), SECRETS[5].1);
    assert_eq!(settings.metrics.token.unwrap().expose(), SECRETS[4].1);
    assert_eq!(settings.database.url.to_string(), "postgres://db/y");
}

#[test]
fn the_secrets_are_those_that_the_defaults_list() {
    let head: Vec<_> = DEFAULTS.lines().take_while(|line| line.starts_with('#')).collect();
    let head = head.iter().map(|line| line.trim_start_matches(['#', ' '])).collect::<Vec<_>>();
    let head = head.join(" ");
    let (_, listed) = head.split_once("The secrets are ").unwrap();
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    let words = listed.split(|c| !is_part(c)).map(|word| word.trim_end_matches('.'));
    let listed: BTreeSet<_> = words.filter(|word| word.contains('.')).collect();
    let expected: BTreeSet<_> = SECRETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, expected);

    let lines = examined(&[]).sources.lines().collect::<Vec<_>>();
    let names: BTreeSet<_> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
    let has_file = |name: &&str| names.contains(format!("{name}_file").as_str());
    assert_eq!(names.iter().copied().filter(has_file).collect::<BTreeSet<_>>(), expected);
}

#[test]
fn every_setting_whose_comment_has_a_password_is_a_secret() {
    let (mut section, mut comment, mut found) = ("", String::new(), 0);
    for line in DEFAULTS.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push_str(text);
        } else if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']');
            comment.clear();
        } else if let Some((name, _)) = line.split_once(" = ") {
            if comment.contains("password@") {
                let name = format!("{section}.{name}");
                assert!(SECRETS.iter().any(|(secret, _)| *secret == name), "{name}");
                found += 1;
            }
            comment.clear();
        }
    }
    assert!(found >= 3, "{found}");
}

#[test]
fn a_secret_that_is_given_twice_is_refused_by_both_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "token", "Geheim-9876543210");
    let file = format!("[metrics]\ntoken = \"Geheim-0123456789\"\ntoken_file = \"{path}\"");
    let in_file = refusal(&file, &[]);
    let told = [
        ("ENGAGE_METRICS__TOKEN", "Geheim-0123456789"),
        ("ENGAGE_METRICS__TOKEN_FILE", path.as_str()),
    ];
    let in_environment = refusal("", &told);
    let common = [("DATABASE_URL", "sqlite://x.db"), ("ENGAGE_DATABASE__URL_FILE", path.as_str())];
    for (refusal, name, other) in [
        (in_file, "metrics.token_file (", "metrics.token ("),
        (
            in_environment,
            "metrics.token_file (ENGAGE_METRICS__TOKEN_FILE)",
            "metrics.token (ENGAGE_METRICS__TOKEN)",
        ),
        (
            refusal("", &common),
            "database.url_file (ENGAGE_DATABASE__URL_FILE)",
            "database.url (DATABASE_URL)",
        ),
    ] {
        assert!(refusal.contains(name) && refusal.contains(other), "{refusal}");
        assert!(refusal.contains("set one of them") && !refusal.contains("Geheim"), "{refusal}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
}

#[test]
fn an_empty_setting_does_not_count_as_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "token", "Geheim-0123456789");
    let file = format!("[metrics]\ntoken = \"\"\ntoken_file = \"{path}\"");
    assert!(read(&file, &[]).unwrap().metrics.token.is_some());
    let given = ("ENGAGE_METRICS__TOKEN", "Geheim-0123456789");
    let without_file = [given, ("ENGAGE_METRICS__TOKEN_FILE", "")];
    assert!(read(&file, &without_file).unwrap().metrics.token.is_some());
    assert!(read("", &[("ENGAGE_METRICS__TOKEN_FILE", "")]).unwrap().metrics.token.is_none());
}

#[test]
fn a_file_that_cannot_be_used_is_a_problem_of_its_setting() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();
    let empty = written(&folder, "empty", "\n");
    for (path, what) in [(&missing, "cannot read "), (&empty, "must not be empty")] {
        let refusal = refusal("", &[("ENGAGE_EMAIL__URL_FILE", path)]);
        let named = "email.url_file (ENGAGE_EMAIL__URL_FILE): ";
        assert!(refusal.contains(named) && refusal.contains(path.as_str()), "{refusal}");
        assert!(refusal.contains(what), "{refusal}");
    }
}

#[test]
fn an_invalid_secret_is_reported_by_its_setting_and_its_file() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("metrics.token", "Geheim"),
        ("server.secret", "Geheim"),
        ("database.url", "oracle://Geheim"),
        ("email.url", "Geheim"),
    ] {
        let path = written(&folder, name, content);
        let refusal = refusal("", &[(&variable(&format!("{name}_file")), &path)]);
        assert!(refusal.contains(&format!("{name} ({path}): ")), "{refusal}");
        assert!(!refusal.contains("Geheim"), "{refusal}");
    }
}

#[test]
fn a_misspelt_name_of_a_file_is_refused_with_a_suggestion() {
    for (name, meant) in [
        ("ENGAGE_METRICS__TOKENFILE", "ENGAGE_METRICS__TOKEN_FILE"),
        ("ENGAGE_DATABASE_URL_FILE", "ENGAGE_DATABASE__URL_FILE"),
        ("ENGAGE_SMS__AUTH_TOKN_FILE", "ENGAGE_SMS__AUTH_TOKEN_FILE"),
    ] {
        assert!(refusal("", &[(name, "x")]).contains(&format!("did you mean {meant}?")), "{name}");
    }
    let refusal = refusal("[email]\nurl_fil = \"x\"", &[]);
    assert!(refusal.contains("did you mean email.url_file?"), "{refusal}");
}

#[test]
fn what_is_no_secret_has_no_file() {
    for name in ["ENGAGE_SERVER__BIND_FILE", "ENGAGE_SMS__ON_CALL_FILE", "ENGAGE_EMAIL__FROM_FILE"]
    {
        assert!(
            refusal("", &[(name, "x")]).contains(&format!("{name} is not a setting")),
            "{name}"
        );
    }
}

#[test]
fn the_servers_secret_is_read_from_a_file_that_is_named_and_exists() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = ("DATABASE_URL", "postgres://db/x");
    let path = written(&folder, "secret", SECRETS[5].1);
    let settings = read("", &[postgres, ("ENGAGE_SERVER__SECRET_FILE", &path)]).unwrap();
    assert!(crate::secret::check(&settings).is_ok());
    // On SQLite, the server creates it.
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();
    let settings = read("", &[("ENGAGE_SERVER__SECRET_FILE", &missing)]).unwrap();
    assert!(settings.server.secret.is_none() && crate::secret::check(&settings).is_ok());
    let settings = read("", &[postgres, ("ENGAGE_SERVER__SECRET_FILE", &missing)]).unwrap();
    let refusal = crate::secret::check(&settings).unwrap_err().to_string();
    assert!(refusal.contains("server.secret_file"), "{refusal}");
}
