//! Tests of [`AttachmentStore`].

use std::io;
use std::sync::Arc;

use engage_domain::AttachmentId;
use engage_repository::{AttachmentStore, Content, RepositoryError};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::all_at_once;
use crate::builders::a_fresh_id;

type Store = Arc<dyn AttachmentStore>;

fn an_id() -> AttachmentId {
    AttachmentId::from_u128(a_fresh_id())
}

/// Returns bytes that vary by position.
fn octets(count: usize) -> Vec<u8> {
    (0..count).map(|place| u8::try_from((place / 251 + place) % 251).unwrap()).collect()
}

/// Splits content into chunks of the given size.
fn in_pieces(bytes: &[u8], size: usize) -> Content {
    let pieces: Vec<_> = bytes.chunks(size).map(|piece| Ok(piece.to_vec().into())).collect();
    Box::pin(stream::iter(pieces))
}

/// Returns a content whose stream fails after these bytes.
fn broken_after(bytes: &[u8]) -> Content {
    let failure = stream::iter([Err(io::Error::from(io::ErrorKind::UnexpectedEof))]);
    Box::pin(in_pieces(bytes, 64 * 1024).chain(failure))
}

async fn kept(store: &Store, id: AttachmentId) -> Option<Vec<u8>> {
    let content = store.get(id).await.expect("a content is read")?;
    let bytes = content.try_fold(Vec::new(), |mut all, piece| async move {
        all.extend_from_slice(&piece);
        Ok(all)
    });
    Some(bytes.await.expect("a content is read to its end"))
}

pub async fn a_content_of_any_length_is_read_back(store: &Store) {
    for size in [0, 1, 255, 64 * 1024, 256 * 1024, 256 * 1024 + 1, 5 * 1024 * 1024, 11_000_000] {
        let (id, bytes) = (an_id(), octets(size));
        store.put(id, in_pieces(&bytes, 60_000)).await.expect("a content is stored");
        assert!(kept(store, id).await.as_ref() == Some(&bytes), "{size} bytes are read back");
    }
}

pub async fn an_unknown_id_has_no_content(store: &Store) {
    store.put(an_id(), in_pieces(b"another", 10)).await.unwrap();
    assert_eq!(kept(store, an_id()).await, None);
}

pub async fn a_new_content_replaces_the_previous_one(store: &Store) {
    let id = an_id();
    for text in [&b"the first and longer one"[..], b"the second"] {
        store.put(id, in_pieces(text, 5)).await.unwrap();
        assert_eq!(kept(store, id).await.as_deref(), Some(text));
    }
}

pub async fn nothing_is_stored_of_an_interrupted_content(store: &Store) {
    for size in [0, 1000, 300 * 1024, 6 * 1024 * 1024] {
        let id = an_id();
        let outcome = store.put(id, broken_after(&octets(size))).await;
        assert!(matches!(outcome, Err(RepositoryError::Unavailable(_))), "{outcome:?}");
        assert_eq!(kept(store, id).await, None, "of {size} bytes");
    }
}

pub async fn deleting_a_content_does_not_affect_others(store: &Store) {
    let (gone, stays) = (an_id(), an_id());
    for id in [gone, stays] {
        store.put(id, in_pieces(b"content", 3)).await.unwrap();
    }
    store.delete(gone).await.expect("a content is deleted");
    assert_eq!(kept(store, gone).await, None);
    assert_eq!(kept(store, stays).await.as_deref(), Some(&b"content"[..]));
}

pub async fn deleting_an_unknown_content_succeeds(store: &Store) {
    let id = an_id();
    store.delete(id).await.expect("nothing was there");
    store.put(id, in_pieces(b"content", 3)).await.unwrap();
    for _ in 0..2 {
        store.delete(id).await.expect("nothing is there afterwards");
    }
}

pub async fn many_contents_are_stored_concurrently(store: &Store) {
    let outcomes = all_at_once((0..20_usize).map(|number| {
        let store = Arc::clone(store);
        async move {
            let (id, bytes) = (an_id(), octets(100_000 + number));
            store.put(id, in_pieces(&bytes, 4096)).await.expect("a content is stored");
            kept(&store, id).await == Some(bytes)
        }
    }));
    assert_eq!(outcomes.await, [true; 20]);
}

pub async fn the_free_space_is_reported_if_it_is_limited(store: &Store) {
    store.put(an_id(), in_pieces(b"content", 3)).await.unwrap();
    if let Some(space) = store.space().await.expect("the space is reported") {
        assert!(space.free <= space.total, "{space:?}");
        assert!(space.total > 0, "something is stored there");
    }
}
