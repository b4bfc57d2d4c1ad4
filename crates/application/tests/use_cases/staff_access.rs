use std::sync::{Arc, Mutex};

use engage_application::{Authenticate, IssueToken, IssueTokenError, NewToken, StaffTokenSecret};
use engage_domain::{ContentHash, StaffMember, Timestamp};
use engage_repository::{
    MockStaffRepository, MockTokenRepository, RepositoryError, StaffToken, TokenHash,
};
use engage_testkit::SequentialIds;
use engage_testkit::builders::{a_staff_member, minutes_later};
use mockall::predicate::eq;

use crate::desk::{a_clock_at, no_connection};

/// The first token that `SequentialIds` makes, and its SHA-256 as sha256sum(1) has it.
const TOKEN: &str = "eng_abababababababababababababababababababababababab0000000000000001";
const HASH: &str = "27e1dba1591526c439bc0c8c9942e4129d89da4a45bb92b81fa60bb68114c0a6";

fn the_hash() -> TokenHash {
    TokenHash(*HASH.parse::<ContentHash>().unwrap().as_bytes())
}

fn staff_with(member: Option<StaffMember>) -> MockStaffRepository {
    let mut staff = MockStaffRepository::new();
    staff
        .expect_find_staff()
        .with(eq(a_staff_member("ann").id))
        .once()
        .returning(move |_| Ok(member.clone()));
    staff
}

fn no_tokens() -> MockTokenRepository {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_add_token().never();
    tokens.expect_find_token_owner().never();
    tokens
}

fn a_request() -> NewToken {
    NewToken {
        staff_id: "ann".parse().unwrap(),
        name: Some("laptop".parse().unwrap()),
        expires_at: Some(minutes_later(1000)),
    }
}

async fn issue(
    staff: MockStaffRepository,
    tokens: MockTokenRepository,
) -> Result<StaffTokenSecret, IssueTokenError> {
    let ids = Arc::new(SequentialIds::new());
    IssueToken::new(Arc::new(staff), Arc::new(tokens), a_clock_at(5), ids)
        .execute(a_request())
        .await
}

async fn authenticate(
    tokens: MockTokenRepository,
    token: &str,
) -> Result<Option<StaffMember>, RepositoryError> {
    Authenticate::new(Arc::new(tokens), a_clock_at(5)).execute(token).await
}

#[tokio::test]
async fn a_token_is_shown_once_and_only_its_hash_is_kept() {
    let kept = Arc::new(Mutex::new(Vec::<StaffToken>::new()));
    let log = kept.clone();
    let mut tokens = MockTokenRepository::new();
    tokens.expect_add_token().once().returning(move |token| {
        log.lock().unwrap().push(token.clone());
        Ok(())
    });
    let secret = issue(staff_with(Some(a_staff_member("ann"))), tokens).await.unwrap();
    assert_eq!(secret.expose(), TOKEN);

    let kept = kept.lock().unwrap().remove(0);
    assert_eq!(kept.hash, the_hash());
    let NewToken { staff_id, name, expires_at } = a_request();
    let expected = StaffToken {
        id: kept.id,
        staff_id,
        name,
        hash: the_hash(),
        created_at: minutes_later(5),
        expires_at,
    };
    assert_eq!(kept, expected);
}

#[tokio::test]
async fn a_token_is_made_for_active_staff_only() {
    let left_at: Option<Timestamp> = Some(minutes_later(1));
    let gone = StaffMember { deactivated_at: left_at, ..a_staff_member("ann") };
    for member in [None, Some(gone)] {
        let outcome = issue(staff_with(member), no_tokens()).await;
        let Err(IssueTokenError::StaffNotFound(id)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(id, a_request().staff_id);
    }
}

#[tokio::test]
async fn a_token_that_storage_did_not_keep_is_not_shown() {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_add_token().once().returning(|_| Err(no_connection()));
    let outcome = issue(staff_with(Some(a_staff_member("ann"))), tokens).await;
    assert!(matches!(outcome, Err(IssueTokenError::Repository(RepositoryError::Unavailable(_)))));

    let mut staff = MockStaffRepository::new();
    staff.expect_find_staff().once().returning(|_| Err(no_connection()));
    let outcome = issue(staff, no_tokens()).await;
    assert!(matches!(outcome, Err(IssueTokenError::Repository(RepositoryError::Unavailable(_)))));
}

#[tokio::test]
async fn the_owner_of_a_token_is_asked_for_by_its_hash_and_the_present_time() {
    let mut tokens = MockTokenRepository::new();
    tokens
        .expect_find_token_owner()
        .withf(|hash, now| *hash == the_hash() && *now == minutes_later(5))
        .once()
        .returning(|_, _| Ok(Some(a_staff_member("ann"))));
    assert_eq!(authenticate(tokens, TOKEN).await.unwrap(), Some(a_staff_member("ann")));
}

#[tokio::test]
async fn a_token_that_storage_knows_no_owner_of_is_nobodys() {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_find_token_owner().once().returning(|_, _| Ok(None));
    assert_eq!(authenticate(tokens, "eng_guessed").await.unwrap(), None);
}

#[tokio::test]
async fn storage_is_not_asked_for_what_is_no_token() {
    let without_prefix = TOKEN.trim_start_matches("eng_");
    let spaced = format!(" {TOKEN}");
    let in_upper_case = TOKEN.to_uppercase();
    for text in ["", "eng", "Bearer", without_prefix, &spaced, &in_upper_case, "\0eng_"] {
        assert_eq!(authenticate(no_tokens(), text).await.unwrap(), None, "{text:?}");
    }
}

#[tokio::test]
async fn storage_out_of_reach_is_no_refusal() {
    let mut tokens = MockTokenRepository::new();
    tokens.expect_find_token_owner().once().returning(|_, _| Err(no_connection()));
    let outcome = authenticate(tokens, TOKEN).await;
    assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn no_secret_shows_in_what_is_written_for_developers() {
    let kept = Arc::new(Mutex::new(String::new()));
    let log = kept.clone();
    let mut tokens = MockTokenRepository::new();
    tokens.expect_add_token().once().returning(move |token| {
        *log.lock().unwrap() = format!("{token:?} {token:#?}");
        Ok(())
    });
    let secret = issue(staff_with(Some(a_staff_member("ann"))), tokens).await.unwrap();
    let written = format!("{secret:?} {secret:#?} {}", kept.lock().unwrap());
    assert!(written.contains("StaffTokenSecret") && written.contains("TokenHash"), "{written}");
    let hash = the_hash().0;
    for leak in ["abab", "eng_", &HASH[..8], &format!("{}, {}", hash[0], hash[1])] {
        assert!(!written.contains(leak), "{leak} in {written}");
    }
    // As numbers on lines of their own.
    assert!(!written.contains(&format!("{},\n", hash[0])), "{written}");
}
