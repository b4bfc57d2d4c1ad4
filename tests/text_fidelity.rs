//! Texts are returned exactly as they were written, and are never interpreted.

use serde_json::json;

use crate::support::{Mail, Server, Store, a_case, a_case_of_somebody, case_with, on_both_stores};

on_both_stores! {
    every_text_is_returned_byte_for_byte_by_api_and_email
    white_space_is_trimmed_and_line_endings_are_normalised
    no_field_adds_a_header_or_a_recipient
    the_longest_texts_make_well_formed_emails
    a_subject_that_looks_encoded_is_shown_as_written
    an_address_retains_its_spelling
}

/// Single lines that are easily corrupted.
const LINES: &[&str] = &[
    "Grüße aus Köln, Straße 5 – „heute“",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "e\u{301}a\u{308} \u{e9}\u{e4} Z\u{351}\u{36b}\u{343}a\u{317}\u{351}lgo",
    "العربية ثم English ثم עברית",
    "日本語のテキスト、한국어 텍스트、中文文本",
    "zero\u{200b}width\u{feff}and\u{200f}marks",
    "<script>alert(1)</script> <b>&amp; \"quoted\" 'single'</b>",
    "{{ v.number() }} {% include \"x\" %} {# c #} ${jndi:ldap://x} %s %n #{x}",
    "'; DROP TABLE cases; -- \\' \\\" \\n \\0 \\u0000",
    "Bcc: everyone@example.com",
    "=C3=A9 =? ?= =?x?= a=b=",
    ".leading dot",
    "From the start",
    "-- ",
    "%00%0d%0a+\u{fffd}\u{ffff}\u{10ffff}",
];

fn to<'a>(mails: &'a [Mail], address: &str) -> &'a Mail {
    mails.iter().find(|mail| mail.to() == address).unwrap()
}

/// Checks that an e-mail is well-formed, whatever text it contains.
fn assert_is_sound(mail: &Mail) {
    let expected = [
        "content-type",
        "date",
        "from",
        "in-reply-to",
        "message-id",
        "mime-version",
        "references",
        "subject",
        "to",
        "x-auto-response-suppress",
        "x-case-number",
    ];
    let mut names: Vec<String> = mail.headers.iter().map(|(n, _)| n.to_lowercase()).collect();
    // Absent from e-mails with text written by staff.
    names.retain(|name| name != "auto-submitted");
    names.sort_unstable();
    assert_eq!(names, expected, "{mail:#?}");
    let source = String::from_utf8(mail.bytes.clone()).unwrap();
    let (head, _) = source.split_once("\r\n\r\n").unwrap();
    assert!(head.is_ascii(), "{head}");
    for line in source.split("\r\n") {
        assert!(line.len() <= 998, "a line of {} octets", line.len());
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
    }
}

async fn every_text_is_returned_byte_for_byte_by_api_and_email(store: Store) {
    let server = Server::with_staff(store).await;
    for (index, text) in LINES.iter().enumerate() {
        let prose = format!(
            "{text}\n\n\tindented {text}\n.\n\u{202e}reversed\u{202c}\u{2028}separated\u{2029}{text}"
        );
        let (text, email) = (text.trim(), format!("c{index}@example.com"));
        let case = json!({
            "name": text, "email": email, "organization": text, "clientOrProjectName": text,
            "subject": text, "message": prose,
        });
        let number = server.open(&case).await;
        server.update(&number, &json!({"message": prose})).await.ok();
        server.update(&number, &json!({"message": prose, "isInternal": true})).await.ok();
        let assign = json!({"staffId": "staff-456", "department": text, "notes": prose});
        server.assign(&number, &assign).await.ok();

        let prose = prose.trim();
        let details = server.details(&number).await;
        let case = &details["case"];
        for (part, key, expected) in [
            ("customerInfo", "name", text),
            ("customerInfo", "organization", text),
            ("caseDetails", "clientOrProjectName", text),
            ("caseDetails", "subject", text),
            ("caseDetails", "message", prose),
            ("assignment", "department", text),
        ] {
            assert_eq!(case[part][key], expected, "{key}");
        }
        let announced = format!("Case assigned to {text}");
        for (index, expected) in [prose, prose, announced.as_str(), prose].iter().enumerate() {
            assert_eq!(details["updates"][index]["message"], *expected);
        }
        let status = server.post("/api/support/case/status", &json!({"caseNumber": number})).await;
        let status = status.ok();
        assert_eq!(status["updates"][0]["message"], prose);
        assert_eq!(status["updates"][1]["message"], announced);

        // Two for the opening, two for the public update, one for the internal update and one for
        // the assignment.
        let mails = server.mails_once(6 * (index + 1)).await;
        let mails: Vec<Mail> = mails.into_iter().filter(|mail| mail.number() == number).collect();
        mails.iter().for_each(assert_is_sound);
        assert!(mails.iter().any(|mail| mail.to() == email));
        let to_team = to(&mails, "support@localhost");
        assert_eq!(to_team.subject(), format!("[{number}] {text}"));
        for mail in mails.iter().filter(|mail| mail.text.starts_with("New case")) {
            assert!(mail.text.contains(text) && mail.text.contains(prose), "{mail:#?}");
        }
        let news = mails.iter().filter(|mail| mail.text.starts_with("An update on your case"));
        for mail in news {
            assert!(mail.to() == email && mail.text.contains(prose), "{mail:#?}");
        }
        let confirmed = mails.iter().find(|mail| mail.text.starts_with("We've received")).unwrap();
        // A name that might contain more than a name is not repeated to the owner of the address.
        let greetings = [format!("\nHello {text},\n"), "\nHello,\n".to_owned()];
        assert!(greetings.iter().any(|g| confirmed.text.contains(g)), "{confirmed:#?}");
    }
}

async fn white_space_is_trimmed_and_line_endings_are_normalised(store: Store) {
    let server = Server::with_staff(store).await;
    let mut case = case_with("message", " \r\n one\r\ntwo\rthree\n\n\u{2003}four\t \r\n");
    case["subject"] = json!(" \tA subject\u{a0}\n");
    case["phone"] = json!(" +1 (234) 567-89.0 ");
    case["urgency"] = json!(" high ");
    let number = server.open(&case).await;
    let case = &server.details(&number).await["case"];
    assert_eq!(case["caseDetails"]["message"], "one\ntwo\nthree\n\n\u{2003}four");
    assert_eq!(case["caseDetails"]["subject"], "A subject");
    assert_eq!(case["caseDetails"]["urgency"], "HIGH");
    assert_eq!(case["customerInfo"]["phone"], "+1234567890");
    let mails = server.mails_once(2).await;
    let to_team = to(&mails, "support@localhost");
    assert!(to_team.text.contains("one\ntwo\nthree\n\n\u{2003}four"), "{to_team:#?}");
}

async fn no_field_adds_a_header_or_a_recipient(store: Store) {
    let server = Server::with_staff(store).await;
    for attack in ["a\r\nBcc: evil@example.com", "a\nBcc: evil@example.com", "a\r\n\r\nbody"] {
        for field in ["name", "email", "subject", "organization", "clientOrProjectName", "phone"] {
            let response = server.post("/api/support/case", &case_with(field, attack)).await;
            assert_eq!(response.invalid_fields(), [field]);
        }
        let address = format!("john@example.com{}", &attack[1..]);
        let response = server.post("/api/support/case", &case_with("email", address)).await;
        assert_eq!(response.invalid_fields(), ["email"]);
    }
    for address in ["a@b.c, evil@example.com", "a@b.c>", "<a@b.c>", "A <a@b.c>", "a@b.c;d@e.f"] {
        let response = server.post("/api/support/case", &case_with("email", address)).await;
        assert_eq!(response.invalid_fields(), ["email"]);
    }
    let mut case = case_with("subject", "Bcc: evil@example.com");
    case["message"] =
        json!("\r\n.\r\nMAIL FROM:<evil@example.com>\r\n\r\nTo: evil@example.com\r\n");
    case["name"] = json!("\"X\" <evil@example.com>, Y");
    server.open(&case).await;
    for mail in server.mails_once(2).await {
        assert_is_sound(&mail);
        assert!(["john@example.com", "support@localhost"].contains(&mail.to()));
    }
}

async fn the_longest_texts_make_well_formed_emails(store: Store) {
    let server = Server::with_staff(store).await;
    for (index, filler) in ["x", "\u{e9}", "\u{1f600}", "x ", "=", "\""].iter().enumerate() {
        let fill = |length: usize| filler.chars().cycle().take(length).collect::<String>();
        let mut case = a_case_of_somebody();
        case["subject"] = json!(fill(200));
        case["name"] = json!(fill(200));
        case["message"] = json!(fill(20_000));
        case["organization"] = json!(fill(200));
        let number = server.open(&case).await;
        let mails = server.mails_once(2 * (index + 1)).await;
        let mails: Vec<Mail> = mails.into_iter().filter(|mail| mail.number() == number).collect();
        mails.iter().for_each(assert_is_sound);
        let to_team = to(&mails, "support@localhost");
        assert_eq!(to_team.subject(), format!("[{number}] {}", fill(200).trim()));
        assert!(to_team.text.contains(fill(20_000).trim()), "{filler}");
    }
}

async fn a_subject_that_looks_encoded_is_shown_as_written(store: Store) {
    let server = Server::with_staff(store).await;
    let subject = "=?utf-8?q?Your_account_is_closed?=";
    let number = server.open(&case_with("subject", subject)).await;
    let mails = server.mails_once(2).await;
    let shown = to(&mails, "support@localhost").subject();
    assert_eq!(shown, format!("[{number}] {subject}"));
}

async fn an_address_retains_its_spelling(store: Store) {
    let server = Server::with_staff(store).await;
    for address in ["John.O'Neil+x@Mail.Example.COM", "!#$%&'*+-/=?^_`{|}~@example.com"] {
        let number = server.open(&case_with("email", address)).await;
        let case = &server.details(&number).await["case"];
        assert_eq!(case["customerInfo"]["email"], address);
    }
    let mails = server.mails_once(4).await;
    assert!(mails.iter().any(|mail| mail.to() == "John.O'Neil+x@Mail.Example.COM"));
    assert!(mails.iter().any(|mail| mail.to() == "!#$%&'*+-/=?^_`{|}~@example.com"));
    server.open(&a_case()).await;
}
