//! Tests of [`TokenRepository`](engage_repository::TokenRepository).

mod finding;
mod removing;
mod rotating;

pub use finding::*;
pub use removing::*;
pub use rotating::*;

use std::num::NonZeroU32;

use engage_domain::{Role, StaffMember, Timestamp, TokenId};
use engage_repository::{FoundToken, RemovedToken, StaffToken, TokenHash};

use super::Store;
use crate::builders::a_staff_token;

async fn add(store: &Store, token: &StaffToken, hash: u8) {
    let added = store.tokens.add_token(token, &TokenHash([hash; 32])).await;
    added.expect("a token is added");
}

async fn find_any(store: &Store, hash: u8, now: Timestamp) -> Option<FoundToken> {
    store.tokens.find_token(&TokenHash([hash; 32]), now).await.expect("a token is read")
}

async fn find(store: &Store, hash: u8, now: Timestamp) -> Option<(StaffToken, StaffMember)> {
    find_any(store, hash, now).await.map(|found| (found.token, found.owner))
}

async fn list_removed(store: &Store, owner: &StaffMember, limit: u32) -> Vec<RemovedToken> {
    let limit = NonZeroU32::new(limit).unwrap();
    store.tokens.list_removed_tokens(&owner.id, limit).await.expect("tokens are listed")
}

async fn rotate(store: &Store, token: &StaffToken, hash: u8, until: Timestamp) -> bool {
    let hash = TokenHash([hash; 32]);
    let rotated = store.tokens.rotate_token(&token.staff_id, token.id, &hash, until).await;
    rotated.expect("a token is rotated")
}

fn a_child(parent: &StaffToken, owner: &StaffMember) -> StaffToken {
    let role_ceiling = Some(Role::Agent);
    StaffToken {
        role_ceiling,
        parent: Some(parent.id),
        made_by: Some(owner.id.clone()),
        ..a_staff_token(owner)
    }
}

async fn owner(store: &Store, hash: u8, now: Timestamp) -> Option<StaffMember> {
    find(store, hash, now).await.map(|(_, owner)| owner)
}

async fn list(store: &Store, owner: &StaffMember) -> Vec<StaffToken> {
    store.tokens.list_tokens(&owner.id).await.expect("tokens are listed")
}

async fn remove(store: &Store, owner: &StaffMember, id: TokenId) -> bool {
    store.tokens.remove_token(&owner.id, id).await.expect("a token is removed")
}
