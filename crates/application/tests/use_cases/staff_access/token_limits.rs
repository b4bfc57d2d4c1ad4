//! Limits of tokens: none grants more than the credential it was issued with.

use std::sync::Arc;
use std::time::Duration;

use engage_application::{
    AuthenticatedStaff, CredentialId, IssuedToken, ManageTokens, NewToken, TokenError, TokenLives,
    TokenMaker,
};
use engage_domain::{Permission, Role, StaffMember, Timestamp, TokenId};
use engage_identity::Credential;
use engage_repository::{
    MockStaffRepository, MockTokenRepository, RepositoryError, StaffToken, TokenRepository,
};
use engage_testkit::SequentialIds;
use engage_testkit::builders::{a_staff_member, minutes_later};

use super::a_token;
use crate::acts::{Acts, an_operator};
use crate::setup::a_clock_at;

const LIVES: TokenLives =
    TokenLives { default: Some(Duration::from_hours(1)), longest: Some(Duration::from_hours(10)) };

fn id(bits: u128) -> TokenId {
    TokenId::from_u128(bits)
}

fn a_maker(member: &str, registered: Role, role: Role, credential: Credential) -> TokenMaker {
    TokenMaker::Staff(Box::new(AuthenticatedStaff {
        member: StaffMember { role, ..a_staff_member(member) },
        registered_role: registered,
        credential,
        credential_id: CredentialId::Jwt(0),
        directory: None,
    }))
}

fn with_token(bits: u128, expires_at: Option<Timestamp>) -> Credential {
    Credential::Token { id: id(bits), expires_at, is_superseded: false }
}

fn manage(tokens: MockTokenRepository) -> ManageTokens {
    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().returning(|id| Ok(Some(a_staff_member(id.as_str()))));
    let ids = Arc::new(SequentialIds::new());
    let tokens: Arc<dyn TokenRepository> = Arc::new(tokens);
    let acts = Arc::new(Acts { tokens: Some(Arc::clone(&tokens)), ..Acts::default() });
    ManageTokens::new(Arc::new(staff), tokens, acts, a_clock_at(0), ids, LIVES)
}

/// Issues a token to Ann.
async fn issue(maker: &TokenMaker, expires_at: Option<u64>) -> Result<StaffToken, TokenError> {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_list_tokens().returning(|_| Ok(Vec::new()));
    tokens.expect_add_token().returning(|_, _| Ok(()));
    let expires_at = expires_at.map(minutes_later);
    let request = NewToken { staff_id: a_staff_member("ann").id, name: None, expires_at };
    manage(tokens).issue(request, maker, &an_operator()).await.map(|issued| issued.token)
}

#[tokio::test]
async fn a_token_for_oneself_is_a_child_of_the_presented_credential() {
    let maker = a_maker("ann", Role::Admin, Role::Supervisor, with_token(7, None));
    let token = issue(&maker, None).await.unwrap();
    assert_eq!(token.role_ceiling, Some(Role::Supervisor));
    assert_eq!(token.parent, Some(id(7)));
    assert_eq!(token.made_by, Some(a_staff_member("ann").id));
    assert_eq!(token.expires_at, Some(minutes_later(60)));
}

#[tokio::test]
async fn a_token_for_oneself_expires_no_later_than_the_presented_credential() {
    let end = |minute: u64| Some(minutes_later(minute));
    let jwt = |minute| Credential::Jwt { expires_at: minutes_later(minute) };
    for (credential, requested, expected) in [
        (with_token(7, end(4)), None, 4),
        (with_token(7, end(4)), Some(3), 3),
        (with_token(7, end(4)), Some(5000), 4),
        (with_token(7, end(90)), None, 60),
        (with_token(7, None), Some(5000), 600),
        (jwt(9), None, 9),
        (jwt(9), Some(10), 9),
    ] {
        let maker = a_maker("ann", Role::Agent, Role::Agent, credential);
        let token = issue(&maker, requested).await.unwrap();
        assert_eq!(token.expires_at, end(expected), "{credential:?} {requested:?}");
    }
}

#[tokio::test]
async fn a_provider_token_grants_its_claimed_role_and_is_no_parent() {
    let jwt = Credential::Jwt { expires_at: minutes_later(9) };
    let token = issue(&a_maker("ann", Role::Admin, Role::Agent, jwt), None).await.unwrap();
    assert_eq!((token.role_ceiling, token.parent), (Some(Role::Agent), None));
}

#[tokio::test]
async fn an_expired_or_revoked_credential_issues_no_token() {
    let jwt = Credential::Jwt { expires_at: minutes_later(0) };
    let outcome = issue(&a_maker("ann", Role::Agent, Role::Agent, jwt), None).await;
    assert!(matches!(outcome, Err(TokenError::MakerIsVoid)), "{outcome:?}");

    let mut tokens = MockTokenRepository::new();
    tokens.expect_list_tokens().returning(|_| Ok(Vec::new()));
    tokens.expect_add_token().once().returning(|_, _| Err(RepositoryError::Conflict));
    let request = NewToken { staff_id: a_staff_member("ann").id, name: None, expires_at: None };
    let maker = a_maker("ann", Role::Agent, Role::Agent, with_token(7, None));
    let outcome = manage(tokens).issue(request, &maker, &an_operator()).await;
    assert!(matches!(outcome, Err(TokenError::MakerIsVoid)), "{outcome:?}");
}

#[tokio::test]
async fn a_token_for_another_member_has_no_parent_and_no_role_ceiling() {
    let soon = with_token(7, Some(minutes_later(4)));
    let token = issue(&a_maker("ben", Role::Admin, Role::Admin, soon), Some(5000)).await.unwrap();
    assert_eq!((token.role_ceiling, token.parent), (None, None));
    assert_eq!(token.made_by, Some(a_staff_member("ben").id));
    assert_eq!(token.expires_at, Some(minutes_later(600)));
}

#[tokio::test]
async fn only_registered_administrators_manage_tokens_of_others() {
    let jwt = Credential::Jwt { expires_at: minutes_later(9) };
    let by_claim = issue(&a_maker("ben", Role::Agent, Role::Admin, jwt), None).await;
    assert!(matches!(by_claim, Err(TokenError::AdminByClaim)), "{by_claim:?}");
    let less = issue(&a_maker("ben", Role::Admin, Role::Supervisor, jwt), None).await;
    assert!(
        matches!(less, Err(TokenError::NotPermitted(Permission::ManageTokensOfOthers))),
        "{less:?}"
    );
}

#[tokio::test]
async fn the_command_line_has_no_ceiling() {
    let token = issue(&TokenMaker::CommandLine, None).await.unwrap();
    assert_eq!((token.expires_at, token.role_ceiling, token.parent), (None, None, None));
    let token = issue(&TokenMaker::CommandLine, Some(5000)).await.unwrap();
    assert_eq!((token.expires_at, token.made_by), (Some(minutes_later(5000)), None));
}

/// Ann's tokens: 1, its child 2, the child 3 of 2, and the unrelated 9.
fn a_family() -> Vec<StaffToken> {
    let ann = a_staff_member("ann");
    let token = |bits, parent: Option<u128>| StaffToken {
        id: id(bits),
        parent: parent.map(id),
        role_ceiling: parent.map(|_| Role::Supervisor),
        ..a_token(&ann)
    };
    vec![token(1, None), token(2, Some(1)), token(3, Some(2)), token(9, None)]
}

async fn rotate(maker: &TokenMaker, which: u128) -> Result<IssuedToken, TokenError> {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_list_tokens().returning(|_| Ok(a_family()));
    let until = minutes_later(24 * 60);
    tokens
        .expect_rotate_token()
        .withf(move |_, _, _, at| *at == until)
        .returning(|_, _, _, _| Ok(true));
    manage(tokens).rotate(&a_staff_member("ann").id, id(which), maker, &an_operator()).await
}

#[tokio::test]
async fn a_token_is_rotated_with_itself_or_an_ancestor() {
    for (with, rotated) in [(1, vec![1, 2, 3]), (2, vec![2, 3]), (3, vec![3]), (9, vec![9])] {
        let maker = a_maker("ann", Role::Admin, Role::Admin, with_token(with, None));
        for which in [1, 2, 3, 9] {
            match rotate(&maker, which).await {
                Ok(issued) => {
                    assert!(rotated.contains(&which), "{which} with {with}");
                    assert_eq!(issued.token.id, id(which));
                }
                Err(TokenError::NotRotatable(refused)) => {
                    assert!(!rotated.contains(&which), "{which} with {with}");
                    assert_eq!(refused, id(which));
                }
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[tokio::test]
async fn a_superseded_secret_rotates_nothing() {
    let old = Credential::Token { id: id(1), expires_at: None, is_superseded: true };
    for which in [1, 2] {
        let outcome = rotate(&a_maker("ann", Role::Admin, Role::Admin, old), which).await;
        assert!(matches!(outcome, Err(TokenError::NotRotatable(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_provider_token_rotates_only_tokens_that_grant_no_more() {
    for (role, minute, which, may) in [
        (Role::Supervisor, 1000, 2, true),
        (Role::Admin, 2000, 2, true),
        (Role::Agent, 1000, 2, false),
        (Role::Supervisor, 999, 2, false),
        (Role::Admin, 2000, 1, false),
    ] {
        let jwt = Credential::Jwt { expires_at: minutes_later(minute) };
        let outcome = rotate(&a_maker("ann", Role::Admin, role, jwt), which).await;
        assert_eq!(outcome.is_ok(), may, "{role} {minute} {which}");
    }
}

#[tokio::test]
async fn tokens_of_others_are_rotated_by_administrators_and_the_command_line() {
    let jwt = Credential::Jwt { expires_at: minutes_later(9) };
    rotate(&a_maker("ben", Role::Admin, Role::Admin, jwt), 1).await.unwrap();
    rotate(&TokenMaker::CommandLine, 1).await.unwrap();
    let by_claim = rotate(&a_maker("ben", Role::Agent, Role::Admin, jwt), 1).await;
    assert!(matches!(by_claim, Err(TokenError::AdminByClaim)), "{by_claim:?}");
    let unknown = rotate(&TokenMaker::CommandLine, 8).await;
    assert!(matches!(unknown, Err(TokenError::NotFound(missing)) if missing == id(8)));
}
