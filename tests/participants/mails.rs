//! E-mails to participants.

use reqwest::Method;
use serde_json::json;

use super::OpenCase;
use crate::support::{Mail, Response, Server, Store, eventually_seen, on_both_stores};

on_both_stores! {
    a_participant_follows_a_case_by_email
    a_participant_hears_nothing_before_the_first_answer_and_after_the_end
}

const ANN: &str = "ann@x.example";

/// Waits for an e-mail to Ann that contains a text.
async fn to_ann(server: &Server, text: &str) -> Mail {
    eventually_seen("an e-mail to the participant", async || {
        let mails = server.mails().into_iter();
        mails.filter(|mail| mail.to() == ANN).find(|mail| words(mail).contains(text))
    })
    .await
}

/// Returns the text of an e-mail without its line ends.
fn words(mail: &Mail) -> String {
    mail.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the token in the link of an e-mail.
fn token(mail: &Mail) -> String {
    let link = mail.text.lines().find(|line| line.contains("/support#")).unwrap();
    link.trim().rsplit('/').next().unwrap().to_owned()
}

/// Returns the templates of the notifications to Ann about a case, newest first.
async fn templates(server: &Server, case: &OpenCase) -> Vec<String> {
    let path = format!("/api/internal/notifications/status?caseNumber={}&limit=100", case.number);
    let listed = server.staff_get(&path).await.ok()["notifications"].clone();
    let listed = listed.as_array().unwrap().iter();
    let of_ann = listed.filter(|told| told["recipient"] == ANN);
    of_ann.map(|told| told["template"].as_str().unwrap().to_owned()).collect()
}

async fn a_participant_follows_a_case_by_email(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    server.update(&case.number, &json!({"message": "Please sign in."})).await.ok();
    case.add(&server, ANN, "START").await;
    let invitation = to_ann(&server, "We've added you to John Doe's support case").await;
    assert_eq!(invitation.subject(), format!("[{}] Support case", case.number));
    let anns = token(&invitation);
    assert!(anns.starts_with("cap_"), "{}", invitation.text);
    assert_eq!(case.read(&server, &anns).await, ["Please sign in."]);

    server.update(&case.number, &json!({"message": "Is it better now?"})).await.ok();
    let update = to_ann(&server, "Is it better now?").await;
    assert!(words(&update).contains("Also to: John Doe"), "{}", update.text);
    assert!(!update.text.contains("john@example.com"), "{}", update.text);

    let reply = case.with(&case.token, &json!({"message": "Not in the least."}));
    server.post("/api/support/case/reply", &reply).await.ok();
    let told = to_ann(&server, "John Doe has written a reply").await;
    assert!(!told.text.contains("Not in the least"), "{}", told.text);

    let reply = case.with(&anns, &json!({"message": "Works for me."}));
    server.post("/api/support/case/reply", &reply).await.ok();
    let of_ann = templates(&server, &case).await;
    let update = "case-updated-participant";
    assert_eq!(of_ann, [update, update, "case-invited-participant"]);
    for mail in server.mails() {
        let is_of_ann = mail.to() == ANN;
        assert_eq!(mail.text.contains("cap_"), is_of_ann, "{}", mail.text);
        assert!(!(is_of_ann && mail.text.contains("cat_")), "{}", mail.text);
    }
}

async fn a_participant_hears_nothing_before_the_first_answer_and_after_the_end(store: Store) {
    let server = Server::with_staff(store).await;
    let case = OpenCase::open(&server).await;
    let ann = case.add(&server, ANN, "NOW").await;
    let reply = case.with(&case.token, &json!({"message": "Anybody there?"}));
    server.post("/api/support/case/reply", &reply).await.ok();
    assert_eq!(templates(&server, &case).await, [""; 0]);

    server.update(&case.number, &json!({"message": "Yes."})).await.ok();
    to_ann(&server, "Yes.").await;
    let path = format!("{}/{ann}", case.path());
    Response::to(server.staff_request(Method::DELETE, &path)).await.ok();
    server.update(&case.number, &json!({"message": "Bye."})).await.ok();
    assert_eq!(templates(&server, &case).await, ["case-updated-participant"]);
}
