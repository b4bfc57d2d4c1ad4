use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{CONTACTS, add, add_organization, listed, read};
use crate::support::{Response, Server, Store, on_both_stores};

on_both_stores! {
    rows_add_and_change_contacts_by_address
    a_dry_run_makes_the_same_checks_and_stores_nothing
    many_rows_are_imported_in_batches
    a_file_that_cannot_be_read_is_refused
}

async fn import(server: &Server, query: &str, file: &str) -> Response {
    let path = format!("{CONTACTS}/import{query}");
    let request = server.staff_request(Method::POST, &path).header(CONTENT_TYPE, "text/csv");
    Response::to(request.body(file.to_owned())).await
}

fn counts(result: &Value) -> [u64; 3] {
    ["created", "updated", "failed"].map(|name| result[name].as_u64().unwrap())
}

async fn rows_add_and_change_contacts_by_address(store: Store) {
    let server = Server::with_staff(store).await;
    let acme = add_organization(&server, &["acme.example"]).await;
    let known = json!({"name": "Known", "emails": ["known@x.example"], "notes": "Stays."});
    let known = add(&server, &known).await;
    let file = format!(
        "\u{feff}Email,name,phone,organizationId,notes\r\n\
         KNOWN@x.example,Renamed,+49 89 123456,{id},\r\n\
         new@x.example,\"New, with comma\",,,\"two\r\nlines\"\r\n\
         x,,12,org_1,\r\n\
         nameless@x.example,,,,\r\n\
         short@x.example\r\n",
        id = acme["id"].as_str().unwrap()
    );
    assert_eq!(import(&server, "", &file).await.invalid_fields(), ["Email"]);
    let result = import(&server, "", &file.replacen("Email", "email", 1)).await.ok();
    assert_eq!(counts(&result), [1, 1, 3]);
    let errors: Vec<_> = result["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].as_u64().unwrap(), one["field"].as_str().unwrap()))
        .collect();
    let expected = [(5, "email"), (5, "phone"), (5, "organizationId"), (6, "name"), (7, "")];
    assert_eq!(errors, expected);
    let known = read(&server, &known).await;
    assert_eq!((&known["name"], &known["phone"]), (&json!("Renamed"), &json!("+4989123456")));
    assert_eq!((&known["notes"], &known["organizationId"]), (&json!("Stays."), &acme["id"]));
    let new = listed(&server, "email=new%40x.example").await;
    let new = read(&server, &json!({"id": new[0]})).await;
    assert_eq!(new["notes"], "two\nlines");
    let entries = server.staff_get("/api/internal/audit?action=contact.imported").await.ok();
    assert_eq!(entries["entries"].as_array().unwrap().len(), 1);
}

async fn a_dry_run_makes_the_same_checks_and_stores_nothing(store: Store) {
    let server = Server::with_staff(store).await;
    let file = "email,name\na@x.example,A\na@x.example,\nb@x.example,\n";
    let tried = import(&server, "?dryRun=true", file).await.ok();
    assert_eq!(listed(&server, "").await, [Value::Null; 0]);
    let done = import(&server, "?dryRun=false", file).await.ok();
    assert_eq!(tried, done);
    assert_eq!(counts(&done), [1, 1, 1]);
    // Repeated, it changes nothing.
    assert_eq!(counts(&import(&server, "", file).await.ok()), [0, 2, 1]);
    assert_eq!(import(&server, "?dryRun=yes", file).await.invalid_fields(), ["dryRun"]);
}

async fn many_rows_are_imported_in_batches(store: Store) {
    let server = Server::with_staff(store).await;
    let rows: Vec<_> =
        (0..1_001).map(|number| format!("p{number}@x.example,Person {number}\n")).collect();
    let rows = rows.concat();
    let bad = "bad\n".repeat(150);
    let result = import(&server, "", &format!("email,name\n{rows}{bad}")).await.ok();
    assert_eq!(counts(&result), [1_001, 0, 150]);
    assert_eq!(result["errors"].as_array().unwrap().len(), 100);
    assert_eq!(listed(&server, "email=p1000%40x.example").await.len(), 1);
}

async fn a_file_that_cannot_be_read_is_refused(store: Store) {
    let server = Server::with_staff(store).await;
    for (file, field) in [
        ("", "body"),
        ("\n\n", "body"),
        ("name\nA\n", "email"),
        ("email,colour\na@x.example,red\n", "colour"),
        ("email,email\n", "email"),
    ] {
        assert_eq!(import(&server, "", file).await.invalid_fields(), [field], "{file}");
    }
    let path = format!("{CONTACTS}/import");
    for kind in ["application/json", "text/csv; charset=iso-8859-1"] {
        let request = server.staff_request(Method::POST, &path).header(CONTENT_TYPE, kind);
        let response = Response::to(request.body("email\n")).await;
        let details = response.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(details, json!({"accepts": ["text/csv"]}));
    }
    assert_eq!(counts(&import(&server, "", "email").await.ok()), [0, 0, 0]);
}
