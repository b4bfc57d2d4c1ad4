//! Kinds of texts, so that one is not taken for another.

use super::{Line, Prose};

/// Defines the kinds of texts, which have no values.
macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {}
    )+};
}

kinds! {
    /// Kind of a [`PersonName`].
    PersonNameText,
    /// Kind of an [`Organization`].
    OrganizationText,
    /// Kind of a [`ProjectName`].
    ProjectNameText,
    /// Kind of a [`Subject`].
    SubjectText,
    /// Kind of a [`Department`].
    DepartmentText,
    /// Kind of a [`Message`].
    MessageText,
    /// Kind of a [`Reason`].
    ReasonText,
    /// Kind of [`Notes`].
    NotesText,
}

/// Name of a person: one line, 1–200 characters.
pub type PersonName = Line<200, PersonNameText>;
/// Name of a company or another organization: one line, 1–200 characters.
pub type Organization = Line<200, OrganizationText>;
/// The customer's client or project that a case is about: one line, 1–200 characters.
pub type ProjectName = Line<200, ProjectNameText>;
/// Subject of a case: one line, 1–200 characters.
pub type Subject = Line<200, SubjectText>;
/// Department that cases are assigned to: one line, 1–100 characters.
pub type Department = Line<100, DepartmentText>;
/// Text written by a customer or a staff member: 1–20,000 characters.
pub type Message = Prose<20_000, MessageText>;
/// Reason for an escalation or a cancellation: 1–2,000 characters.
pub type Reason = Prose<2_000, ReasonText>;
/// Internal note for staff: 1–5,000 characters.
pub type Notes = Prose<5_000, NotesText>;

impl From<Reason> for Message {
    fn from(reason: Reason) -> Self {
        reason.widened()
    }
}

impl From<Notes> for Message {
    fn from(notes: Notes) -> Self {
        notes.widened()
    }
}
