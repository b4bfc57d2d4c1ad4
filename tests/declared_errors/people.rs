//! The case of a request, with the people whom it needs.

use serde_json::{Value, json};

use super::draft::Draft;
use super::operation::{Operation, unknown};
use crate::participants::OpenCase;
use crate::support::Server;

const ANN: &str = "ann@x.example";

/// A case. It has a participant if the operation is about participants.
pub(super) struct Scene {
    case: OpenCase,
    ann: Option<String>,
    /// Token of the participant, if they send the request.
    token: Option<String>,
}

/// Checks whether a participant sends the request that provokes an error.
fn is_by_participant(operation: &Operation, code: &str) -> bool {
    let is_their_own = ["/leave", "/return"].iter().any(|end| operation.template.ends_with(end));
    code == "CUSTOMER_ONLY" || is_their_own && code != "PARTICIPANT_ONLY"
}

impl Scene {
    pub(super) async fn set(server: &Server, operation: &Operation, code: &str) -> Self {
        let case = OpenCase::open(server).await;
        let is_by_participant = is_by_participant(operation, code);
        if !operation.is_about_participants() && !is_by_participant {
            return Self { case, ann: None, token: None };
        }
        let address = format!("{}.{ANN}", case.number.to_lowercase());
        let ann = case.add(server, &address, "START").await;
        let mut token = None;
        if is_by_participant {
            token = Some(case.token_of(server, &address).await);
        }
        if code == "LIMIT_REACHED" {
            for turn in 1..20 {
                case.add(server, &format!("p{turn}@x.example"), "NOW").await;
            }
        }
        let scene = Self { case, ann: Some(ann), token };
        if let (true, Some(token)) = (operation.template.ends_with("/return"), &scene.token) {
            let leave = scene.case.with(token, &json!({}));
            server.post("/api/support/case/participants/leave", &leave).await.ok();
        }
        scene
    }

    pub(super) fn number(&self) -> &str {
        &self.case.number
    }

    /// Names the people of the scene in a request.
    pub(super) fn complete(&self, operation: &Operation, mut draft: Draft, code: &str) -> Draft {
        let Some(ann) = &self.ann else { return draft };
        if code != "PARTICIPANT_NOT_FOUND" {
            draft.path = draft.path.replace(unknown("participantId"), ann);
        }
        if operation.is_internal() {
            return draft;
        }
        draft.body["accessToken"] = json!(self.token.as_ref().unwrap_or(&self.case.token));
        if let Some(body) = draft.body.as_object_mut() {
            body.remove("email");
        }
        if operation.template.ends_with("/remove") {
            draft.body["participantId"] = Value::from(ann.as_str());
        }
        draft
    }
}
