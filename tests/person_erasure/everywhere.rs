//! Nothing of an erased person is left in any table and in the log.

use reqwest::Method;
use serde_json::{Value, json};

use super::{begin, erase, finish};
use crate::attachments::kept;
use crate::erasure::a_private_case;
use crate::participants::OpenCase;
use crate::support::{Form, Response, Server, Store, a_case_of_somebody, on_both_stores};

on_both_stores! {
    nothing_of_an_erased_person_is_left
    what_comes_in_after_the_first_pass_is_erased_by_the_second
    a_participant_is_erased_and_the_case_of_the_others_goes_on
    somebody_who_was_the_customer_before_a_correction_is_erased
}

/// Words that must be gone after the erasure.
const PRIVATE: [&str; 20] = [
    "Zelda",
    "Quux",
    "zelda",
    "quux",
    "zq@second",
    "5559876543",
    "Quuxworks",
    "Xyzzy",
    "Frobnicator",
    "frobnicator",
    "plugh",
    "grault",
    "garply",
    "waldo",
    "corge",
    "wibble",
    "wobble",
    "thud",
    "flob",
    "c2VjcmV0",
];

const EMAIL: &str = "Zelda.Quux@person.example";

fn a_private_case_of(email: &str) -> Value {
    let mut case = a_private_case();
    case["email"] = email.into();
    case
}

async fn words_in(server: &Server, store: Store) -> Vec<&'static str> {
    let dump = store.dump(server.workspace()).await;
    PRIVATE.into_iter().filter(|word| dump.contains(word)).collect()
}

fn path(number: &str, end: &str) -> String {
    format!("/api/internal/support/case/{number}/{end}")
}

async fn patch(server: &Server, path: &str, change: &Value) -> Value {
    Response::to(server.staff_request(Method::PATCH, path).json(change)).await.ok()
}

/// Opens a case of the person with a file, a reply, an escalation and a code.
async fn an_own_case(server: &Server) -> String {
    let open = server.request(Method::POST, "/api/support/case");
    let open = open.header("idempotency-key", "open").json(&a_private_case_of(EMAIL));
    let number = Response::to(open).await.ok()["caseNumber"].as_str().unwrap().to_owned();
    let form = Form::default().field("caseNumber", &number).field("message", "garply, as I said");
    let form = form.file("garply.png", "image/png", b"secret");
    Response::to(form.of(server.request(Method::POST, "/api/support/case/reply"))).await.ok();
    server.assign(&number, &json!({"staffId": "staff-456", "notes": "Call Zelda"})).await.ok();
    server.update(&number, &json!({"message": "Dear Zelda, have you tried waldo?"})).await.ok();
    let escalation = json!({"caseNumber": number, "reason": "waldo does not help"});
    server.post("/api/support/case/escalate", &escalation).await.ok();
    let code = json!({"caseNumber": number, "email": EMAIL});
    server.post("/api/support/case/access", &code).await.ok();
    number
}

/// Opens the case of somebody else in which the person takes part and has replied with a file.
async fn a_case_with_the_person(server: &Server) -> (OpenCase, String) {
    let case = OpenCase::open(server).await;
    server.update(&case.number, &json!({"message": "We look into it."})).await.ok();
    let body = json!({"email": EMAIL, "name": "Zelda", "readsFrom": "START"});
    let add = server.staff_request(Method::POST, &path(&case.number, "participants"));
    let added = Response::to(add.header("idempotency-key", &case.number).json(&body)).await.ok();
    let person = added["participants"][0]["id"].as_str().unwrap().to_owned();
    let name = path(&case.number, &format!("participants/{person}"));
    patch(server, &name, &json!({"name": "Zelda Quux"})).await;
    let token = case.token_of(server, EMAIL).await;
    let form = Form::default().field("caseNumber", &case.number).field("accessToken", &token);
    let form = form.field("message", "It says wibble, wobble.");
    let form = form.file("flob.png", "image/png", b"secret");
    let reply = form.of(server.request(Method::POST, "/api/support/case/reply"));
    Response::to(reply.header("idempotency-key", "reply")).await.ok();
    server.update(&case.number, &json!({"message": "Thank you, we have fixed it."})).await.ok();
    (case, token)
}

/// Adds the contact of the person, and others whose notes mention them.
async fn contacts(server: &Server) -> Value {
    let zelda = json!({
        "name": "Zelda Quux",
        "emails": [EMAIL, "zq@second.example"],
        "phone": "+15559876543",
        "notes": "Likes corge.",
    });
    let contact = server.staff_post("/api/internal/contacts", &zelda).await.ok();
    let notes = format!("The boss is Zelda Quux ({EMAIL}).");
    let other = json!({"name": "Ben", "emails": ["ben@person.example"], "notes": notes});
    server.staff_post("/api/internal/contacts", &other).await.ok();
    let acme = json!({"name": "Acme", "customerType": "FREE", "notes": "Ask zq@second.example."});
    server.staff_post("/api/internal/organizations", &acme).await.ok();
    contact["contact"].clone()
}

async fn nothing_of_an_erased_person_is_left(store: Store) {
    let server = Server::with_staff(store).await;
    let contact = contacts(&server).await;
    an_own_case(&server).await;
    server.open(&a_private_case_of("zq@second.example")).await;
    a_case_with_the_person(&server).await;
    // In one more case the person took part and was removed, and in another one they left.
    let (left, token) = a_case_with_the_person(&server).await;
    server.post("/api/support/case/participants/leave", &left.with(&token, &json!({}))).await.ok();
    let removed = OpenCase::open(&server).await;
    let person = removed.add(&server, EMAIL, "NOW").await;
    let remove = path(&removed.number, &format!("participants/{person}"));
    Response::to(server.staff_request(Method::DELETE, &remove)).await.ok();
    let search = "/api/internal/support/cases?q=frobnicator";
    assert_eq!(server.staff_get(search).await.ok()["pagination"]["total"], 2);
    let seen = words_in(&server, store).await;
    // Everything except a word that nobody has written and the contents of files.
    assert_eq!(seen.len(), PRIVATE.len() - 2, "the dump contains everything: {seen:?}");
    assert_eq!(kept(&server), 5);

    let preview = json!({"contactId": contact["id"], "preview": true});
    let preview = erase(&server, &preview).await.ok()["erasure"].clone();
    let counts = json!({"id": null, "state": null, "cases": 2, "entries": 2, "quotes": 0});
    assert_eq!(preview, counts);
    let erased = begin(&server, &json!({"contactId": contact["id"]})).await;
    for field in ["cases", "entries", "quotes"] {
        assert_eq!(erased[field], counts[field], "{erased}");
    }
    assert_eq!(kept(&server), 0);
    let done = finish(&server, store, &erased["id"]).await;
    assert_eq!(done["cases"], 2, "the second pass found nothing new: {done}");

    let left = words_in(&server, store).await;
    assert!(left.is_empty(), "{left:?} are left: {}", store.dump(server.workspace()).await);
    assert_eq!(server.staff_get(search).await.ok()["pagination"]["total"], 0);
    let log = server.log().join("\n");
    assert!(!PRIVATE.iter().any(|word| log.contains(word)), "{log}");
    for list in ["support/cases", "support/events", "contacts", "organizations", "audit"] {
        let listed = server.staff_get(&format!("/api/internal/{list}")).await.ok().to_string();
        assert!(!PRIVATE.iter().any(|word| listed.contains(word)), "{list}: {listed}");
    }
}

async fn what_comes_in_after_the_first_pass_is_erased_by_the_second(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&a_private_case_of(EMAIL)).await;
    let erased = begin(&server, &json!({"email": EMAIL.to_lowercase()})).await;
    assert_eq!(erased["cases"], 1);
    let late = server.open(&a_private_case_of(EMAIL)).await;
    let other = OpenCase::open(&server).await;
    other.add(&server, EMAIL, "NOW").await;
    let done = finish(&server, store, &erased["id"]).await;
    assert_eq!(done["cases"], 2);
    let left = words_in(&server, store).await;
    assert!(left.is_empty(), "{left:?} are left");
    let details = server.details(&late).await;
    assert_eq!(details["case"]["customerInfo"]["name"], "[erased]");
}

async fn a_participant_is_erased_and_the_case_of_the_others_goes_on(store: Store) {
    let server = Server::with_staff(store).await;
    let (case, token) = a_case_with_the_person(&server).await;
    case.add(&server, "ben@person.example", "START").await;
    let quoting = json!({"message": "> It says wibble, wobble.\n\nThat is known."});
    server.update(&case.number, &quoting).await.ok();
    let before = server.details(&case.number).await;
    let erased = begin(&server, &json!({"email": EMAIL})).await;
    assert_eq!(
        (&erased["cases"], &erased["entries"], &erased["quotes"]),
        (&json!(0), &json!(1), &json!(1))
    );

    let after = server.details(&case.number).await;
    assert_eq!(after["case"]["customerInfo"], before["case"]["customerInfo"]);
    assert_eq!(after["case"]["caseDetails"]["status"], before["case"]["caseDetails"]["status"]);
    let listed = server.staff_get(&path(&case.number, "participants")).await.ok();
    let [zelda, ben] = &listed["participants"].as_array().unwrap()[..] else { panic!("{listed}") };
    assert_eq!((&zelda["state"], &zelda["name"]), (&json!("REMOVED"), &Value::Null));
    assert!(zelda["email"].as_str().unwrap().ends_with("@erased.invalid"), "{zelda}");
    assert_eq!(ben["email"], "ben@person.example");
    let updates = after["updates"].as_array().unwrap();
    let theirs = updates.iter().find(|update| update["personId"] == zelda["id"]).unwrap();
    let message = theirs["message"].as_str().unwrap();
    assert!(message.starts_with("Redacted by Jane Smith at "), "{message}");
    assert_eq!(theirs["attachments"], json!([]));
    // The quotation stays, and the history says in which update it is.
    let is_quote = |update: &&Value| update["message"] == quoting["message"];
    let quote = updates.iter().find(is_quote).expect("the quotation stays");
    let history = server.staff_get(&path(&case.number, "history")).await.ok();
    let last = history["events"].as_array().unwrap().last().unwrap();
    let redaction = &last["changes"].as_array().unwrap().last().unwrap()["to"];
    assert_eq!(redaction["updateId"], theirs["id"]);
    assert_eq!(redaction["quotes"][0]["updateId"], quote["id"]);
    // The token of the erased person opens nothing any more.
    let status = case.with(&token, &json!({}));
    server.post("/api/support/case/status", &status).await.refused(404, "CASE_NOT_FOUND");
    let reply = case.with(&case.token, &json!({"message": "Thanks."}));
    server.post("/api/support/case/reply", &reply).await.ok();
    assert!(!server.mails().is_empty());
}

async fn somebody_who_was_the_customer_before_a_correction_is_erased(store: Store) {
    let server = Server::with_staff(store).await;
    let mut body = a_case_of_somebody();
    for field in ["name", "email", "phone"] {
        body[field] = a_private_case_of(EMAIL)[field].clone();
    }
    let number = server.open(&body).await;
    server.mails_once(2).await;
    let correction =
        json!({"name": "Ann Lee", "email": "ann@person.example", "phone": "+15550100911"});
    patch(&server, &format!("/api/internal/support/case/{number}"), &correction).await;
    assert!(words_in(&server, store).await.contains(&"Zelda"));
    let erased = begin(&server, &json!({"email": EMAIL})).await;
    assert_eq!((&erased["cases"], &erased["entries"]), (&json!(0), &json!(0)));
    finish(&server, store, &erased["id"]).await;
    let left = words_in(&server, store).await;
    assert!(left.is_empty(), "{left:?} are left");
    let details = server.details(&number).await;
    assert_eq!(details["case"]["customerInfo"]["email"], "ann@person.example");
    assert_eq!(details["case"]["caseDetails"]["subject"], body["subject"]);
}
