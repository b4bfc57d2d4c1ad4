//! Everybody with every proof in every access mode: which acts are allowed, and what each reads.

use serde_json::{Value, json};

use super::{OpenCase, PARTICIPANTS};
use crate::support::{Response, Server, Store, on_both_stores};

on_both_stores! {
    everybody_may_do_what_the_table_says_and_nothing_else
}

/// Whoever sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Customer,
    /// A participant who reads everything.
    FromStart,
    /// A participant who reads from the second message on.
    FromNow,
    Left,
    Removed,
    /// Somebody who knows the number.
    Stranger,
    /// Somebody whose token names a participant, but is made up.
    Forger,
}

/// The form of their proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Address,
    Body,
    Bearer,
    /// The token beside the address of another person.
    BodyAndForeignAddress,
}

use Shown::{Address, Bearer, Body, BodyAndForeignAddress, Nothing};
use Who::{Customer, Forger, FromNow, FromStart, Left, Removed, Stranger};

const EVERYBODY: [Who; 7] = [Customer, FromStart, FromNow, Left, Removed, Stranger, Forger];
const PROOFS: [Shown; 5] = [Nothing, Address, Body, Bearer, BodyAndForeignAddress];

/// The acts, in an order in which each is still possible afterwards.
const ACTS: [&str; 9] = [
    "status",
    "attachment",
    "reply",
    "participants",
    "participants/remove",
    "participants/return",
    "participants/leave",
    "escalate",
    "cancel",
];

/// Returns the status and the code of the response.
fn expected(who: Who, shown: Shown, act: &str) -> (u16, &'static str) {
    const OK: (u16, &str) = (200, "");
    const REFUSED: (u16, &str) = (404, "CASE_NOT_FOUND");
    let has_token = matches!(shown, Body | Bearer | BodyAndForeignAddress);
    // The case has participants, so that an address proves nothing in any mode. A wrong one is
    // refused like a wrong token, if the mode looks at it.
    if !has_token {
        return (401, "PROOF_REQUIRED");
    }
    if shown == BodyAndForeignAddress {
        return REFUSED;
    }
    match (who, act) {
        (Customer, "participants/leave" | "participants/return") => (403, "PARTICIPANT_ONLY"),
        (Customer, _) | (Left, "participants/leave" | "participants/return") => OK,
        (Left | Removed | Stranger | Forger, _) => REFUSED,
        (FromStart | FromNow, "escalate" | "cancel" | "participants" | "participants/remove") => {
            (403, "CUSTOMER_ONLY")
        }
        // The file is in the first reply.
        (FromNow, "attachment") => (404, "ATTACHMENT_NOT_FOUND"),
        (FromStart | FromNow, _) => OK,
    }
}

/// What each reads.
fn readable(who: Who) -> &'static [&'static str] {
    match who {
        Customer | FromStart => &["First.", "Second."],
        FromNow => &["Second."],
        Left | Removed | Stranger | Forger => &[],
    }
}

/// A case with everybody.
struct Scene {
    case: OpenCase,
    file: Value,
    ids: Vec<(Who, String)>,
    tokens: Vec<(Who, String)>,
}

fn email(who: Who) -> String {
    match who {
        Customer => "john@example.com".to_owned(),
        other => format!("{other:?}@x.example").to_lowercase(),
    }
}

impl Scene {
    async fn set(server: &Server) -> Self {
        let case = OpenCase::open(server).await;
        let files = json!([{"filename": "a.txt", "content": "YQ"}]);
        let first = case.with(&case.token, &json!({"message": "First.", "attachments": files}));
        let replied = server.post("/api/support/case/reply", &first).await.ok();
        let file = replied["update"]["attachments"][0]["id"].clone();
        let (mut ids, mut tokens) = (Vec::new(), vec![(Customer, case.token.clone())]);
        for who in [FromStart, FromNow, Left, Removed] {
            let from = if who == FromStart { "START" } else { "NOW" };
            ids.push((who, case.add(server, &email(who), from).await));
            tokens.push((who, case.token_of(server, &email(who)).await));
        }
        let second = case.with(&case.token, &json!({"message": "Second."}));
        server.post("/api/support/case/reply", &second).await.ok();
        let mut scene = Self { case, file, ids, tokens };
        let other = OpenCase::open(server).await;
        scene.tokens.push((Stranger, other.token));
        // The id of a participant who reads everything, with the rest of another token.
        let (honest, foreign) = (scene.token(FromStart), scene.token(FromNow));
        let forged = format!("{}{}", &honest[..25], &foreign[25..]);
        scene.tokens.push((Forger, forged));
        let leave = scene.case.with(scene.token(Left), &json!({}));
        server.post(&format!("{PARTICIPANTS}/leave"), &leave).await.ok();
        let remove = json!({"participantId": scene.id(Removed)});
        let remove = scene.case.with(scene.token(Customer), &remove);
        server.post(&format!("{PARTICIPANTS}/remove"), &remove).await.ok();
        scene
    }

    fn token(&self, who: Who) -> &str {
        &self.tokens.iter().find(|(of, _)| *of == who).unwrap().1
    }

    fn id(&self, who: Who) -> &str {
        &self.ids.iter().find(|(of, _)| *of == who).unwrap().1
    }

    async fn ask(&self, server: &Server, who: Who, shown: Shown, act: &str) -> Response {
        let mut body = match act {
            "attachment" => json!({"attachmentId": self.file}),
            "reply" => json!({"message": format!("{who:?} {shown:?}")}),
            "participants" => json!({"participantEmail": "further@x.example"}),
            "participants/remove" => json!({"participantId": self.id(Removed)}),
            "escalate" | "cancel" => json!({"reason": "It is urgent."}),
            _ => json!({}),
        };
        body["caseNumber"] = json!(self.case.number);
        let takes_address = !act.starts_with("participants");
        match shown {
            Address if takes_address => body["email"] = json!(email(who)),
            BodyAndForeignAddress => {
                body["accessToken"] = json!(self.token(who));
                if takes_address {
                    body["email"] = json!("further@x.example");
                } else {
                    // Without addresses, another person's token is the contradiction.
                    let other = if who == FromStart { Customer } else { FromStart };
                    let path = format!("/api/support/case/{act}");
                    let request = server.request(reqwest::Method::POST, &path);
                    let other = self.token(other);
                    return Response::to(request.bearer_auth(other).json(&body)).await;
                }
            }
            Body => body["accessToken"] = json!(self.token(who)),
            Nothing | Bearer | Address => {}
        }
        let request = server.request(reqwest::Method::POST, &format!("/api/support/case/{act}"));
        let request = if shown == Bearer { request.bearer_auth(self.token(who)) } else { request };
        Response::to(request.json(&body)).await
    }
}

async fn everybody_may_do_what_the_table_says_and_nothing_else(store: Store) {
    for mode in ["case-number", "email", "token"] {
        let server = Server::with_staff_and(store, &[("ENGAGE_CUSTOMERS__ACCESS", mode)]).await;
        let scene = Scene::set(&server).await;
        for who in [Customer, FromStart, FromNow] {
            let read = scene.case.read(&server, scene.token(who)).await;
            assert_eq!(read, readable(who), "{mode} {who:?}");
        }
        // Those who may do everything come last, since they end what others need.
        for act in ACTS {
            for who in EVERYBODY.into_iter().rev() {
                for shown in PROOFS {
                    if expected(who, shown, act).0 == 200 && ends(who, act) {
                        continue;
                    }
                    let response = scene.ask(&server, who, shown, act).await;
                    assert_allowed(&response, mode, who, shown, act);
                }
            }
        }
        for (who, act) in [(Left, "participants/return"), (FromNow, "participants/leave")] {
            let response = scene.ask(&server, who, Body, act).await;
            assert_allowed(&response, mode, who, Body, act);
        }
        let cancelled = scene.ask(&server, Customer, Bearer, "cancel").await;
        assert_allowed(&cancelled, mode, Customer, Bearer, "cancel");
    }
}

/// Checks whether an act would change who takes part, or end or hold up the case.
fn ends(who: Who, act: &str) -> bool {
    match act {
        "participants/return" => who == Left,
        // Escalations of customers are limited.
        "participants/leave" | "escalate" | "cancel" => true,
        _ => false,
    }
}

fn assert_allowed(response: &Response, mode: &str, who: Who, shown: Shown, act: &str) {
    let (status, code) = expected(who, shown, act);
    let told = format!("{mode} {who:?} {shown:?} {act}: {response:?}");
    // In these modes an address that is not the customer's is refused as wrong.
    let is_foreign = shown == Address && who != Customer && !act.starts_with("participants");
    if is_foreign && mode != "token" {
        assert_eq!(
            (response.status, response.body["code"].as_str()),
            (404, Some("CASE_NOT_FOUND")),
            "{told}"
        );
        return;
    }
    assert_eq!(response.status, status, "{told}");
    if status != 200 {
        assert_eq!(response.body["code"], code, "{told}");
    }
}
