//! Management of staff by administrators through the API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, Server, Store, a_case, keys, on_both_stores, timestamp};

on_both_stores! {
    a_member_is_added_read_changed_and_listed
    an_id_is_derived_from_the_address_if_none_is_given
    a_used_id_or_address_is_a_conflict_that_names_it
    all_errors_of_a_member_are_reported_at_once
    omitted_fields_stay_and_null_removes
    a_former_member_has_no_access_and_gets_no_cases
    a_member_who_comes_back_needs_a_new_token
    the_last_administrator_cannot_step_down_or_leave
    an_unknown_member_is_not_found
    members_are_filtered_and_paged
    colleagues_see_only_the_fields_needed_to_assign_cases
}

const STAFF: &str = "/api/internal/staff";

async fn add(server: &Server, body: &Value) -> Response {
    server.staff_post(STAFF, body).await
}

async fn change(server: &Server, id: &str, body: &Value) -> Response {
    Response::to(server.staff_request(Method::PATCH, &format!("{STAFF}/{id}")).json(body)).await
}

async fn deactivate(server: &Server, id: &str) -> Response {
    server.staff_post(&format!("{STAFF}/{id}/deactivate"), &json!({})).await
}

async fn read(server: &Server, id: &str) -> Value {
    server.staff_get(&format!("{STAFF}/{id}")).await.ok()["staff"].clone()
}

async fn list(server: &Server, query: &str) -> Value {
    server.staff_get(&format!("{STAFF}?{query}")).await.ok()
}

fn ids(response: &Value) -> Vec<&str> {
    response["staff"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

fn ben() -> Value {
    json!({
        "id": "ben", "name": "Ben 你好", "email": "Ben@desk.example", "role": "supervisor",
        "department": "Billing", "phone": "+49 (89) 123456",
    })
}

async fn a_member_is_added_read_changed_and_listed(store: Store) {
    let server = Server::with_staff(store).await;
    let mut member = add(&server, &ben()).await.ok()["staff"].clone();
    assert_eq!(
        keys(&member),
        [
            "active",
            "createdAt",
            "deactivatedAt",
            "department",
            "email",
            "id",
            "name",
            "phone",
            "role"
        ]
    );
    timestamp(&member["createdAt"]);
    let mut expected = ben();
    expected["role"] = json!("SUPERVISOR");
    expected["phone"] = json!("+4989123456");
    expected["active"] = json!(true);
    expected["deactivatedAt"] = Value::Null;
    expected["createdAt"] = member["createdAt"].clone();
    assert_eq!(member, expected);
    assert_eq!(read(&server, "ben").await, member);

    let changed = change(&server, "ben", &json!({"role": "AGENT", "name": "Benjamin"})).await;
    member["role"] = json!("AGENT");
    member["name"] = json!("Benjamin");
    assert_eq!(changed.ok()["staff"], member);
    assert_eq!(read(&server, "ben").await, member);
    let listed = list(&server, "").await;
    assert_eq!(ids(&listed), ["ben", "staff-123", "staff-456"]);
    assert_eq!(listed["staff"][0], member);

    // The new member is a member like any other.
    let number = server.open(&a_case()).await;
    server.assign(&number, &json!({"staffId": "ben"})).await.ok();
    assert_eq!(server.details(&number).await["case"]["assignment"]["assignedTo"], "ben");
}

async fn an_id_is_derived_from_the_address_if_none_is_given(store: Store) {
    let server = Server::with_staff(store).await;
    for (email, expected) in [
        ("Jane.Smith@a.example", "jane-smith"),
        ("jane-smith@b.example", "jane-smith-2"),
        ("jane+smith@c.example", "jane-smith-3"),
        ("staff-123@d.example", "staff-123-2"),
    ] {
        let body = json!({"name": "Jane", "email": email, "role": "AGENT"});
        assert_eq!(add(&server, &body).await.ok()["staff"]["id"], expected);
    }
}

async fn a_used_id_or_address_is_a_conflict_that_names_it(store: Store) {
    let server = Server::with_staff(store).await;
    add(&server, &ben()).await.ok();
    deactivate(&server, "ben").await.ok();
    for id in ["ben", "staff-456"] {
        let body = json!({"id": id, "name": "N", "email": "new@desk.example", "role": "AGENT"});
        let details = add(&server, &body).await.refused(409, "CONFLICT");
        assert_eq!(details, json!({"id": id}));
    }
    for email in ["BEN@desk.example", "sam@STAFF.example"] {
        let body = json!({"name": "N", "email": email, "role": "AGENT"});
        let details = add(&server, &body).await.refused(409, "CONFLICT");
        assert_eq!(details, json!({"email": email}));
        let details = change(&server, "staff-123", &json!({"email": email})).await;
        assert_eq!(details.refused(409, "CONFLICT"), json!({"email": email}));
    }
    assert_eq!(list(&server, "").await["pagination"]["total"], 3);
    assert_eq!(read(&server, "staff-123").await["email"], "jane@staff.example");
}

async fn all_errors_of_a_member_are_reported_at_once(store: Store) {
    let server = Server::with_staff(store).await;
    let missing = add(&server, &json!({})).await;
    assert_eq!(missing.invalid_fields(), ["name", "email", "role"]);
    let bad = json!({
        "id": "Not An Id", "name": "x".repeat(201), "email": "nobody", "role": "BOSS",
        "department": "a\u{0}b", "phone": "12",
    });
    let fields = ["id", "name", "email", "role", "department", "phone"];
    assert_eq!(add(&server, &bad).await.invalid_fields(), fields);
    let of_change = ["name", "email", "role", "department", "phone", "id"];
    assert_eq!(change(&server, "staff-456", &bad).await.invalid_fields(), of_change);
    change(&server, "staff-456", &json!({"active": "no"})).await.refused(400, "MALFORMED_JSON");
    let query = format!("{STAFF}?role=BOSS&active=maybe&page=0&limit=101");
    let fields = server.staff_get(&query).await.invalid_fields();
    assert_eq!(fields, ["active", "role", "page", "limit"]);
}

async fn omitted_fields_stay_and_null_removes(store: Store) {
    let server = Server::with_staff(store).await;
    let before = add(&server, &ben()).await.ok()["staff"].clone();
    for nothing in [json!({}), json!({"name": " ", "email": "", "role": ""})] {
        change(&server, "ben", &nothing).await.refused(400, "VALIDATION_ERROR");
    }
    let same = json!({"name": null, "active": true});
    assert_eq!(change(&server, "ben", &same).await.ok()["staff"], before);
    let mut expected = before;
    expected["department"] = Value::Null;
    let changed = change(&server, "ben", &json!({"department": null})).await.ok();
    assert_eq!(changed["staff"], expected);
    expected["phone"] = Value::Null;
    assert_eq!(change(&server, "ben", &json!({"phone": null})).await.ok()["staff"], expected);
    assert_eq!(read(&server, "ben").await, expected);
}

async fn a_former_member_has_no_access_and_gets_no_cases(store: Store) {
    let server = Server::with_staff(store).await;
    let number = server.open(&a_case()).await;
    server.assign(&number, &json!({"staffId": "staff-456"})).await.ok();
    let token = server.workspace().token("staff-456");
    let cases = || server.request(Method::GET, "/api/internal/support/cases").bearer_auth(&token);
    Response::to(cases()).await.ok();

    let left = deactivate(&server, "staff-456").await.ok()["staff"].clone();
    Response::to(cases()).await.refused(401, "UNAUTHORIZED");
    assert_eq!(left["active"], false);
    timestamp(&left["deactivatedAt"]);
    // A former member is still shown in existing cases, and cannot be deactivated again.
    let details = server.details(&number).await;
    assert_eq!(details["case"]["assignment"]["assignedTo"], "staff-456");
    assert_eq!(deactivate(&server, "staff-456").await.ok()["staff"], left);
    let another = server.open(&a_case()).await;
    let assigned = server.assign(&another, &json!({"staffId": "staff-456"})).await;
    assigned.refused(404, "STAFF_NOT_FOUND");
}

async fn a_member_who_comes_back_needs_a_new_token(store: Store) {
    let server = Server::with_staff(store).await;
    let token = server.workspace().token("staff-456");
    change(&server, "staff-456", &json!({"active": false})).await.ok();
    let back = change(&server, "staff-456", &json!({"active": true})).await.ok();
    assert_eq!(back["staff"]["active"], true);
    assert_eq!(back["staff"]["deactivatedAt"], Value::Null);
    let cases = |token: &str| {
        Response::to(server.request(Method::GET, "/api/internal/support/cases").bearer_auth(token))
    };
    cases(&token).await.refused(401, "UNAUTHORIZED");
    cases(&server.workspace().token("staff-456")).await.ok();
}

async fn the_last_administrator_cannot_step_down_or_leave(store: Store) {
    let server = Server::with_staff(store).await;
    for refused in [
        deactivate(&server, "staff-123").await,
        change(&server, "staff-123", &json!({"role": "SUPERVISOR"})).await,
        change(&server, "staff-123", &json!({"active": false})).await,
    ] {
        assert_eq!(refused.refused(409, "LAST_ADMIN"), json!({"staffId": "staff-123"}));
    }
    let refusal = server.workspace().run(&["staff", "deactivate", "staff-123"]).refusal();
    assert!(refusal.contains("the last active administrator"), "{refusal}");
    change(&server, "staff-456", &json!({"role": "ADMIN"})).await.ok();
    change(&server, "staff-123", &json!({"role": "AGENT"})).await.ok();
    // The new role applies from the next request on.
    let details = add(&server, &ben()).await.refused(403, "FORBIDDEN");
    assert_eq!(details, json!({"requiredRole": "ADMIN"}));
}

async fn an_unknown_member_is_not_found(store: Store) {
    let server = Server::with_staff(store).await;
    for id in ["nobody", "Not-an-id", "%20"] {
        let got = server.staff_get(&format!("{STAFF}/{id}")).await;
        let changed = change(&server, id, &json!({"name": "N"})).await;
        for response in [got, changed, deactivate(&server, id).await] {
            let details = response.refused(404, "STAFF_NOT_FOUND");
            assert_eq!(details, json!({"staffId": id.replace("%20", "")}));
        }
    }
}

async fn members_are_filtered_and_paged(store: Store) {
    let server = Server::with_staff(store).await;
    for number in 1..=5 {
        let body = json!({
            "id": format!("m-{number}"), "name": "N", "email": format!("m{number}@desk.example"),
            "role": if number == 5 { "SUPERVISOR" } else { "AGENT" }, "department": "Billing",
        });
        add(&server, &body).await.ok();
    }
    deactivate(&server, "m-1").await.ok();
    let second = list(&server, "limit=3&page=2").await;
    assert_eq!(ids(&second), ["m-4", "m-5", "staff-123"]);
    assert_eq!(second["pagination"], json!({"page": 2, "limit": 3, "total": 7, "pages": 3}));
    assert!(ids(&list(&server, "page=9").await).is_empty());
    for (query, expected) in [
        ("active=false", &["m-1"][..]),
        ("role=supervisor,ADMIN&active=TRUE", &["m-5", "staff-123"]),
        ("department=Billing&role=AGENT&active=true", &["m-2", "m-3", "m-4"]),
    ] {
        assert_eq!(ids(&list(&server, query).await), expected, "{query}");
    }
}

async fn colleagues_see_only_the_fields_needed_to_assign_cases(store: Store) {
    let mut server = Server::with_staff(store).await;
    add(&server, &ben()).await.ok();
    let gone = json!({"id": "gone", "name": "Gone", "email": "gone@desk.example", "role": "AGENT"});
    add(&server, &gone).await.ok();
    deactivate(&server, "gone").await.ok();
    let everybody = list(&server, "").await;
    for token in [server.workspace().token("staff-456"), server.workspace().token("ben")] {
        server.use_token(token);
        let response = list(&server, "").await;
        assert_eq!(ids(&response), ["ben", "staff-123", "staff-456"]);
        for member in response["staff"].as_array().unwrap() {
            assert_eq!(keys(member), ["department", "id", "name", "role"]);
            let known = everybody["staff"].as_array().unwrap().iter();
            let known = known.clone().find(|one| one["id"] == member["id"]).unwrap();
            assert_eq!((&member["name"], &member["role"]), (&known["name"], &known["role"]));
        }
        assert_eq!(ids(&list(&server, "role=SUPERVISOR").await), ["ben"]);
        let none = list(&server, "active=false").await;
        assert_eq!((ids(&none).len(), &none["pagination"]["total"]), (0, &json!(0)));
        server.staff_get(&format!("{STAFF}/ben")).await.refused(403, "FORBIDDEN");
    }
}
