//! Lists and exports of the cases of a contact, and of those with a participant.

use reqwest::Method;
use serde_json::{Value, json};

use super::{add, add_organization, patch, remove};
use crate::participants::OpenCase;
use crate::support::{Response, Server, Store, case_with, on_both_stores};

on_both_stores! {
    the_cases_of_a_contact_are_those_of_its_addresses
    cases_are_listed_by_the_addresses_of_participants
    a_merged_contact_has_the_cases_of_both
    the_cases_of_a_contact_are_paged_and_exported
    the_cases_of_an_organization_are_those_of_its_people
    an_invalid_contact_or_participant_is_reported
}

const CASES: &str = "/api/internal/support/cases";

/// Returns the numbers of the listed cases, the smallest first.
async fn numbers(server: &Server, filter: &str) -> Vec<String> {
    let path = format!("{CASES}?sortBy=caseNumber&sortOrder=asc&{filter}");
    let list = server.staff_get(&path).await.ok();
    let cases = list["cases"].as_array().unwrap();
    assert_eq!(list["pagination"]["total"], cases.len(), "{filter}");
    cases.iter().map(|case| case["caseNumber"].as_str().unwrap().to_owned()).collect()
}

fn of(contact: &Value) -> String {
    format!("contactId={}", contact["id"].as_str().unwrap())
}

/// Opens a case with a participant. Returns its number and the id of the participant.
async fn open_with(server: &Server, participant: &str) -> (String, String) {
    let case = OpenCase::open(server).await;
    let person = case.add(server, participant, "NOW").await;
    (case.number, person)
}

async fn remove_participant(server: &Server, (number, person): &(String, String)) {
    let path = format!("/api/internal/support/case/{number}/participants/{person}");
    Response::to(server.staff_request(Method::DELETE, &path)).await.ok();
}

async fn the_cases_of_a_contact_are_those_of_its_addresses(store: Store) {
    let server = Server::with_staff(store).await;
    let own = server.open(&case_with("email", "Ann@X.example")).await;
    let other = open_with(&server, "a.lee@x.example").await;
    open_with(&server, "bob@x.example").await;
    let body = json!({"name": "Ann Lee", "emails": ["ann@x.example", "A.Lee@X.example"]});
    let ann = add(&server, &body).await;
    assert_eq!(numbers(&server, &of(&ann)).await, [own.clone(), other.0.clone()]);
    let narrowed = format!("{}&participantEmail=a.lee@x.example", of(&ann));
    assert_eq!(numbers(&server, &narrowed).await, std::slice::from_ref(&other.0));
    let narrowed = format!("{}&customerEmail=ann@x.example&status=OPEN", of(&ann));
    assert_eq!(numbers(&server, &narrowed).await, std::slice::from_ref(&own));

    patch(&server, &ann, &json!({"emails": ["a.lee@x.example"]})).await.ok();
    assert_eq!(numbers(&server, &of(&ann)).await, std::slice::from_ref(&other.0));
    remove_participant(&server, &other).await;
    assert_eq!(numbers(&server, &of(&ann)).await, [""; 0]);
    patch(&server, &ann, &json!({"emails": ["ann@x.example"]})).await.ok();
    assert_eq!(numbers(&server, &of(&ann)).await, [own]);
    patch(&server, &ann, &json!({"emails": []})).await.ok();
    assert_eq!(numbers(&server, &of(&ann)).await, [""; 0]);
    remove(&server, &ann).await.ok();
    assert_eq!(numbers(&server, &of(&ann)).await, [""; 0]);
}

async fn cases_are_listed_by_the_addresses_of_participants(store: Store) {
    let server = Server::with_staff(store).await;
    server.open(&case_with("email", "ann@x.example")).await;
    let first = open_with(&server, "Ann@X.example").await;
    let second = open_with(&server, "info@b\u{fc}cher.example").await;
    let ann = "participantEmail=ANN@x.example";
    assert_eq!(numbers(&server, ann).await, std::slice::from_ref(&first.0));
    let both = "participantEmail=ann@x.example,Info@XN--BCHER-KVA.example";
    assert_eq!(numbers(&server, both).await, [first.0.clone(), second.0]);
    remove_participant(&server, &first).await;
    assert_eq!(numbers(&server, ann).await, [""; 0]);
}

async fn a_merged_contact_has_the_cases_of_both(store: Store) {
    let server = Server::with_staff(store).await;
    let first = server.open(&case_with("email", "ann@x.example")).await;
    let second = server.open(&case_with("email", "a.lee@x.example")).await;
    let into = add(&server, &json!({"name": "Ann Lee", "emails": ["ann@x.example"]})).await;
    let from = add(&server, &json!({"name": "A. Lee", "emails": ["a.lee@x.example"]})).await;
    assert_eq!(numbers(&server, &of(&into)).await, std::slice::from_ref(&first));
    let merge = json!({"into": into["id"], "from": from["id"]});
    server.staff_post("/api/internal/contacts/merge", &merge).await.ok();
    assert_eq!(numbers(&server, &of(&into)).await, [first, second]);
    assert_eq!(numbers(&server, &of(&from)).await, [""; 0]);
}

async fn the_cases_of_a_contact_are_paged_and_exported(store: Store) {
    let server = Server::with_staff(store).await;
    let first = server.open(&case_with("email", "ann@x.example")).await;
    let (second, _) = open_with(&server, "ann@x.example").await;
    open_with(&server, "bob@x.example").await;
    let ann = add(&server, &json!({"name": "Ann Lee", "emails": ["ann@x.example"]})).await;
    let filter = format!("{}&sortBy=caseNumber&sortOrder=asc", of(&ann));
    let page = server.staff_get(&format!("{CASES}?limit=1&{filter}")).await.ok();
    assert_eq!(
        (&page["pagination"]["total"], page["cases"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
    let cursor = page["pagination"]["nextCursor"].as_str().unwrap();
    let next = server.staff_get(&format!("{CASES}?limit=1&{filter}&cursor={cursor}")).await.ok();
    assert_eq!(next["cases"][0]["caseNumber"], second.as_str());
    assert_eq!(next["pagination"]["nextCursor"], Value::Null);

    for filter in [filter, "participantEmail=ann@x.example".to_owned()] {
        let path = format!("{CASES}/export?format=ndjson&{filter}");
        let export = server.staff_request(Method::GET, &path).send().await.unwrap();
        let text = export.text().await.unwrap();
        let exported: Vec<String> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["caseNumber"].clone())
            .map(|number| number.as_str().unwrap().to_owned())
            .collect();
        let is_of_contact = filter.starts_with("contactId");
        let expected =
            if is_of_contact { vec![first.clone(), second.clone()] } else { vec![second.clone()] };
        assert_eq!(exported, expected, "{filter}");
    }
}

async fn the_cases_of_an_organization_are_those_of_its_people(store: Store) {
    let server = Server::with_staff(store).await;
    let own = server.open(&case_with("email", "Ann@Acme.example")).await;
    let (participating, _) = open_with(&server, "bob@acme.example").await;
    let guest = server.open(&case_with("email", "guest@home.example")).await;
    server.open(&case_with("email", "ann@mail.acme.example")).await;
    let acme = add_organization(&server, &["acme.example"]).await;
    let other = add_organization(&server, &["other.example"]).await;
    let of =
        |organization: &Value| format!("organizationId={}", organization["id"].as_str().unwrap());
    assert_eq!(numbers(&server, &of(&acme)).await, [own.clone(), participating.clone()]);
    assert_eq!(numbers(&server, &of(&other)).await, [""; 0]);

    let body = |email: &str, organization: &Value| json!({"name": "A person", "emails": [email], "organizationId": organization["id"]});
    add(&server, &body("guest@home.example", &acme)).await;
    let ann = add(&server, &body("ann@acme.example", &other)).await;
    assert_eq!(numbers(&server, &of(&acme)).await, [participating.clone(), guest.clone()]);
    assert_eq!(numbers(&server, &of(&other)).await, std::slice::from_ref(&own));
    patch(&server, &ann, &json!({"organizationId": null})).await.ok();
    assert_eq!(numbers(&server, &of(&other)).await, [""; 0]);
    assert_eq!(numbers(&server, &of(&acme)).await, [participating.clone(), guest.clone()]);
    patch(&server, &ann, &json!({"organizationByDomain": true})).await.ok();
    let all = [own, participating.clone(), guest];
    assert_eq!(numbers(&server, &of(&acme)).await, all);

    let narrowed = format!("{}&participantEmail=bob@acme.example", of(&acme));
    assert_eq!(numbers(&server, &narrowed).await, [participating]);
    let both = format!("{}&contactId={}", of(&acme), ann["id"].as_str().unwrap());
    assert_eq!(numbers(&server, &both).await, all[..1]);
    let path = format!("{CASES}/export?format=ndjson&{}", of(&acme));
    let export = server.staff_request(Method::GET, &path).send().await.unwrap();
    assert_eq!(export.text().await.unwrap().lines().count(), all.len());
    remove(&server, &acme).await.ok();
    assert_eq!(numbers(&server, &of(&acme)).await, [""; 0]);
}

async fn an_invalid_contact_or_participant_is_reported(store: Store) {
    let server = Server::with_staff(store).await;
    let ann = add(&server, &json!({"name": "Ann Lee"})).await;
    for path in [CASES.to_owned(), format!("{CASES}/export")] {
        for (query, field) in [
            ("contactId=nonsense".to_owned(), "contactId"),
            ("contactId=".to_owned(), "contactId"),
            (format!("{0}&{0}", of(&ann)), "contactId"),
            ("organizationId=nonsense".to_owned(), "organizationId"),
            ("organizationId=".to_owned(), "organizationId"),
            ("participantEmail=nonsense".to_owned(), "participantEmail"),
            ("participantEmail=".to_owned(), "participantEmail"),
        ] {
            let refused = server.staff_get(&format!("{path}?{query}")).await;
            assert_eq!(refused.invalid_fields(), [field], "{path} {query}");
        }
    }
}
