//! Statements that end the access of a customer to a case, or of those who have not proven an address.

use engage_domain::CaseId;

use crate::db_id::DbId;
use crate::statement::Statement;

const PROOFS: &str = "UPDATE cases SET access_generation = access_generation + 1 WHERE id = ?";

const CODES: &str = "DELETE FROM access_codes WHERE case_id = ?";

/// Columns on the right have the values from before.
const UNPROVEN: &str = "
    UPDATE cases SET proof_generation = access_generation,
        access_generation = access_generation + 1
    WHERE id = ?";

/// Returns the statement that revokes the proofs of ownership, but for those that came to the address of
/// the customer. It locks the case.
pub(crate) fn end_unproven_access(case: CaseId) -> Statement<()> {
    Statement::prepared(UNPROVEN, [DbId::from(case).into()])
}

/// Returns the statements that revoke the proofs of ownership and delete the one-time code. The first
/// one locks the case.
pub(crate) fn end_access(case: CaseId) -> [Statement<()>; 2] {
    [PROOFS, CODES].map(|statement| Statement::prepared(statement, [DbId::from(case).into()]))
}
