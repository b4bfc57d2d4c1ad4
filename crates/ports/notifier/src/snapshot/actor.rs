//! The author of an event or an update in a snapshot.

use engage_domain::text::ERASED;
use engage_domain::{Actor, PersonName, Source, StaffId, StaffRef};
use serde::{Deserialize, Serialize};

/// Author of an event or an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActorSnapshot {
    /// `CUSTOMER`, `PARTICIPANT`, `STAFF` or `SYSTEM`.
    pub kind: String,
    /// Id of the staff member if the actor is one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub id: Option<StaffId>,
    /// Display name.
    pub name: String,
    /// Machine that acted on behalf of the staff member. If it acted for itself, it has the same id.
    /// Absent if a person acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub via: Option<MachineSnapshot>,
}

/// Machine that caused an event or wrote an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MachineSnapshot {
    /// Id of the machine, which is a staff member with the role `SERVICE`.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "mail-gateway"))]
    pub id: StaffId,
    /// Display name.
    #[cfg_attr(feature = "openapi", schema(example = "Mail gateway"))]
    pub name: String,
}

impl From<&StaffRef> for MachineSnapshot {
    fn from(machine: &StaffRef) -> Self {
        Self { id: machine.id.clone(), name: machine.name.to_string() }
    }
}

impl ActorSnapshot {
    /// Display name of a participant whose name is not known.
    pub const UNNAMED: &str = "Participant";

    /// Converts an actor. `customer` is the name of the customer of the case.
    pub fn new(actor: &Actor, customer: &PersonName) -> Self {
        let staff = |staff: &StaffRef| ("STAFF", Some(staff.id.clone()), staff.name.to_string());
        let (kind, id, name) = match actor {
            Actor::Customer => ("CUSTOMER", None, customer.to_string()),
            Actor::Participant(participant) => {
                let name = participant.name.as_ref().map(ToString::to_string);
                ("PARTICIPANT", None, name.unwrap_or_else(|| Self::UNNAMED.to_owned()))
            }
            Actor::Staff(member) => staff(member),
            Actor::Service(service) => staff(service.author()),
            Actor::System => ("SYSTEM", None, "System".to_owned()),
        };
        let via = match actor {
            Actor::Service(service) => Some(MachineSnapshot::from(&service.machine)),
            _ => None,
        };
        Self { kind: kind.to_owned(), id, name, via }
    }

    /// Returns the usual source of what the actor writes, like [`Source::of`].
    pub(super) fn usual_source(&self) -> Source {
        if self.kind == "STAFF" { Source::Staff } else { Source::default() }
    }

    /// Erases the name if the actor is the customer or a participant. Staff remain accountable for
    /// their actions.
    pub(super) fn erase(&mut self) {
        if self.kind == "CUSTOMER" || self.kind == "PARTICIPANT" {
            ERASED.clone_into(&mut self.name);
        }
    }
}
