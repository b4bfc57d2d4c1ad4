//! Visibility of updates and events to customers.

use crate::wire::wire_enum;

wire_enum! {
    /// Audience of an update or an event.
    pub enum Visibility {
        /// Visible to the customer and to staff.
        Public = "PUBLIC",
        /// Visible to staff only.
        Internal = "INTERNAL",
    }
}
