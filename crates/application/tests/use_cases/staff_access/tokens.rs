use std::sync::{Arc, Mutex};

use engage_application::{IssuedToken, ManageTokens, NewToken, TokenError, TokenLives, TokenMaker};
use engage_domain::{StaffMember, TokenId};
use engage_repository::{
    MockStaffRepository, MockTokenRepository, RepositoryError, StaffToken, TokenHash,
    TokenRepository,
};
use engage_testkit::SequentialIds;
use engage_testkit::builders::{a_staff_member, minutes_later};
use mockall::predicate::eq;

use super::{HASH, TOKEN, a_token, the_hash};
use crate::acts::{Acts, an_operator};
use crate::setup::{a_clock_at, no_connection};

fn staff_with(member: Option<StaffMember>) -> MockStaffRepository {
    let mut staff = MockStaffRepository::new();
    staff
        .expect_find_staff()
        .with(eq(a_staff_member("ann").id))
        .once()
        .returning(move |_| Ok(member.clone()));
    staff
}

fn a_request() -> NewToken {
    NewToken {
        staff_id: "ann".parse().unwrap(),
        name: Some("laptop".parse().unwrap()),
        expires_at: Some(minutes_later(1000)),
    }
}

/// Storage in which Ann has `count` tokens.
fn having(count: usize) -> MockTokenRepository {
    let mut tokens = MockTokenRepository::new();
    tokens
        .expect_list_tokens()
        .with(eq(a_staff_member("ann").id))
        .returning(move |_| Ok(vec![a_token(&a_staff_member("ann")); count]));
    tokens
}

fn manage(staff: MockStaffRepository, tokens: MockTokenRepository) -> ManageTokens {
    let ids = Arc::new(SequentialIds::new());
    let lives = TokenLives::default();
    let tokens: Arc<dyn TokenRepository> = Arc::new(tokens);
    let acts = Arc::new(Acts { tokens: Some(Arc::clone(&tokens)), ..Acts::default() });
    ManageTokens::new(Arc::new(staff), tokens, acts, a_clock_at(5), ids, lives)
}

async fn issue(
    staff: MockStaffRepository,
    tokens: MockTokenRepository,
) -> Result<IssuedToken, TokenError> {
    manage(staff, tokens).issue(a_request(), &TokenMaker::CommandLine, &an_operator()).await
}

/// The stored tokens with their hashes.
type Stored = Arc<Mutex<Vec<(StaffToken, TokenHash)>>>;

fn storing(mut tokens: MockTokenRepository) -> (MockTokenRepository, Stored) {
    let stored = Stored::default();
    let log = stored.clone();
    tokens.expect_add_token().once().returning(move |token, hash| {
        log.lock().unwrap().push((token.clone(), *hash));
        Ok(())
    });
    (tokens, stored)
}

#[tokio::test]
async fn only_the_hash_of_a_token_is_stored() {
    let (tokens, stored) = storing(having(99));
    let issued = issue(staff_with(Some(a_staff_member("ann"))), tokens).await.unwrap();
    assert_eq!(issued.secret.expose(), TOKEN);

    let (token, hash) = stored.lock().unwrap().remove(0);
    assert_eq!(hash, the_hash());
    let NewToken { staff_id, name, expires_at } = a_request();
    let expected = StaffToken {
        id: token.id,
        staff_id,
        name,
        created_at: minutes_later(5),
        expires_at,
        last_used_at: None,
        role_ceiling: None,
        parent: None,
        made_by: None,
    };
    assert_eq!(token, expected);
    assert_eq!(issued.token, expected);
}

#[tokio::test]
async fn tokens_are_issued_to_active_members_only() {
    let gone = StaffMember { deactivated_at: Some(minutes_later(1)), ..a_staff_member("ann") };
    for member in [None, Some(gone)] {
        let outcome = issue(staff_with(member), MockTokenRepository::new()).await;
        let Err(TokenError::StaffNotFound(id)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(id, a_request().staff_id);
    }
}

#[tokio::test]
async fn a_token_that_has_already_expired_is_not_issued() {
    for minute in [0, 5] {
        let expires_at = Some(minutes_later(minute));
        let manage = manage(MockStaffRepository::new(), MockTokenRepository::new());
        let request = NewToken { expires_at, ..a_request() };
        let outcome = manage.issue(request, &TokenMaker::CommandLine, &an_operator()).await;
        assert!(matches!(outcome, Err(TokenError::Expired)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_member_has_a_hundred_tokens_at_most() {
    let outcome = issue(staff_with(Some(a_staff_member("ann"))), having(100)).await;
    assert!(matches!(outcome, Err(TokenError::TooMany { most: 100, .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_token_that_was_not_stored_is_not_returned() {
    let mut tokens = having(0);
    tokens.expect_add_token().once().returning(|_, _| Err(no_connection()));
    let outcome = issue(staff_with(Some(a_staff_member("ann"))), tokens).await;
    assert!(matches!(outcome, Err(TokenError::Repository(RepositoryError::Unavailable(_)))));

    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().once().returning(|_| Err(no_connection()));
    let outcome = issue(staff, MockTokenRepository::new()).await;
    assert!(matches!(outcome, Err(TokenError::Repository(RepositoryError::Unavailable(_)))));
}

#[tokio::test]
async fn only_the_tokens_of_the_member_are_listed() {
    let tokens = manage(MockStaffRepository::new(), having(2)).list(&a_request().staff_id).await;
    assert_eq!(tokens.unwrap(), vec![a_token(&a_staff_member("ann")); 2]);
    let tokens = manage(staff_with(Some(a_staff_member("ann"))), having(0))
        .list(&a_request().staff_id)
        .await;
    assert_eq!(tokens.unwrap(), []);
    let outcome = manage(staff_with(None), having(0)).list(&a_request().staff_id).await;
    assert!(matches!(outcome, Err(TokenError::StaffNotFound(id)) if id.as_str() == "ann"));
}

#[tokio::test]
async fn a_token_is_revoked_by_owner_and_token_id() {
    let id = TokenId::from_u128(7);
    for is_there in [true, false] {
        let mut tokens = MockTokenRepository::new();
        tokens
            .expect_remove_token()
            .with(eq(a_request().staff_id), eq(id))
            .once()
            .returning(move |_, _| Ok(is_there));
        let manage = manage(MockStaffRepository::new(), tokens);
        match manage.revoke(&a_request().staff_id, id, &an_operator()).await {
            Ok(()) => assert!(is_there),
            Err(TokenError::NotFound(missing)) => assert_eq!((missing, is_there), (id, false)),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn secrets_do_not_appear_in_debug_output() {
    let (tokens, stored) = storing(having(0));
    let issued = issue(staff_with(Some(a_staff_member("ann"))), tokens).await.unwrap();
    let written = format!("{issued:?} {issued:#?} {0:?} {0:#?}", stored.lock().unwrap());
    assert!(written.contains("StaffTokenSecret") && written.contains("TokenHash"), "{written}");
    let hash = the_hash().0;
    for leak in ["abab", "eng_", &HASH[..8], &format!("{}, {}", hash[0], hash[1])] {
        assert!(!written.contains(leak), "{leak} in {written}");
    }
    // Also not as numbers on separate lines.
    assert!(!written.contains(&format!("{},\n", hash[0])), "{written}");
}
