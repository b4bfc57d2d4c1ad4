//! What a client wants to get.

use actix_web::http::header::{ACCEPT, HeaderMap};

/// Of the media types that the client accepts the first that is offered.
pub(crate) fn accepted<T: Copy>(headers: &HeaderMap, offered: &[(&str, T)]) -> Option<T> {
    let accepted = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let mut names = accepted
        .flat_map(|value| value.split(','))
        .filter_map(|one| one.split(';').next())
        .map(str::trim);
    names.find_map(|name| {
        let found = offered.iter().find(|(offered, _)| name.eq_ignore_ascii_case(offered));
        found.map(|(_, offer)| *offer)
    })
}
