//! Authentication of members of staff and management of their tokens.

mod authenticate;
mod contract;
mod machines;
mod opaque_tokens;
mod token_limits;
mod tokens;

use engage_domain::attachment::ContentHash;
use engage_domain::{StaffMember, TokenId};
use engage_repository::{FoundToken, StaffToken, TokenHash};
use engage_testkit::builders::{minutes_later, monday};

/// The first token generated with `SequentialIds`, and its SHA-256 as computed by sha256sum(1).
const TOKEN: &str = "eng_abababababababababababababababababababababababab0000000000000001";
const HASH: &str = "27e1dba1591526c439bc0c8c9942e4129d89da4a45bb92b81fa60bb68114c0a6";

fn the_hash() -> TokenHash {
    TokenHash(*HASH.parse::<ContentHash>().unwrap().as_bytes())
}

fn a_token(owner: &StaffMember) -> StaffToken {
    StaffToken {
        id: TokenId::from_u128(7),
        staff_id: owner.id.clone(),
        name: None,
        created_at: monday(),
        expires_at: Some(minutes_later(1000)),
        last_used_at: None,
        role_ceiling: None,
        parent: None,
        made_by: None,
    }
}

/// The result of looking up the token.
fn a_found_token(owner: &StaffMember) -> FoundToken {
    FoundToken { token: a_token(owner), owner: owner.clone(), superseded_until: None }
}
