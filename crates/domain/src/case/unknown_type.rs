//! Customer type of cases whose customer is not entitled to a contract.

use crate::classification::CustomerType;
use crate::wire::wire_enum;

wire_enum! {
    #[derive(Default)]
    /// Customer type of cases whose customer is not entitled to a contract.
    pub enum UnknownType {
        /// The claimed one. The default.
        #[default]
        AsClaimed = "as-claimed",
        /// [`CustomerType::Free`].
        Free = "FREE",
    }
}

impl UnknownType {
    /// Returns the customer type that applies to a customer who claims one.
    pub const fn applying(self, claimed: CustomerType) -> CustomerType {
        match self {
            Self::AsClaimed => claimed,
            Self::Free => CustomerType::Free,
        }
    }
}
