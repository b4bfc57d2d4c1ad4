//! Tags in requests about cases.

use engage_domain::tag::{TagChange, TagName, Tags};

use crate::deadline::in_time;
use crate::error::ApiError;
use crate::staff::access::Staff;
use crate::validation::Validation;

const NAMES: [&str; 2] = ["name", "tags"];

/// Reads names of tags, at most as many as a case has.
fn names(
    v: &mut Validation,
    field: &'static str,
    given: Option<&[String]>,
) -> Option<Vec<TagName>> {
    given.and_then(|given| v.each(field, given, Tags::MOST, NAMES, str::parse))
}

/// Reads all tags of a case.
pub(crate) fn all_tags(
    v: &mut Validation,
    field: &'static str,
    given: Option<&[String]>,
) -> Option<Tags> {
    names(v, field, given).map(Tags::from_stored)
}

/// Reads tags to add and to remove.
pub(crate) fn tag_change(
    v: &mut Validation,
    add: Option<&[String]>,
    remove: Option<&[String]>,
) -> TagChange {
    let add = names(v, "addTags", add).unwrap_or_default();
    let remove = names(v, "removeTags", remove).unwrap_or_default();
    if let Some(both) = add.iter().find(|name| remove.iter().any(|one| one.is_same_tag(name))) {
        v.problem("removeTags", format!("must not contain {both}, which addTags contains"));
    }
    TagChange { add, remove }
}

/// Returns the tags of a case as they are spelled, and creates those that do not exist.
pub(crate) async fn known_tags<P>(staff: &Staff<P>, tags: &Tags) -> Result<Tags, ApiError> {
    let (names, role, tags) =
        (staff.use_cases().tag_names.clone(), staff.member().role, tags.clone());
    in_time(async move { names.all(&tags, role).await }).await
}

/// Returns a change of tags as they are spelled, and creates those to add that do not exist.
pub(crate) async fn known_tag_change<P>(
    staff: &Staff<P>,
    change: TagChange,
) -> Result<TagChange, ApiError> {
    let (names, role) = (staff.use_cases().tag_names.clone(), staff.member().role);
    in_time(async move { names.change(change, role).await }).await
}
