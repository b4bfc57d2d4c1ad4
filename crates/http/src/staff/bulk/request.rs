use engage_application::AssignCommand;
use engage_domain::{Status, UpdateRequest, Visibility};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::body::present;
use crate::error::ApiError;
use crate::staff::tags::fields::tag_change;
use crate::validation::Validation;

/// Maximum number of cases in one request.
const MOST: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Assign,
    Update,
    Close,
}

const ACTIONS: &[(&str, Action)] =
    &[("assign", Action::Assign), ("update", Action::Update), ("close", Action::Close)];

impl Action {
    fn name(self) -> &'static str {
        ACTIONS[self as usize].0
    }
}

/// Names of the actions.
pub(crate) const ACTION_NAMES: &[&str] = &[ACTIONS[0].0, ACTIONS[1].0, ACTIONS[2].0];

/// A change to many cases.
#[allow(clippy::option_option)] // Missing, null and given are three things.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "action": "close",
    "caseNumbers": ["CW-2025-001", "CW-2025-002"],
    "message": "Closed after a week without a reply",
}))]
pub(crate) struct BulkRequest {
    /// `assign`, `update` or `close`.
    #[schema(required, value_type = String)]
    action: Option<String>,
    /// Case numbers, 1 to 100, in upper or lower case.
    #[schema(
        required, value_type = Vec<String>, min_items = 1, max_items = 100
    )]
    case_numbers: Option<Vec<String>>,
    /// `assign`: staff member to assign the cases to. Null unassigns them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    staff_id: Option<Option<String>>,
    /// `assign`: department. By default that of the new assignee.
    #[schema(max_length = 100)]
    department: Option<String>,
    /// `assign`: note to colleagues, stored as an internal update.
    #[schema(max_length = 5000)]
    notes: Option<String>,
    /// `update` and `close`: text of the update. Optional if the status changes.
    #[schema(max_length = 20_000)]
    message: Option<String>,
    /// `update` and `close`: true if the text is for staff only. False by default.
    is_internal: Option<bool>,
    /// `update`: new status of the cases.
    status_change: Option<String>,
    /// `update`: tags to add. Those that do not exist are created, if you may.
    #[schema(max_items = 20)]
    add_tags: Option<Vec<String>>,
    /// `update`: tags to remove.
    #[schema(max_items = 20)]
    remove_tags: Option<Vec<String>>,
}

/// The change to each case.
#[derive(Clone)]
pub(super) enum BulkAction {
    Assign(AssignCommand),
    Update(UpdateRequest),
}

impl BulkRequest {
    /// Returns the case numbers as sent, and the change to each of them.
    pub(super) fn validate(self) -> Result<(Vec<String>, BulkAction), ApiError> {
        let mut v = Validation::default();
        let wanted = self.action(&mut v);
        if let Some(action) = wanted {
            self.refuse_fields_of_others(action, &mut v);
        }
        let action = match wanted {
            Some(Action::Assign) => self.assign(&mut v),
            Some(Action::Update) => Some(self.update(&mut v)),
            Some(Action::Close) => {
                Some(BulkAction::Update(self.writing(Some(Status::Closed), &mut v)))
            }
            None => None,
        };
        let numbers = match self.case_numbers {
            Some(numbers) if (1..=MOST).contains(&numbers.len()) => Some(numbers),
            Some(_) => {
                v.problem("caseNumbers", format!("must have 1 to {MOST} case numbers"));
                None
            }
            None => {
                v.problem("caseNumbers", "is required");
                None
            }
        };
        v.finish(numbers.zip(action))
    }

    fn action(&self, v: &mut Validation) -> Option<Action> {
        let given = self.action.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let Some(given) = given else {
            v.problem("action", "is required");
            return None;
        };
        let found = ACTIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(given));
        if found.is_none() {
            v.not_one_of("action", ACTION_NAMES.to_vec());
        }
        found.map(|(_, action)| *action)
    }

    /// Notes the fields that the action would ignore, since they were probably meant to have an
    /// effect.
    fn refuse_fields_of_others(&self, action: Action, v: &mut Validation) {
        let assign: &[Action] = &[Action::Assign];
        let (write, update): (&[Action], &[Action]) =
            (&[Action::Update, Action::Close], &[Action::Update]);
        for (field, is_given, actions) in [
            ("staffId", self.staff_id.is_some(), assign),
            ("department", self.department.is_some(), assign),
            ("notes", self.notes.is_some(), assign),
            ("message", self.message.is_some(), write),
            ("isInternal", self.is_internal.is_some(), write),
            ("statusChange", self.status_change.is_some(), update),
            ("addTags", self.add_tags.is_some(), update),
            ("removeTags", self.remove_tags.is_some(), update),
        ] {
            if is_given && !actions.contains(&action) {
                let action = action.name();
                v.problem(field, format!("does not apply to the action {action}: omit it"));
            }
        }
    }

    fn assign(&self, v: &mut Validation) -> Option<BulkAction> {
        let staff_id = match &self.staff_id {
            None => {
                v.problem("staffId", "is required: null unassigns the cases");
                None
            }
            Some(None) => Some(None),
            Some(Some(id)) => v.parse("staffId", id).map(Some),
        };
        let department = v.optional("department", self.department.as_deref());
        let notes = v.optional("notes", self.notes.as_deref());
        staff_id.map(|staff_id| BulkAction::Assign(AssignCommand { staff_id, department, notes }))
    }

    fn update(&self, v: &mut Validation) -> BulkAction {
        let is_blank =
            |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
        let tags = tag_change(v, self.add_tags.as_deref(), self.remove_tags.as_deref());
        if is_blank(&self.message) && is_blank(&self.status_change) && tags.is_empty() {
            v.problem("message", "is required unless statusChange, addTags or removeTags is given");
        }
        let status_change = v.word("statusChange", self.status_change.as_deref());
        BulkAction::Update(UpdateRequest { tags, ..self.writing(status_change, v) })
    }

    fn writing(&self, status_change: Option<Status>, v: &mut Validation) -> UpdateRequest {
        let message = v.optional("message", self.message.as_deref());
        let is_internal = self.is_internal.unwrap_or(false);
        let visibility = if is_internal { Visibility::Internal } else { Visibility::Public };
        UpdateRequest { message, visibility, status_change, ..UpdateRequest::default() }
    }
}
