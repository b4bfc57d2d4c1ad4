//! Kind of an event as JSON: a `type` as in the HTTP API, beside the data of that type.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{EventKind, Overdue};
use crate::escalation::Escalation;

#[derive(Serialize, Deserialize)]
#[serde(tag = "type")]
enum EventKindJson {
    #[serde(rename = "case.created")]
    Created,
    #[serde(rename = "case.updated")]
    Updated,
    #[serde(rename = "case.escalated")]
    Escalated { escalation: Escalation },
    #[serde(rename = "case.assigned")]
    Assigned,
    #[serde(rename = "case.cancelled")]
    Cancelled,
    #[serde(rename = "case.overdue")]
    Overdue { overdue: Overdue },
    #[serde(rename = "case.erased")]
    Erased,
}

impl Serialize for EventKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EventKindJson::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        EventKindJson::deserialize(deserializer).map(Self::from)
    }
}

impl From<EventKind> for EventKindJson {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Created => Self::Created,
            EventKind::Updated => Self::Updated,
            EventKind::Escalated(escalation) => Self::Escalated { escalation },
            EventKind::Assigned => Self::Assigned,
            EventKind::Cancelled => Self::Cancelled,
            EventKind::Overdue(overdue) => Self::Overdue { overdue },
            EventKind::Erased => Self::Erased,
        }
    }
}

impl From<EventKindJson> for EventKind {
    fn from(kind: EventKindJson) -> Self {
        match kind {
            EventKindJson::Created => Self::Created,
            EventKindJson::Updated => Self::Updated,
            EventKindJson::Escalated { escalation } => Self::Escalated(escalation),
            EventKindJson::Assigned => Self::Assigned,
            EventKindJson::Cancelled => Self::Cancelled,
            EventKindJson::Overdue { overdue } => Self::Overdue(overdue),
            EventKindJson::Erased => Self::Erased,
        }
    }
}
