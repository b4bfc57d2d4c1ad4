//! Proven addresses, and the contracts to which they entitle.

use serde_json::{Value, json};

use crate::participants::code_in;
use crate::support::{
    Mail, Response, Server, Store, a_case, case_with, eventually, keys, on_both_stores, timestamp,
};

on_both_stores! {
    a_reply_behind_a_mailed_link_proves_the_address_and_ends_other_tokens
    a_stranger_who_typed_the_address_proves_nothing
    a_code_proves_the_address
    a_proof_entitles_to_the_contract_of_the_organization
    an_unproven_case_shows_nothing_of_the_organization
    a_policy_runs_unproven_cases_as_free
    a_corrected_address_is_unproven
    staff_and_permitted_machines_vouch_for_an_address
}

const STATUS: &str = "/api/support/case/status";
const REPLY: &str = "/api/support/case/reply";

/// A case with what its creator got, and what came to the address.
struct OpenCase {
    number: String,
    given: String,
    mailed: String,
    mark: String,
}

impl OpenCase {
    async fn open(server: &Server, body: &Value) -> Self {
        let opened = server.post("/api/support/case", body).await.ok();
        let number = opened["caseNumber"].as_str().unwrap().to_owned();
        let given = opened["accessToken"].as_str().unwrap().to_owned();
        let (mark, mailed) = eventually("the link", || link_in(&server.mails(), &number)).await;
        Self { number, given, mailed, mark }
    }

    async fn post(&self, server: &Server, path: &str, token: &str, mark: Option<&str>) -> Response {
        let mut body = json!({"caseNumber": self.number, "accessToken": token});
        if path == REPLY {
            body["message"] = "It still says 403.".into();
        }
        let request = server.request(reqwest::Method::POST, path).json(&body);
        Response::to(match mark {
            Some(mark) => request.header("Engage-Link-Mark", mark),
            None => request,
        })
        .await
    }

    async fn prove(&self, server: &Server) {
        self.post(server, REPLY, &self.mailed, Some(&self.mark)).await.ok();
    }

    async fn customer(&self, server: &Server) -> Value {
        server.details(&self.number).await["case"]["customerInfo"].clone()
    }
}

/// Returns the mark and the token in the link of the first e-mail about a case to its customer.
fn link_in(mails: &[Mail], number: &str) -> Option<(String, String)> {
    let mut lines = mails.iter().flat_map(|mail| mail.text.lines());
    let separator = format!("#{number}/");
    let link = lines.find(|line| line.contains("mark=") && line.contains(&separator))?;
    let (page, token) = link.trim().split_once(&separator)?;
    Some((page.rsplit_once("mark=")?.1.to_owned(), token.to_owned()))
}

async fn asking(store: Store) -> Server {
    Server::with_staff_and(store, &[("ENGAGE_CUSTOMERS__ACCESS", "token")]).await
}

async fn with_acme(store: Store) -> Server {
    let server = asking(store).await;
    let target = json!({"firstResponseMinutes": 5, "resolutionMinutes": 60});
    let acme = json!({
        "name": "Acme Inc.", "customerType": "ENTERPRISE", "domains": ["example.com"],
        "slaOverride": {"HIGH": target},
    });
    server.staff_post("/api/internal/organizations", &acme).await.ok();
    server
}

async fn a_reply_behind_a_mailed_link_proves_the_address_and_ends_other_tokens(store: Store) {
    let server = asking(store).await;
    let case = OpenCase::open(&server, &a_case()).await;
    let (mailed, mark) = (case.mailed.as_str(), Some(case.mark.as_str()));
    // Opening the link is no proof: a gateway that checks links does it as well.
    case.post(&server, STATUS, mailed, mark).await.ok();
    assert_eq!(case.customer(&server).await["customerProven"], false);
    case.post(&server, STATUS, &case.given, None).await.ok();

    case.prove(&server).await;
    assert_eq!(case.customer(&server).await["customerProven"], true);
    case.post(&server, STATUS, &case.given, None).await.refused(404, "CASE_NOT_FOUND");
    case.post(&server, STATUS, mailed, None).await.refused(404, "CASE_NOT_FOUND");
    // Who has proven it goes on with the same link.
    case.post(&server, STATUS, mailed, mark).await.ok();
    case.post(&server, REPLY, mailed, mark).await.ok();

    let path = format!("/api/internal/support/case/{}/history", case.number);
    let events = server.staff_get(&path).await.ok()["events"].clone();
    let proofs: Vec<_> = events
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|event| event["changes"].as_array().unwrap())
        .filter(|change| change["field"] == "customerProven")
        .collect();
    assert_eq!(proofs, [&json!({"field": "customerProven", "from": false, "to": true})]);

    let contacts = server.staff_get("/api/internal/contacts?email=john@example.com").await.ok();
    assert_eq!(contacts["contacts"][0]["name"], "John Doe");
    assert_eq!(contacts["contacts"][0]["phone"], Value::Null);

    let rotate = format!("/api/internal/support/case/{}/access/rotate", case.number);
    server.staff_post(&rotate, &json!({})).await.ok();
    case.post(&server, STATUS, mailed, mark).await.refused(404, "CASE_NOT_FOUND");
}

async fn a_stranger_who_typed_the_address_proves_nothing(store: Store) {
    let server = with_acme(store).await;
    let case = OpenCase::open(&server, &a_case()).await;
    // The stranger has a case of their own, and so a mark.
    let own = OpenCase::open(&server, &case_with("email", "mallory@x.example")).await;
    for mark in [None, Some(own.mark.as_str()), Some("AAAAAAAAAAAAAAAAAAAAAA"), Some("")] {
        case.post(&server, REPLY, &case.given, mark).await.ok();
        let customer = case.customer(&server).await;
        assert_eq!(customer["customerProven"], false, "{mark:?}");
        assert_eq!(customer["entitlement"], "CLAIMED", "{mark:?}");
    }
    let refused = case.post(&server, STATUS, &own.given, Some(&case.mark)).await;
    refused.refused(404, "CASE_NOT_FOUND");
    let contacts = server.staff_get("/api/internal/contacts").await.ok();
    assert_eq!(contacts["contacts"], json!([]), "nobody has proven anything");
}

async fn a_code_proves_the_address(store: Store) {
    let server = with_acme(store).await;
    let case = OpenCase::open(&server, &a_case()).await;
    let claim = json!({"caseNumber": case.number, "email": "john@example.com"});
    server.post("/api/support/case/access", &claim).await.ok();
    let code = eventually("a code", || code_in(&server.mails(), "john@example.com")).await;
    let claim = json!({"caseNumber": case.number, "email": "john@example.com", "code": code});
    let redeemed = server.post("/api/support/case/access/redeem", &claim).await.ok();
    let customer = case.customer(&server).await;
    assert_eq!(customer["customerProven"], true);
    assert_eq!(customer["entitlement"], "VERIFIED");
    let token = redeemed["accessToken"].as_str().unwrap();
    case.post(&server, STATUS, token, None).await.ok();
    case.post(&server, STATUS, &case.given, None).await.refused(404, "CASE_NOT_FOUND");
    // A code revokes the links as well.
    let earlier = case.post(&server, STATUS, &case.mailed, Some(&case.mark)).await;
    earlier.refused(404, "CASE_NOT_FOUND");
}

async fn a_proof_entitles_to_the_contract_of_the_organization(store: Store) {
    let server = with_acme(store).await;
    let case = OpenCase::open(&server, &a_case()).await;
    let before = server.details(&case.number).await;
    assert_eq!(before["case"]["customerInfo"]["customerType"], "BUSINESS");
    case.prove(&server).await;
    let after = server.details(&case.number).await;
    let customer = &after["case"]["customerInfo"];
    assert_eq!(customer["customerType"], "ENTERPRISE");
    assert_eq!(customer["claimedCustomerType"], "BUSINESS");
    assert_eq!(customer["entitlement"], "VERIFIED");
    let target = json!({"firstResponseMinutes": 5, "resolutionMinutes": 60});
    assert_eq!(customer["slaTargets"], json!({"HIGH": target}));
    let due = |details: &Value| details["case"]["timeline"]["firstResponseDue"].to_string();
    assert!(due(&after) < due(&before), "five minutes instead of four hours");
    assert_eq!(
        after["sla"]["firstResponse"]["dueAt"],
        after["case"]["timeline"]["firstResponseDue"]
    );
    let escalated = json!({"reason": "It is down."});
    let path = format!("/api/internal/support/case/{}/escalate", case.number);
    server.staff_post(&path, &escalated).await.ok();
    assert_eq!(case.customer(&server).await["entitlement"], "VERIFIED");

    // Changes of the organization hold for cases that are proven later.
    let later = OpenCase::open(&server, &a_case()).await;
    let listed = server.staff_get("/api/internal/organizations").await.ok();
    let id = listed["organizations"][0]["id"].as_str().unwrap().to_owned();
    let change = json!({"customerType": "FREE", "slaOverride": null});
    let path = format!("/api/internal/organizations/{id}");
    Response::to(server.staff_request(reqwest::Method::PATCH, &path).json(&change)).await.ok();
    assert_eq!(case.customer(&server).await["customerType"], "ENTERPRISE");
    later.prove(&server).await;
    let customer = later.customer(&server).await;
    assert_eq!(
        (&customer["customerType"], &customer["entitlement"]),
        (&json!("FREE"), &json!("VERIFIED"))
    );
}

async fn an_unproven_case_shows_nothing_of_the_organization(store: Store) {
    let plain = asking(store).await;
    let with_contract = with_acme(store).await;
    let mut seen = Vec::new();
    for server in [&plain, &with_contract] {
        let case = OpenCase::open(server, &a_case()).await;
        let shown = case.post(server, STATUS, &case.given, None).await.ok();
        let details = server.details(&case.number).await;
        let left = |at: &Value| {
            let timeline = &details["case"]["timeline"];
            let millis = |at: &Value| timestamp(at).as_millisecond();
            millis(at) - millis(&timeline["createdAt"])
        };
        seen.push((
            keys(&shown).iter().map(|key| (*key).to_owned()).collect::<Vec<_>>(),
            details["case"]["caseDetails"]["priorityScore"].clone(),
            left(&details["case"]["timeline"]["estimatedResolution"]),
            left(&details["case"]["timeline"]["firstResponseDue"]),
        ));
    }
    assert_eq!(seen[0], seen[1]);
}

async fn a_policy_runs_unproven_cases_as_free(store: Store) {
    let settings = [("ENGAGE_CUSTOMERS__UNKNOWN_TYPE", "free")];
    let server = Server::with_staff_and(store, &settings).await;
    let case = OpenCase::open(&server, &case_with("customerType", "ENTERPRISE")).await;
    let customer = case.customer(&server).await;
    assert_eq!(customer["customerType"], "FREE");
    assert_eq!(customer["claimedCustomerType"], "ENTERPRISE");
    let listed = server.staff_get("/api/internal/support/cases?customerType=FREE").await.ok();
    assert_eq!(listed["pagination"]["total"], 1);
    // Without a contract, a proof changes no type.
    case.prove(&server).await;
    let customer = case.customer(&server).await;
    assert_eq!(
        (&customer["customerProven"], &customer["customerType"]),
        (&json!(true), &json!("FREE"))
    );
}

async fn a_corrected_address_is_unproven(store: Store) {
    let server = with_acme(store).await;
    let case = OpenCase::open(&server, &a_case()).await;
    case.prove(&server).await;
    let path = format!("/api/internal/support/case/{}", case.number);
    let body = json!({"email": "jd@person.example"});
    Response::to(server.staff_request(reqwest::Method::PATCH, &path).json(&body)).await.ok();
    let customer = case.customer(&server).await;
    assert_eq!(customer["customerProven"], false);
    assert_eq!(
        (&customer["entitlement"], &customer["customerType"]),
        (&json!("CLAIMED"), &json!("BUSINESS"))
    );
    assert_eq!(customer["slaTargets"], Value::Null);
    let earlier = case.post(&server, STATUS, &case.mailed, Some(&case.mark)).await;
    earlier.refused(404, "CASE_NOT_FOUND");
}

async fn staff_and_permitted_machines_vouch_for_an_address(store: Store) {
    let mut server = with_acme(store).await;
    let cases = "/api/internal/support/cases";
    let opened = server.staff_post(cases, &case_with("customerProven", true)).await.ok();
    let customer = server.details(opened["caseNumber"].as_str().unwrap()).await["case"].clone();
    assert_eq!(customer["customerInfo"]["entitlement"], "VERIFIED");
    assert_eq!(customer["customerInfo"]["customerProven"], true);

    let mut by_phone = case_with("customerProven", true);
    by_phone.as_object_mut().unwrap().remove("email");
    let refused = server.staff_post(cases, &by_phone).await;
    assert_eq!(refused.invalid_fields(), ["customerProven"]);

    for (name, scopes, is_permitted) in [
        ("form", json!(["cases.open"]), false),
        ("login", json!(["cases.open", "customers.prove"]), true),
    ] {
        let admin = server.token().to_owned();
        let member = json!({"id": name, "name": name, "role": "SERVICE", "scopes": scopes});
        server.staff_post("/api/internal/staff", &member).await.ok();
        let path = format!("/api/internal/staff/{name}/tokens");
        let made = server.staff_post(&path, &json!({"name": "its own"})).await.ok();
        server.use_token(made["token"].as_str().unwrap().to_owned());
        let opened = server.staff_post(cases, &case_with("customerProven", true)).await;
        server.use_token(admin);
        if is_permitted {
            opened.ok();
        } else {
            opened.refused(403, "FORBIDDEN");
        }
    }
}
