//! What a client wants to get.

use actix_web::HttpRequest;
use actix_web::http::header::{Accept, Header, Quality};

/// Of the media types that are offered the one that the client likes best (RFC 9110, section 12.5.1):
/// each has the quality of the most specific range that fits it. Of several that are liked as well the
/// one whose range comes first; nothing where the client likes none.
pub(crate) fn accepted<T: Copy>(request: &HttpRequest, offered: &[(&str, T)]) -> Option<T> {
    let ranges = Accept::parse(request).ok()?;
    let mut best: Option<(Quality, usize, T)> = None;
    for (name, offer) in offered {
        let Some((quality, place)) = quality_of(name, &ranges) else { continue };
        let is_better = best.is_none_or(|(so_far, before, _)| {
            quality > so_far || (quality == so_far && place < before)
        });
        if quality > Quality::ZERO && is_better {
            best = Some((quality, place, *offer));
        }
    }
    best.map(|(_, _, offer)| offer)
}

/// The quality of a media type, and the place of the range that says so.
fn quality_of(name: &str, ranges: &Accept) -> Option<(Quality, usize)> {
    let (kind, _) = name.split_once('/')?;
    let fitting = ranges.0.iter().enumerate().filter_map(|(place, range)| {
        let range_name = range.item.essence_str();
        let specific = match range_name {
            _ if range_name.eq_ignore_ascii_case(name) => 2,
            "*/*" => 0,
            _ if range.item.subtype() == "*" && range.item.type_() == kind => 1,
            _ => return None,
        };
        Some((specific, place, range.quality))
    });
    let best = fitting.max_by_key(|(specific, place, _)| (*specific, std::cmp::Reverse(*place)));
    best.map(|(_, place, quality)| (quality, place))
}
