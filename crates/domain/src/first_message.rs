//! The author of the message that a case begins with.

use crate::wire::wire_enum;

wire_enum! {
    #[derive(Default)]
    /// Author of the message that a case begins with.
    pub enum FirstMessageBy {
        /// The customer, whose request it is. The default.
        #[default]
        Customer = "CUSTOMER",
        /// The member of staff who opened the case and wrote to the customer first.
        Staff = "STAFF",
    }
}
