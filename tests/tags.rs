//! Tags of cases through the API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, a_case, on_both_stores, send};

on_both_stores! {
    a_case_is_tagged_and_shown_with_its_tags
    tags_are_listed_with_the_number_of_their_active_cases
    a_renamed_tag_is_found_by_both_names
    a_merged_tag_gives_its_cases_to_the_other
    cases_are_filtered_by_tags
    a_case_with_20_tags_gets_no_more
    a_repeated_request_adds_a_tag_once
    many_cases_are_tagged_at_once
    staff_open_a_case_with_tags
    only_supervisors_create_tags_if_so_set
    a_rename_is_an_entry_of_the_audit_log_and_no_event
    customers_do_not_see_tags
}

const TAGS: &str = "/api/internal/support/tags";
const CASES: &str = "/api/internal/support/cases";

async fn tag(server: &Server, number: &str, tags: &[&str]) -> Value {
    server.update(number, &json!({"addTags": tags})).await.ok()
}

async fn tagged(server: &Server, tags: &[&str]) -> String {
    let number = server.open(&a_case()).await;
    if !tags.is_empty() {
        tag(server, &number, tags).await;
    }
    number
}

/// Returns the names of the tags, with the ids and the numbers of cases.
async fn listed(server: &Server, query: &str) -> Vec<(String, String, u64)> {
    let found = server.staff_get(&format!("{TAGS}{query}")).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let read =
        |tag: &Value| (text(&tag["name"]), text(&tag["id"]), tag["activeCases"].as_u64().unwrap());
    found["tags"].as_array().unwrap().iter().map(read).collect()
}

async fn id_of(server: &Server, name: &str) -> String {
    listed(server, &format!("?q={name}")).await.remove(0).1
}

async fn rename(server: &Server, id: &str, name: &str) -> Response {
    let request = server.staff_request(Method::PATCH, &format!("{TAGS}/{id}"));
    Response::to(request.json(&json!({"name": name}))).await
}

async fn merge(server: &Server, from: &str, into: &str) -> Response {
    let body = json!({"from": from, "into": into});
    server.staff_post(&format!("{TAGS}/merge"), &body).await
}

async fn tags_of(server: &Server, number: &str) -> Value {
    server.details(number).await["case"]["caseDetails"]["tags"].clone()
}

async fn matching(server: &Server, filter: &str) -> Vec<String> {
    let path = format!("{CASES}?sortBy=caseNumber&sortOrder=asc&{filter}");
    let list = server.staff_get(&path).await.ok();
    let cases = list["cases"].as_array().unwrap();
    assert_eq!(list["pagination"]["total"], cases.len(), "{filter}");
    cases.iter().map(|case| case["caseNumber"].as_str().unwrap().to_owned()).collect()
}

async fn a_case_is_tagged_and_shown_with_its_tags(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let updated = tag(&server, &number, &["VIP", "Renewal"]).await;
    assert_eq!((&updated["update"], &updated["version"]), (&Value::Null, &json!(2)));
    assert_eq!(tags_of(&server, &number).await, json!(["Renewal", "VIP"]));
    let list = server.staff_get(CASES).await.ok();
    assert_eq!(list["cases"][0]["tags"], json!(["Renewal", "VIP"]));
    let request = server.staff_request(Method::GET, &format!("{CASES}/export?format=csv"));
    let export = send(request).await.text();
    let lines: Vec<_> = export.lines().collect();
    assert!(lines[0].ends_with(",tags"), "{export}");
    assert!(lines[1].ends_with(",\"Renewal,VIP\""), "{export}");

    let path = format!("/api/internal/support/case/{number}");
    let history = server.staff_get(&format!("{path}/history")).await.ok();
    let event = &history["events"][1];
    assert_eq!((&event["type"], &event["isInternal"]), (&json!("case.updated"), &json!(true)));
    let change = json!([{"field": "tags", "from": [], "to": ["Renewal", "VIP"]}]);
    assert_eq!(event["changes"], change);
    let latest = server.staff_get("/api/internal/support/events").await.ok();
    let latest = latest["events"].as_array().unwrap().last().unwrap();
    assert_eq!(latest["data"]["case"]["caseDetails"]["tags"], json!(["Renewal", "VIP"]));

    let update = json!({"addTags": ["Late"], "removeTags": ["vip"], "message": "It is late."});
    server.update(&number, &update).await.ok();
    assert_eq!(tags_of(&server, &number).await, json!(["Late", "Renewal"]));
    let correction = json!({"tags": ["RENEWAL", "New"]});
    let request = server.staff_request(Method::PATCH, &path).json(&correction);
    let corrected = Response::to(request).await.ok();
    assert_eq!(corrected["tags"], json!(["New", "Renewal"]));
    for change in [json!({"addTags": ["new"]}), json!({"removeTags": ["unknown"]})] {
        let nothing = server.update(&number, &change).await.ok();
        assert_eq!(nothing["message"], "Nothing to change");
    }
}

async fn tags_are_listed_with_the_number_of_their_active_cases(store: Store) {
    let server = Server::with_staff(store).await;
    tagged(&server, &["VIP", "beta"]).await;
    tagged(&server, &["vip"]).await;
    let closed = tagged(&server, &["VIP"]).await;
    server.update(&closed, &json!({"statusChange": "CANCELLED"})).await.ok();
    let all = listed(&server, "").await;
    let shown: Vec<_> = all.iter().map(|(name, _, count)| (name.as_str(), *count)).collect();
    assert_eq!(shown, [("beta", 1), ("VIP", 2)]);
    assert_eq!(listed(&server, "?q=VI").await, all[1..]);
    assert_eq!(listed(&server, "?page=2&limit=1").await, all[1..]);
    assert_eq!(listed(&server, "?q=i").await, []);
    for invalid in ["page=0", "q=", "tag=x", &format!("q={}", "x".repeat(41))] {
        let path = format!("{TAGS}?{invalid}");
        server.staff_get(&path).await.refused(400, "VALIDATION_ERROR");
    }
}

async fn a_renamed_tag_is_found_by_both_names(store: Store) {
    let server = Server::with_staff(store).await;
    let number = tagged(&server, &["VIP"]).await;
    let other = tagged(&server, &["Late"]).await;
    let id = id_of(&server, "vip").await;
    let renamed = rename(&server, &id, " Key account ").await.ok();
    assert_eq!(
        (&renamed["tag"]["id"], &renamed["tag"]["name"]),
        (&json!(id), &json!("Key account"))
    );
    assert_eq!(tags_of(&server, &number).await, json!(["Key account"]));
    for name in ["VIP", "key%20account"] {
        let found = matching(&server, &format!("tags={name}")).await;
        assert_eq!(found, std::slice::from_ref(&number));
    }
    // The former name still is this tag.
    tag(&server, &other, &["vip"]).await;
    assert_eq!(tags_of(&server, &other).await, json!(["Key account", "Late"]));
    server.update(&other, &json!({"removeTags": ["VIP"]})).await.ok();
    assert_eq!(tags_of(&server, &other).await, json!(["Late"]));

    let late = id_of(&server, "late").await;
    let refused = rename(&server, &late, "vip").await.refused(409, "CONFLICT");
    assert_eq!(refused, json!({"name": "Key account", "tagId": id}));
    rename(&server, "tag_01jjg00000e008000000000001", "x").await.refused(404, "TAG_NOT_FOUND");
    rename(&server, &late, "a,b").await.refused(400, "VALIDATION_ERROR");
}

async fn a_merged_tag_gives_its_cases_to_the_other(store: Store) {
    let server = Server::with_staff(store).await;
    let (one, both) = (tagged(&server, &["VIP"]).await, tagged(&server, &["VIP", "Key"]).await);
    let (vip, key) = (id_of(&server, "vip").await, id_of(&server, "key").await);
    let merged = merge(&server, &vip, &key).await.ok();
    assert_eq!(merged["tag"]["name"], "Key");
    for number in [&one, &both] {
        assert_eq!(tags_of(&server, number).await, json!(["Key"]));
    }
    for name in ["vip", "Key"] {
        assert_eq!(matching(&server, &format!("tags={name}")).await, [one.clone(), both.clone()]);
    }
    assert_eq!(listed(&server, "").await.len(), 1);
    merge(&server, &vip, &key).await.refused(404, "TAG_NOT_FOUND");
    merge(&server, &key, &key).await.refused(400, "VALIDATION_ERROR");
}

async fn cases_are_filtered_by_tags(store: Store) {
    let server = Server::with_staff(store).await;
    let mut cases = Vec::new();
    for tags in [&["A"][..], &["B"], &["A", "B"], &[]] {
        cases.push(tagged(&server, tags).await);
    }
    for (filter, expected) in [
        ("tags=a,b", vec![0, 1, 2]),
        ("tags=a&tags=x", vec![0, 2]),
        ("tags=x", vec![]),
        ("tagsAll=A,B", vec![2]),
        ("tagsAll=a,x", vec![]),
        ("tagsNone=b", vec![0, 3]),
        ("tagsNone=x", vec![0, 1, 2, 3]),
        ("tags=none", vec![3]),
        ("tags=A&tagsNone=B&status=OPEN", vec![0]),
    ] {
        let expected: Vec<_> =
            expected.into_iter().map(|place: usize| cases[place].clone()).collect();
        assert_eq!(matching(&server, filter).await, expected, "{filter}");
    }
    for invalid in ["tags=", "tags=a,none", "tags=a,,b", "tag=a", "tagsAll=%00"] {
        let path = format!("{CASES}?{invalid}");
        server.staff_get(&path).await.refused(400, "VALIDATION_ERROR");
    }
}

async fn a_case_with_20_tags_gets_no_more(store: Store) {
    let server = Server::with_staff(store).await;
    let full: Vec<_> = (0..20).map(|number| format!("t{number}")).collect();
    let number = server.open(&a_case()).await;
    server.update(&number, &json!({"addTags": full})).await.ok();
    let refused = server.update(&number, &json!({"addTags": ["more"]})).await;
    assert_eq!(refused.refused(409, "LIMIT_REACHED"), json!({"limit": 20}));
    server.update(&number, &json!({"addTags": ["more"], "removeTags": ["T3"]})).await.ok();
}

async fn a_repeated_request_adds_a_tag_once(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    let path = format!("/api/internal/support/case/{number}/update");
    for _ in 0..2 {
        let request = server.staff_request(Method::POST, &path).header("Idempotency-Key", "k1");
        let answer = Response::to(request.json(&json!({"addTags": ["VIP"]}))).await.ok();
        assert_eq!(answer["version"], 2);
    }
    assert_eq!(tags_of(&server, &number).await, json!(["VIP"]));
}

async fn many_cases_are_tagged_at_once(store: Store) {
    let server = Server::with_staff(store).await;
    let numbers = [tagged(&server, &["Old"]).await, tagged(&server, &[]).await];
    let body = json!({"action": "update", "caseNumbers": numbers, "addTags": ["VIP"],
        "removeTags": ["old"]});
    let done = server.staff_post(&format!("{CASES}/bulk"), &body).await.ok();
    assert_eq!(done["succeeded"], 2);
    for number in &numbers {
        assert_eq!(tags_of(&server, number).await, json!(["VIP"]));
    }
    let body = json!({"action": "close", "caseNumbers": numbers, "addTags": ["VIP"]});
    server.staff_post(&format!("{CASES}/bulk"), &body).await.refused(400, "VALIDATION_ERROR");
}

async fn staff_open_a_case_with_tags(store: Store) {
    let server = Server::with_staff(store).await;
    let mut body = a_case();
    body["tags"] = json!(["VIP", "vip", "New"]);
    let opened = server.staff_post(CASES, &body).await.ok();
    let number = opened["caseNumber"].as_str().unwrap();
    assert_eq!(tags_of(&server, number).await, json!(["New", "VIP"]));
    assert_eq!(matching(&server, "tags=new").await, [number]);
}

async fn only_supervisors_create_tags_if_so_set(store: Store) {
    let server = Server::with_staff_and(store, &[("ENGAGE_TAGS__CREATE", "supervisor")]).await;
    let number = tagged(&server, &["VIP"]).await;
    let agent = server.workspace().token("staff-456");
    let update = async |tags: Value| {
        let path = format!("/api/internal/support/case/{number}/update");
        let request = server.request(Method::POST, &path).bearer_auth(&agent);
        Response::to(request.json(&tags)).await
    };
    update(json!({"removeTags": ["VIP"]})).await.ok();
    update(json!({"addTags": ["vip"]})).await.ok();
    let refused = update(json!({"addTags": ["New"]})).await.refused(400, "VALIDATION_ERROR");
    let said = refused["fields"][0]["message"].as_str().unwrap().to_owned();
    assert!(said.contains("New") && said.contains("supervisor"), "{said}");
    assert_eq!(tags_of(&server, &number).await, json!(["VIP"]));
}

async fn a_rename_is_an_entry_of_the_audit_log_and_no_event(store: Store) {
    let server = Server::with_staff(store).await;
    let number = tagged(&server, &["VIP", "Late"]).await;
    let (vip, late) = (id_of(&server, "vip").await, id_of(&server, "late").await);
    let before = server.details(&number).await["case"]["version"].clone();
    for _ in 0..2 {
        rename(&server, &vip, "Key").await.ok();
    }
    merge(&server, &late, &vip).await.ok();
    assert_eq!(server.details(&number).await["case"]["version"], before);
    let log = server.staff_get("/api/internal/audit?action=tag.").await.ok();
    let entries = log["entries"].as_array().unwrap();
    let mut actions: Vec<_> = entries
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), &entry["subject"]))
        .collect();
    actions.sort_unstable_by_key(|(action, _)| *action);
    assert_eq!(actions, [("tag.merged", &json!(vip)), ("tag.renamed", &json!(vip))]);
}

async fn customers_do_not_see_tags(store: Store) {
    let server = Server::with_staff(store).await;
    let number = tagged(&server, &["Troublesome"]).await;
    let look_up = json!({"caseNumber": number, "email": "john@example.com"});
    let status = server.post("/api/support/case/status", &look_up).await.ok().to_string();
    assert!(!status.contains("Troublesome"), "{status}");
    assert!(!status.contains("tags"), "{status}");
}
