//! Tests of [`UploadRepository`](engage_repository::UploadRepository).

use std::num::NonZeroU32;

use engage_domain::attachment::ContentHash;
use engage_domain::{
    Actor, Attachment, AttachmentId, Case, Decision, Policies, StaffId, Timestamp, UpdateRequest,
    Visibility,
};
use engage_repository::{
    ExpiredUpload, MeasuredFiles, ParticipantView, RepositoryError, UniqueConstraint, Upload,
};

use super::{Store, all_at_once};
use crate::builders::{
    a_case_number, a_change_set, a_fresh_id, a_staff_member, a_stamp, an_opened, by,
    by_participant, joined, minutes_later, monday, replied, replied_by,
};

fn ann() -> StaffId {
    "ann".parse().unwrap()
}

fn an_upload() -> Upload {
    Upload {
        id: AttachmentId::from_u128(a_fresh_id()),
        uploaded_by: Some(ann()),
        filename: "Bericht für März 💻.pdf".parse().unwrap(),
        content_type: "application/pdf".parse().unwrap(),
        created_at: monday(),
    }
}

/// Returns the file that an upload becomes once it is finished.
fn finished(upload: &Upload) -> Attachment {
    Attachment {
        id: upload.id,
        filename: upload.filename.clone(),
        content_type: upload.content_type.clone(),
        size: 10 * 1024 * 1024,
        hash: ContentHash::from_bytes([0xa7; 32]),
    }
}

async fn add(store: &Store, upload: &Upload) {
    store.uploads.add_upload(upload).await.expect("an upload is stored");
}

async fn finish(store: &Store, file: &Attachment) -> bool {
    let finished = store.uploads.finish_upload(file.id, file.size, file.hash).await;
    finished.expect("the end of an upload is recorded")
}

async fn keep_finished(store: &Store, upload: &Upload) -> Attachment {
    add(store, upload).await;
    let file = finished(upload);
    assert!(finish(store, &file).await);
    file
}

async fn find(store: &Store, ids: &[AttachmentId], since: Timestamp) -> Vec<Attachment> {
    store.uploads.find_uploads(ids, &ann(), since).await.expect("uploads are found")
}

async fn find_one(store: &Store, id: AttachmentId) -> Option<Attachment> {
    store.uploads.find_attachment(id).await.expect("a file is found")
}

async fn expired(store: &Store, before: Timestamp) -> Vec<ExpiredUpload> {
    let most = NonZeroU32::new(100).unwrap();
    store.uploads.list_expired_uploads(before, most).await.expect("uploads are listed")
}

async fn remove(store: &Store, ids: &[AttachmentId]) {
    store.uploads.remove_uploads(ids).await.expect("uploads are removed");
}

/// Writes to a case with attached files.
fn with_files(case: &Case, visibility: Visibility, files: Vec<Attachment>) -> Decision {
    let request = UpdateRequest {
        message: Some("See there.".parse().unwrap()),
        visibility,
        status_change: None,
        attachments: files,
        ..UpdateRequest::default()
    };
    let stamp = a_stamp(by(&a_staff_member("ann")), minutes_later(1));
    case.update(request, &Policies::default(), stamp).unwrap().unwrap()
}

pub async fn an_upload_is_found_once_it_is_finished(store: &Store) {
    let upload = an_upload();
    add(store, &upload).await;
    assert_eq!(find(store, &[upload.id], monday()).await, []);
    assert_eq!(find_one(store, upload.id).await, None);
    let file = finished(&upload);
    assert!(finish(store, &file).await);
    assert_eq!(find(store, &[upload.id], monday()).await, std::slice::from_ref(&file));
    assert_eq!(find_one(store, upload.id).await, Some(file));
}

pub async fn only_the_named_uploads_are_found(store: &Store) {
    let mut files = Vec::new();
    for _ in 0..3 {
        files.push(keep_finished(store, &an_upload()).await);
    }
    let unknown = AttachmentId::from_u128(a_fresh_id());
    let mut found = find(store, &[files[2].id, unknown, files[0].id], monday()).await;
    found.sort_by_key(|file| file.id);
    assert_eq!(found, [files[0].clone(), files[2].clone()]);
    assert_eq!(find(store, &[], monday()).await, []);
}

pub async fn uploads_of_other_members_are_not_found(store: &Store) {
    for uploaded_by in [None, Some("ben".parse().unwrap())] {
        let upload = Upload { uploaded_by, ..an_upload() };
        keep_finished(store, &upload).await;
        assert_eq!(find(store, &[upload.id], monday()).await, []);
    }
}

pub async fn an_upload_started_before_the_cutoff_is_not_found(store: &Store) {
    let upload = an_upload();
    let file = keep_finished(store, &upload).await;
    let a_moment = std::time::Duration::from_millis(1);
    assert_eq!(find(store, &[file.id], monday()).await, std::slice::from_ref(&file));
    assert_eq!(find(store, &[file.id], monday().plus(a_moment)).await, []);
}

pub async fn an_unknown_upload_cannot_finish(store: &Store) {
    let file = finished(&an_upload());
    assert!(!finish(store, &file).await);
    assert_eq!(find_one(store, file.id).await, None);
}

pub async fn an_attached_upload_is_not_found_again_but_its_file_is(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let file = keep_finished(store, &an_upload()).await;
    store.keep(with_files(&case, Visibility::Internal, vec![file.clone()])).await;
    assert_eq!(find(store, &[file.id], monday()).await, []);
    assert_eq!(find_one(store, file.id).await, Some(file.clone()));
    remove(store, &[file.id]).await;
    assert_eq!(find_one(store, file.id).await, Some(file));
}

pub async fn an_attached_file_outlives_its_upload(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let file = keep_finished(store, &an_upload()).await;
    store.keep(with_files(&case, Visibility::Public, vec![file.clone()])).await;
    remove(store, &[file.id]).await;
    let details = store.details(case.number()).await;
    assert_eq!(details.updates.entries[0].attachments, [file]);
}

pub async fn participants_find_only_files_in_their_view(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let case = store.keep(joined(&case, "ann@x.example", Actor::Customer, minutes_later(1))).await;
    let ann = case.facts().participants[0].id;
    let authors = [Actor::Customer, by_participant(&case), Actor::Customer];
    let (mut files, mut last) = (Vec::new(), case.clone());
    for (minutes, author) in (2..).zip(authors) {
        let reply = replied_by(&last, author, "See there.", minutes_later(minutes));
        files.push(reply.event.updates[0].attachments[0].clone());
        last = store.keep(reply).await;
    }
    let [early, own, late] = <[_; 3]>::try_from(files).expect("there are three");
    let find = async |id, reads_from| {
        let view = Some(ParticipantView { person: ann, reads_from });
        let found = store.uploads.find_public_attachment(case.number(), id, view).await;
        found.expect("a file is found")
    };
    let reads_from = minutes_later(4);
    assert_eq!(find(early.id, reads_from).await, None);
    assert_eq!(find(own.id, reads_from).await, Some(own));
    assert_eq!(find(late.id, reads_from).await, Some(late));
    assert_eq!(find(early.id, minutes_later(2)).await, Some(early));
}

pub async fn customers_find_only_files_of_public_updates_of_their_case(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    store.keep(an_opened(2)).await;
    let file = || finished(&an_upload());
    let (public, internal) = (file(), file());
    let case = store.keep(with_files(&case, Visibility::Public, vec![public.clone()])).await;
    let case = store.keep(with_files(&case, Visibility::Internal, vec![internal.clone()])).await;
    let reply = replied(&case, "And here.", minutes_later(2));
    let own = reply.event.updates[0].attachments[0].clone();
    store.keep(reply).await;
    let untaken = keep_finished(store, &an_upload()).await;
    let find = async |number, id| {
        let found = store.uploads.find_public_attachment(&a_case_number(number), id, None).await;
        found.expect("a file is found")
    };
    for shown in [public, own] {
        assert_eq!(find(2, shown.id).await, None);
        assert_eq!(find(3, shown.id).await, None);
        assert_eq!(find(1, shown.id).await, Some(shown));
    }
    for hidden in [internal, untaken, file()] {
        assert_eq!(find(1, hidden.id).await, None);
    }
}

pub async fn expired_uploads_show_whether_they_were_attached(store: &Store) {
    let case = store.keep(an_opened(1)).await;
    let at = |minutes| Upload { created_at: minutes_later(minutes), ..an_upload() };
    let (begun, untaken, taken, young) = (at(3), at(2), at(1), at(4));
    for upload in [&begun, &young] {
        add(store, upload).await;
    }
    keep_finished(store, &untaken).await;
    let file = keep_finished(store, &taken).await;
    store.keep(with_files(&case, Visibility::Public, vec![file])).await;
    let expected = [(taken.id, true), (untaken.id, false), (begun.id, false)];
    let expected = expected.map(|(id, is_taken)| ExpiredUpload { id, is_taken });
    assert_eq!(expired(store, minutes_later(4)).await, expected);
    let one = store.uploads.list_expired_uploads(minutes_later(4), NonZeroU32::MIN).await;
    assert_eq!(one.unwrap(), expected[..1]);
    remove(store, &[taken.id, begun.id]).await;
    assert_eq!(expired(store, minutes_later(4)).await, expected[1..2]);
}

pub async fn attaching_a_file_to_a_second_update_is_a_duplicate(store: &Store) {
    let (first, second) = (store.keep(an_opened(1)).await, store.keep(an_opened(2)).await);
    let file = keep_finished(store, &an_upload()).await;
    let winner = with_files(&first, Visibility::Public, vec![file.clone()]);
    let kept = store.keep(winner.clone()).await;
    for case in [&kept, &second] {
        let other = keep_finished(store, &an_upload()).await;
        let files = vec![other, file.clone()];
        let outcome = store.commit(with_files(case, Visibility::Public, files), vec![]).await;
        let taken = matches!(
            outcome,
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Attachment })
        );
        assert!(taken, "{outcome:?}");
    }
    assert_eq!(store.case(first.number()).await, kept);
    assert_eq!(store.details(second.number()).await.updates.entries, []);
    // A stored update is not a duplicate of itself.
    store.cases.commit(a_change_set(winner, vec![])).await.expect("the update is stored");
}

pub async fn exactly_one_of_many_concurrent_updates_gets_a_file(store: &Store) {
    let mut changes = Vec::new();
    let file = keep_finished(store, &an_upload()).await;
    for sequence in 1..=20 {
        let case = store.keep(an_opened(sequence)).await;
        // Every other update has no part in the race and must not be delayed by it.
        let files = if sequence % 2 == 0 { vec![file.clone()] } else { Vec::new() };
        changes.push(a_change_set(with_files(&case, Visibility::Public, files), Vec::new()));
    }
    let outcomes = all_at_once(changes.into_iter().map(|change_set| {
        let cases = store.cases.clone();
        let races = !change_set.event.updates[0].attachments.is_empty();
        async move { (races, cases.commit(change_set).await) }
    }));
    let (racers, others): (Vec<_>, Vec<_>) =
        outcomes.await.into_iter().partition(|(races, _)| *races);
    assert!(others.iter().all(|(_, outcome)| outcome.is_ok()), "{others:?}");
    let (won, lost): (Vec<_>, Vec<_>) = racers.iter().partition(|(_, outcome)| outcome.is_ok());
    assert_eq!((won.len(), lost.len()), (1, 9));
    for (_, outcome) in lost {
        let taken = matches!(
            outcome,
            Err(RepositoryError::Duplicate { constraint: UniqueConstraint::Attachment })
        );
        assert!(taken, "{outcome:?}");
    }
}

pub async fn attached_files_are_measured_in_batches(store: &Store) {
    let two = NonZeroU32::new(2).unwrap();
    let measure = async |after| {
        store.uploads.measure_attachments(after, two).await.expect("files are measured")
    };
    let none = AttachmentId::from_u128(0);
    assert_eq!(measure(none).await, None);
    let mut files = Vec::new();
    // One of these is empty, and their sum does not fit into 32 bits.
    for size in [u64::from(u32::MAX), 0, 7] {
        files.push(Attachment { size, ..keep_finished(store, &an_upload()).await });
    }
    keep_finished(store, &an_upload()).await;
    let case = store.keep(an_opened(1)).await;
    store.keep(with_files(&case, Visibility::Internal, files.clone())).await;
    files.sort_by_key(|file| file.id);
    let bytes = |files: &[Attachment]| files.iter().map(|file| file.size).sum();
    let first = MeasuredFiles { last: files[1].id, bytes: bytes(&files[..2]) };
    assert_eq!(measure(none).await, Some(first));
    let second = MeasuredFiles { last: files[2].id, bytes: bytes(&files[2..]) };
    assert_eq!(measure(first.last).await, Some(second));
    assert_eq!(measure(second.last).await, None);
}
