//! Content negotiation.

use std::cmp::Reverse;

use actix_web::HttpRequest;
use actix_web::http::header::{Accept, Header, Quality};

/// Returns the offer whose media type the client prefers, or `None` if it accepts none of them
/// (RFC 9110, section 12.5.1).
///
/// actix-web parses the header, but can only rank the client's own ranges: `text/csv;q=0, */*`
/// would still match `text/csv`. Here, the most specific range that matches a media type gives its
/// quality. Among equally preferred media types, the one whose range comes first wins.
pub(crate) fn accepted<T: Copy>(request: &HttpRequest, offers: &[(&str, T)]) -> Option<T> {
    let ranges = Accept::parse(request).ok()?;
    let rated = offers.iter().filter_map(|(name, offer)| Some((rating(name, &ranges)?, *offer)));
    // Of several maxima, `max_by_key` returns the last, but the first offer is the default.
    let best = rated.rev().max_by_key(|(rating, _)| *rating);
    best.map(|(_, offer)| offer)
}

/// Returns the quality of a media type and the position of the range that gives it, such that the
/// greatest value is preferred. Returns `None` if the client does not accept the media type.
fn rating(name: &str, ranges: &Accept) -> Option<(Quality, Reverse<usize>)> {
    let (kind, _) = name.split_once('/')?;
    let matching = ranges.iter().enumerate().filter_map(|(position, range)| {
        let range_name = range.item.essence_str();
        let specificity = match range_name {
            _ if range_name.eq_ignore_ascii_case(name) => 2,
            "*/*" => 0,
            _ if range.item.subtype() == "*" && range.item.type_() == kind => 1,
            _ => return None,
        };
        Some((specificity, Reverse(position), range.quality))
    });
    let (_, position, quality) = matching.max_by_key(|(rank, at, _)| (*rank, *at))?;
    (quality > Quality::ZERO).then_some((quality, position))
}
