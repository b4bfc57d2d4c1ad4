//! Ways in which cases and the entries of their conversations come in.

use crate::actor::Actor;
use crate::wire::wire_enum;

wire_enum! {
    #[derive(Default)]
    /// Way in which a case or an entry of its conversation came in.
    pub enum Source {
        /// Through the HTTP API for customers. The default, also of generated entries.
        #[default]
        Api = "API",
        /// Through a form on a website.
        Form = "FORM",
        /// By e-mail.
        Email = "EMAIL",
        /// Written by a member of staff.
        Staff = "STAFF",
        /// Imported from another system.
        Import = "IMPORT",
    }
}

impl Source {
    /// Returns the usual source of what an actor writes.
    pub const fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Staff(_) | Actor::Service(_) => Self::Staff,
            Actor::Customer | Actor::Participant(_) | Actor::System => Self::Api,
        }
    }
}
