//! Notifications: their recipients, their timing and their texts.

use serde_json::json;

use crate::support::{Mail, Server, Store, a_case, case_with, eventually, on_both_stores};

on_both_stores! {
    each_call_notifies_the_recipients_in_the_matrix
    the_emails_of_two_cases_form_two_threads
    the_confirmation_repeats_neither_subject_nor_message
    only_urgent_new_cases_send_text_messages
    nothing_internal_reaches_the_customer
    requests_that_change_nothing_send_no_notifications
    a_message_of_a_staff_member_is_not_sent_back_to_them
    the_matrix_can_be_configured
}

const CUSTOMER: &str = "john@example.com";
const TEAM: &str = "team@desk.example";
const MANAGEMENT: &str = "boss@desk.example";
const JANE: &str = "jane@staff.example";
const SAM: &str = "sam@staff.example";

/// Starts a server with every channel.
async fn start_server(store: Store) -> Server {
    let server = Server::with_staff_and(
        store,
        &[
            ("ENGAGE_EMAIL__FROM", "Acme Help <help@desk.example>"),
            ("ENGAGE_EMAIL__TEAM_INBOX", TEAM),
            ("ENGAGE_EMAIL__MANAGEMENT", MANAGEMENT),
            ("ENGAGE_SMS__ON_CALL", "+15550100777"),
            ("ENGAGE_WEBHOOKS__LOG_ONLY", "true"),
            // The name does not have to resolve.
            ("ENGAGE_WEBHOOKS__ALLOW_PRIVATE_NETWORKS", "true"),
        ],
    )
    .await;
    let endpoint = json!({"url": "https://hooks.example/engage"});
    server.staff_post("/api/internal/webhooks", &endpoint).await.ok();
    server
}

fn lines(server: &Server, what: &str) -> Vec<String> {
    server.log().into_iter().filter(|line| line.contains(what)).collect()
}

fn texts(server: &Server) -> Vec<String> {
    lines(server, "text message (")
}

/// Waits for this many webhooks. By then all other notifications of the last event are delivered.
async fn webhooks_once(server: &Server, count: usize) -> Vec<String> {
    eventually(&format!("{count} webhooks"), || {
        let calls = lines(server, "webhook (logged");
        assert!(calls.len() <= count, "{calls:?}");
        (calls.len() == count).then_some(calls)
    })
    .await
}

/// Waits for new e-mails to exactly these addresses, and returns them sorted by address.
async fn expect_new(server: &Server, known: &mut Vec<Mail>, to: &[&str]) -> Vec<Mail> {
    let mails = server.mails_once(known.len() + to.len()).await;
    let is_new = |mail: &&Mail| known.iter().all(|old| old.file_name != mail.file_name);
    let mut new: Vec<Mail> = mails.iter().filter(is_new).cloned().collect();
    new.sort_by(|a, b| a.to().cmp(b.to()));
    let mut expected = to.to_vec();
    expected.sort_unstable();
    assert_eq!(new.iter().map(Mail::to).collect::<Vec<_>>(), expected, "{new:#?}");
    *known = mails;
    new
}

fn to<'a>(mails: &'a [Mail], address: &str) -> &'a Mail {
    mails.iter().find(|mail| mail.to() == address).unwrap()
}

async fn each_call_notifies_the_recipients_in_the_matrix(store: Store) {
    let server = start_server(store).await;
    let mut mails = Vec::new();

    let number = server.open(&a_case()).await;
    let new = expect_new(&server, &mut mails, &[CUSTOMER, TEAM]).await;
    assert!(to(&new, TEAM).text.contains("Detailed description of the issue..."));
    assert!(to(&new, TEAM).text.contains("John Doe"));
    let calls = webhooks_once(&server, 1).await;
    assert!(calls[0].contains("https://hooks.example/engage") && calls[0].contains(&number));
    eventually("a text message of the urgent case", || (texts(&server).len() == 1).then_some(()))
        .await;
    assert!(texts(&server)[0].contains(&number), "{:?}", texts(&server));

    server.assign(&number, &json!({"staffId": "staff-123"})).await.ok();
    let new = expect_new(&server, &mut mails, &[JANE]).await;
    assert!(new[0].text.contains("Assigned to Jane Smith"), "{new:?}");
    server.assign(&number, &json!({"staffId": "staff-456", "notes": "Over to you"})).await.ok();
    let new = expect_new(&server, &mut mails, &[JANE, SAM]).await;
    assert!(to(&new, JANE).text.contains("Sam Jones"));
    assert!(to(&new, SAM).text.contains("Over to you"));

    server.update(&number, &json!({"message": "We found it."})).await.ok();
    let new = expect_new(&server, &mut mails, &[CUSTOMER, SAM]).await;
    for mail in &new {
        assert!(mail.text.contains("We found it."), "{mail:?}");
    }

    let body = json!({"caseNumber": number, "reason": "Too slow", "newUrgency": "CRITICAL"});
    server.post("/api/support/case/escalate", &body).await.ok();
    let new = expect_new(&server, &mut mails, &[CUSTOMER, SAM, MANAGEMENT]).await;
    assert!(to(&new, MANAGEMENT).text.contains("Too slow"));
    assert!(to(&new, CUSTOMER).text.contains("critical"));
    eventually("a text message of the escalation", || (texts(&server).len() == 2).then_some(()))
        .await;

    let body = json!({"caseNumber": number, "reason": "Solved it"});
    server.post("/api/support/case/cancel", &body).await.ok();
    let new = expect_new(&server, &mut mails, &[CUSTOMER, SAM]).await;
    assert!(to(&new, SAM).text.contains("Solved it"));

    webhooks_once(&server, 6).await;
    assert_eq!(texts(&server).len(), 2);
    assert_eq!(server.mails().len(), mails.len());
    assert_headers(&mails, &number);
}

fn assert_headers(mails: &[Mail], number: &str) {
    for mail in mails {
        assert!(mail.subject().contains(number), "{mail:?}");
        assert_eq!(mail.header("From"), "\"Acme Help\" <help@desk.example>");
        let submitted = mail.headers.iter().find(|(name, _)| name == "Auto-Submitted");
        let submitted = submitted.map(|(_, value)| value.as_str());
        let is_confirmation = mail.text.starts_with("We've received");
        let has_words_of_staff =
            ["We found it.", "Over to you"].iter().any(|words| mail.text.contains(words));
        let expected = match (is_confirmation, has_words_of_staff) {
            (true, _) => Some("auto-replied"),
            (false, true) => None,
            (false, false) => Some("auto-generated"),
        };
        assert_eq!(submitted, expected, "{}", mail.text);
        assert_eq!(mail.number(), number);
        assert_eq!(mail.header("References"), mails[0].header("References"));
        let id = mail.header("Message-ID");
        assert_eq!(id, format!("<{}@desk.example>", mail.file_name));
        assert_ne!(id, mail.header("References"));
        assert!(!mail.header("Date").is_empty());
        assert_eq!(mail.header("MIME-Version"), "1.0");
    }
}

async fn the_emails_of_two_cases_form_two_threads(store: Store) {
    let server = start_server(store).await;
    let (one, two) = (server.open(&a_case()).await, server.open(&a_case()).await);
    let mails = server.mails_once(4).await;
    let references = |number: &str| {
        let of_case: Vec<&Mail> = mails.iter().filter(|mail| mail.number() == number).collect();
        assert_eq!(of_case.len(), 2);
        assert_eq!(of_case[0].header("References"), of_case[1].header("References"));
        of_case[0].header("References").to_owned()
    };
    assert_ne!(references(&one), references(&two));
}

async fn the_confirmation_repeats_neither_subject_nor_message(store: Store) {
    let server = start_server(store).await;
    let mut case = case_with("subject", "Buy cheap watches");
    case["message"] = json!("at http://spam.example now");
    case["organization"] = json!("Spam Ltd");
    case["clientOrProjectName"] = json!("Project Spam");
    let number = server.open(&case).await;
    let mails = server.mails_once(2).await;
    let mail = to(&mails, CUSTOMER);
    assert!(mail.subject().contains(&number) && mail.text.contains(&number));
    for said in ["watches", "spam.example", "Spam Ltd", "Project Spam"] {
        assert!(!String::from_utf8_lossy(&mail.bytes).contains(said), "{said}");
        assert!(!mail.text.contains(said) && !mail.html.contains(said), "{said}");
        assert!(!mail.subject().contains(said), "{said}");
    }
}

async fn only_urgent_new_cases_send_text_messages(store: Store) {
    let server = start_server(store).await;
    for urgency in ["LOW", "MEDIUM", "HIGH", "CRITICAL"] {
        server.open(&case_with("urgency", urgency)).await;
    }
    webhooks_once(&server, 4).await;
    server.mails_once(8).await;
    eventually("two text messages", || (texts(&server).len() >= 2).then_some(())).await;
    let sent = texts(&server);
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_eq!(sent.iter().filter(|line| line.contains("high-urgency")).count(), 1);
    assert_eq!(sent.iter().filter(|line| line.contains("critical-urgency")).count(), 1);
}

async fn nothing_internal_reaches_the_customer(store: Store) {
    let server = start_server(store).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let mut mails = Vec::new();
    expect_new(&server, &mut mails, &[CUSTOMER, TEAM]).await;

    let note = json!({"message": "They never pay.", "isInternal": true});
    server.update(&number, &note).await.ok();
    expect_new(&server, &mut mails, &[TEAM]).await;
    let hidden =
        json!({"message": "Stuck.", "isInternal": true, "statusChange": "WAITING_ON_CUSTOMER"});
    server.update(&number, &hidden).await.ok();
    expect_new(&server, &mut mails, &[TEAM]).await;
    let assign = json!({"staffId": "staff-456", "notes": "Careful with this one."});
    server.assign(&number, &assign).await.ok();
    expect_new(&server, &mut mails, &[SAM]).await;
    server.update(&number, &json!({"message": "Hello John."})).await.ok();
    expect_new(&server, &mut mails, &[CUSTOMER, SAM]).await;

    webhooks_once(&server, 5).await;
    let status = server.post("/api/support/case/status", &json!({"caseNumber": number})).await;
    let status = status.ok().to_string();
    let for_customer = mails.iter().filter(|mail| mail.to() == CUSTOMER);
    let seen = for_customer.flat_map(|mail| [mail.text.clone(), mail.html.clone()]);
    let seen: String = seen.chain([status]).collect();
    // Customers see the name of the member who replied, but none of these.
    for said in ["never pay", "Stuck", "Careful", "Sam", "@staff.example", "5550100"] {
        assert!(!seen.contains(said), "{said}: {seen}");
    }
    assert!(seen.contains("Hello John."));
}

async fn requests_that_change_nothing_send_no_notifications(store: Store) {
    let server = start_server(store).await;
    let number = server.open(&case_with("urgency", "LOW")).await;
    let mut mails = Vec::new();
    expect_new(&server, &mut mails, &[CUSTOMER, TEAM]).await;
    server.assign(&number, &json!({"staffId": "staff-456"})).await.ok();
    expect_new(&server, &mut mails, &[SAM]).await;

    let again = server.assign(&number, &json!({"staffId": "staff-456"})).await.ok();
    assert_eq!(again["version"], 2);
    let same = server.update(&number, &json!({"statusChange": "IN_PROGRESS"})).await.ok();
    assert_eq!((&same["version"], &same["update"]), (&json!(2), &json!(null)));
    for refused in [json!({}), json!({"message": " "}), json!({"statusChange": "CLOSED"})] {
        assert_ne!(server.update(&number, &refused).await.status, 200);
    }

    // Notifications of the next change come after any that the requests before might have caused.
    server.update(&number, &json!({"message": "News."})).await.ok();
    expect_new(&server, &mut mails, &[CUSTOMER, SAM]).await;
    webhooks_once(&server, 3).await;
}

async fn a_message_of_a_staff_member_is_not_sent_back_to_them(store: Store) {
    let server = start_server(store).await;
    let number = server.open(&a_case()).await;
    let mut mails = Vec::new();
    expect_new(&server, &mut mails, &[CUSTOMER, TEAM]).await;
    server.assign(&number, &json!({"staffId": "staff-123"})).await.ok();
    expect_new(&server, &mut mails, &[JANE]).await;
    server.update(&number, &json!({"message": "On it."})).await.ok();
    expect_new(&server, &mut mails, &[CUSTOMER, TEAM]).await;
}

async fn the_matrix_can_be_configured(store: Store) {
    let server = Server::with_staff_and(
        store,
        &[
            ("ENGAGE_NOTIFY__CREATED__EMAIL", "operations"),
            ("ENGAGE_NOTIFY__ASSIGNED__EMAIL", "customer"),
            ("ENGAGE_EMAIL__OPERATIONS", "ops@desk.example"),
            ("ENGAGE_CASE_NUMBER__PREFIX", "HELP"),
        ],
    )
    .await;
    let number = server.open(&a_case()).await;
    assert!(number.starts_with("HELP-"), "{number}");
    let mut mails = Vec::new();
    expect_new(&server, &mut mails, &["ops@desk.example"]).await;
    server.assign(&number, &json!({"staffId": "staff-456"})).await.ok();
    let new = expect_new(&server, &mut mails, &[CUSTOMER]).await;
    assert!(new[0].text.contains("Technical Support"), "{new:?}");
}
