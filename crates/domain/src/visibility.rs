//! Visibility of updates and events to customers.

use crate::wire::wire_enum;

wire_enum! {
    #[derive(Default)]
    /// Audience of an update or an event.
    pub enum Visibility {
        /// Visible to the customer and to staff. The default.
        #[default]
        Public = "PUBLIC",
        /// Visible to staff only.
        Internal = "INTERNAL",
    }
}
