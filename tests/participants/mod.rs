//! Participants of cases: who adds them, what they read and do, and how they leave.

mod by_customers;
mod by_staff;
mod mails;
mod table;
mod unsubscribing;

use serde_json::{Value, json};

use crate::support::{Mail, Server, a_case, eventually_seen};

const PARTICIPANTS: &str = "/api/support/case/participants";

/// A case with the token of its customer.
pub(crate) struct OpenCase {
    pub(crate) number: String,
    pub(crate) token: String,
}

impl OpenCase {
    pub(crate) async fn open(server: &Server) -> Self {
        let opened = server.post("/api/support/case", &a_case()).await.ok();
        let text = |field: &str| opened[field].as_str().unwrap().to_owned();
        Self { number: text("caseNumber"), token: text("accessToken") }
    }

    /// Returns the path of the participants for staff.
    fn path(&self) -> String {
        format!("/api/internal/support/case/{}/participants", self.number)
    }

    /// Returns a body with the number, a token and further fields.
    pub(crate) fn with(&self, token: &str, fields: &Value) -> Value {
        let mut body = json!({"caseNumber": self.number, "accessToken": token});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    }

    /// Lets staff add a participant, and returns their id.
    pub(crate) async fn add(&self, server: &Server, email: &str, reads_from: &str) -> String {
        let body = json!({"email": email, "name": "Ann Lee", "readsFrom": reads_from});
        let added = server.staff_post(&self.path(), &body).await.ok();
        let added = added["participants"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(added["email"], email);
        added["id"].as_str().unwrap().to_owned()
    }

    /// Returns a token that a participant gets in exchange for a code.
    pub(crate) async fn token_of(&self, server: &Server, email: &str) -> String {
        let claim = json!({"caseNumber": self.number, "email": email});
        // A code of another case does not do.
        let before = code_in(&server.mails(), email);
        server.post("/api/support/case/access", &claim).await.ok();
        let another =
            async || code_in(&server.mails(), email).filter(|code| before.as_ref() != Some(code));
        let code = eventually_seen("a code", another).await;
        let claim = json!({"caseNumber": self.number, "email": email, "code": code});
        let redeemed = server.post("/api/support/case/access/redeem", &claim).await.ok();
        redeemed["accessToken"].as_str().unwrap().to_owned()
    }

    /// Returns the messages of the conversation, oldest first, that a token shows.
    async fn read(&self, server: &Server, token: &str) -> Vec<String> {
        let shown = server.post("/api/support/case/status", &self.with(token, &json!({}))).await;
        let updates = shown.ok()["updates"].clone();
        let text = |update: &Value| update["message"].as_str().unwrap().to_owned();
        updates.as_array().unwrap().iter().map(text).collect()
    }
}

/// Returns the code in the newest e-mail with one to an address.
pub(crate) fn code_in(mails: &[Mail], email: &str) -> Option<String> {
    let is_code = |line: &&str| {
        let (first, second) = line.trim().split_once('-').unwrap_or_default();
        let is_part = |part: &str| {
            part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        };
        is_part(first) && is_part(second)
    };
    let theirs = mails.iter().rev().filter(|mail| mail.to() == email);
    let mut codes = theirs.filter_map(|mail| mail.text.lines().find(is_code));
    codes.next().map(|code| code.trim().to_owned())
}
