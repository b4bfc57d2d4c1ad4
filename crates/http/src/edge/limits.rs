//! How often anybody may ask.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::Edge;
use super::address::network_of;
use crate::error::ApiError;

/// How many requests are served in a minute. Each may come at once; what was used comes back evenly
/// over the minute.
#[derive(Debug, Clone)]
pub struct RateLimits {
    /// New cases, for each client address.
    pub creations: NonZeroU32,
    /// Other calls of the customer endpoints, for each client address.
    pub customer_calls: NonZeroU32,
    /// Calls of the staff endpoints, for each token.
    pub staff_calls: NonZeroU32,
    /// Calls of the staff endpoints with a token that is not valid, for each client address.
    pub failed_tokens: NonZeroU32,
}

/// A minute, in seconds: the time that all quotas are for.
const WINDOW: u32 = 60;

/// After how many checks those who have all of their quota again are forgotten.
const SWEEP_EVERY: u32 = 4096;

type Buckets<K> =
    RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// One quota for each of many.
struct Quotas<K: Hash + Eq + Clone> {
    name: &'static str,
    quota: NonZeroU32,
    buckets: Buckets<K>,
    checks: AtomicU32,
}

/// How much is left of a quota.
pub(crate) struct Left {
    name: &'static str,
    quota: NonZeroU32,
    remaining: u32,
}

/// A quota of which nothing is left.
pub(crate) struct UsedUp {
    left: Left,
    retry_after_seconds: u64,
}

impl UsedUp {
    /// The answer to a request that came too soon.
    pub(crate) fn refuse(self, request: ServiceRequest) -> ServiceResponse {
        let Self { left, retry_after_seconds } = self;
        let mut response = request.error_response(ApiError::RateLimited { retry_after_seconds });
        left.write(response.headers_mut());
        response
    }
}

impl<K: Hash + Eq + Clone> Quotas<K> {
    fn new(name: &'static str, quota: NonZeroU32) -> Self {
        let buckets = RateLimiter::keyed(Quota::per_minute(quota)).with_middleware();
        Self { name, quota, buckets, checks: AtomicU32::new(0) }
    }

    /// Takes one of somebody's quota, or says in how many seconds there is one again.
    fn take(&self, who: &K) -> Result<Left, UsedUp> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.buckets.retain_recent();
        }
        match self.buckets.check_key(who) {
            Ok(state) => Ok(Left {
                name: self.name,
                quota: self.quota,
                remaining: state.remaining_burst_capacity(),
            }),
            Err(refusal) => {
                Err(self.used_up(seconds(refusal.wait_time_from(DefaultClock::default().now()))))
            }
        }
    }

    fn used_up(&self, retry_after_seconds: u64) -> UsedUp {
        let left = Left { name: self.name, quota: self.quota, remaining: 0 };
        UsedUp { left, retry_after_seconds }
    }
}

impl Left {
    /// The fields of draft-ietf-httpapi-ratelimit-headers-10.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let Self { name, quota, remaining } = self;
        let used = quota.get().saturating_sub(*remaining);
        let whole_again = (u64::from(used) * u64::from(WINDOW)).div_ceil(u64::from(quota.get()));
        let fields = [
            ("ratelimit-policy", format!("\"{name}\";q={quota};w={WINDOW}")),
            ("ratelimit", format!("\"{name}\";r={remaining};t={whole_again}")),
        ];
        for (field, value) in fields {
            // Digits and letters are a header value.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(field), value);
            }
        }
    }
}

/// Counts who asks how often.
pub(crate) struct Limiter {
    creations: Quotas<IpAddr>,
    customer_calls: Quotas<IpAddr>,
    staff_calls: Quotas<[u8; 32]>,
    failed_tokens: FailedTokens,
}

impl Limiter {
    pub(crate) fn new(limits: &RateLimits) -> Self {
        Self {
            creations: Quotas::new("creations", limits.creations),
            customer_calls: Quotas::new("customer-calls", limits.customer_calls),
            staff_calls: Quotas::new("staff-calls", limits.staff_calls),
            failed_tokens: FailedTokens::new(limits.failed_tokens),
        }
    }
}

/// Slows down who tries tokens: once an address has used up its failures, no token is looked at that
/// comes from there, not even a valid one, until it may fail again.
struct FailedTokens {
    failures: Quotas<IpAddr>,
    shut_out: Mutex<HashMap<IpAddr, Instant>>,
}

/// From how many addresses shut out on those whose time is over are forgotten.
const FORGET_ABOVE: usize = 1024;

impl FailedTokens {
    fn new(limit: NonZeroU32) -> Self {
        Self { failures: Quotas::new("failed-tokens", limit), shut_out: Mutex::default() }
    }

    /// For how many seconds an address is shut out.
    fn wait(&self, address: IpAddr) -> Option<u64> {
        let until = self.shut_out().get(&address).copied()?;
        let left = until.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then(|| seconds(left))
    }

    fn note(&self, address: IpAddr) {
        let wait = match self.failures.take(&address) {
            Ok(left) if left.remaining > 0 => return,
            Ok(_) => Duration::from_secs(WINDOW.into()) / self.failures.quota.get(),
            Err(used_up) => Duration::from_secs(used_up.retry_after_seconds),
        };
        let now = Instant::now();
        let mut shut_out = self.shut_out();
        if shut_out.len() >= FORGET_ABOVE {
            shut_out.retain(|_, until| *until > now);
        }
        shut_out.insert(address, now + wait);
    }

    fn shut_out(&self) -> MutexGuard<'_, HashMap<IpAddr, Instant>> {
        // The map is whole after every statement, so a panic elsewhere leaves it usable.
        self.shut_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rounded up, so that who waits as told is not told to wait again.
fn seconds(time: Duration) -> u64 {
    time.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

fn limiter(request: &ServiceRequest) -> Option<web::Data<Limiter>> {
    request.app_data::<web::Data<Limiter>>().cloned()
}

/// Takes one of the quota of a token that was found valid; nothing where there are no limits.
pub(crate) fn take_for_token(
    request: &ServiceRequest,
    token: &str,
) -> Option<Result<Left, UsedUp>> {
    Some(limiter(request)?.staff_calls.take(&Sha256::digest(token).into()))
}

/// Serves no more than the limits allow.
pub(crate) async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let edge = request.app_data::<web::Data<Edge>>();
    let client = edge.and_then(|edge| edge.proxies.client(&request)).map(network_of);
    let (Some(limiter), Some(client)) = (limiter(&request), client) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    // As it is routed: decoded, so that no other spelling goes round the limits.
    let path = request.match_info().as_str().to_owned();
    if path.starts_with("/api/internal") {
        if let Some(wait) = limiter.failed_tokens.wait(client) {
            return Ok(limiter.failed_tokens.failures.used_up(wait).refuse(request));
        }
        let shows_a_token = request.headers().contains_key(AUTHORIZATION);
        let response = next.call(request).await?.map_into_boxed_body();
        if shows_a_token && response.status() == StatusCode::UNAUTHORIZED {
            limiter.failed_tokens.note(client);
        }
        return Ok(response);
    }
    if !path.starts_with("/api/support/") {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let opens_a_case = request.method() == Method::POST && path == "/api/support/case";
    let quotas = if opens_a_case { &limiter.creations } else { &limiter.customer_calls };
    match quotas.take(&client) {
        Ok(left) => {
            let mut response = next.call(request).await?.map_into_boxed_body();
            left.write(response.headers_mut());
            Ok(response)
        }
        Err(used_up) => Ok(used_up.refuse(request)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> NonZeroU32 {
        NonZeroU32::new(3).unwrap()
    }

    #[test]
    fn a_quota_is_used_up_by_one_and_not_by_others() {
        let quotas = Quotas::new("calls", three());
        let take = |who| {
            let taken = quotas.take(&who).map(|left| left.remaining);
            taken.map_err(|used_up| used_up.retry_after_seconds)
        };
        for remaining in [2, 1, 0] {
            assert_eq!(take("ann"), Ok(remaining));
        }
        // One of three comes back every 20 seconds.
        let wait = take("ann").unwrap_err();
        assert!((19..=20).contains(&wait), "{wait}");
        assert_eq!(take("ben"), Ok(2));
    }

    #[test]
    fn what_is_left_is_written_in_the_standards_fields() {
        let mut headers = HeaderMap::new();
        Left { name: "calls", quota: three(), remaining: 1 }.write(&mut headers);
        assert_eq!(headers.get("ratelimit-policy").unwrap(), "\"calls\";q=3;w=60");
        assert_eq!(headers.get("ratelimit").unwrap(), "\"calls\";r=1;t=40");
    }

    #[test]
    fn an_address_is_shut_out_once_its_failures_are_used_up() {
        let failed = FailedTokens::new(three());
        let [ann, ben] = ["203.0.113.1", "203.0.113.2"].map(|text| text.parse().unwrap());
        for _ in 0..2 {
            failed.note(ann);
            assert_eq!(failed.wait(ann), None);
        }
        failed.note(ann);
        assert!(failed.wait(ann).is_some_and(|wait| (19..=20).contains(&wait)));
        assert_eq!(failed.wait(ben), None);
    }
}
