//! Quotas: limits on requests per minute, and on bytes per hour.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use engage_application::client_network;
use engage_repository::Counted;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use metrics::{counter, describe_counter};

use super::address::site_of;
use super::shared::CountKey;
use crate::error::ApiError;

/// Period of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Window {
    Minute,
    Hour,
}

impl Window {
    fn seconds(self) -> u32 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3600,
        }
    }

    fn quota(self, most: NonZeroU32) -> Quota {
        match self {
            Self::Minute => Quota::per_minute(most),
            Self::Hour => Quota::per_hour(most),
        }
    }
}

const RATE_LIMITED: &str = "engage_http_rate_limited_total";

/// Number of checks after which keys with a full quota are removed.
const SWEEP_EVERY: u32 = 4096;

type Buckets =
    RateLimiter<Counted, DefaultKeyedStateStore<Counted>, DefaultClock, StateInformationMiddleware>;

/// A quota for each key. All of it may be used at once. It refills evenly over the window.
pub(super) struct Quotas {
    name: &'static str,
    quota: NonZeroU32,
    window: Window,
    buckets: Buckets,
    checks: AtomicU32,
    /// Use that has not been published to the other servers. `None` if the quota is not shared.
    unshared: Option<Mutex<HashMap<Counted, u32>>>,
}

/// Remainder of a quota.
pub(crate) struct RemainingQuota {
    name: &'static str,
    quota: NonZeroU32,
    window: Window,
    remaining: u32,
}

/// Error returned when a quota is exhausted.
pub(crate) struct QuotaExceeded {
    left: RemainingQuota,
    retry_after_seconds: u64,
}

impl QuotaExceeded {
    /// Builds the response to a request above the limit.
    pub(crate) fn refuse(self, request: ServiceRequest) -> ServiceResponse {
        // `into_response` would drop the error, which the log needs.
        let (request, _) = request.into_parts();
        ServiceResponse::new(request, self.into_response())
    }

    /// Replaces a response by the error.
    pub(super) fn replace<B>(self, response: ServiceResponse<B>) -> ServiceResponse {
        let (request, _) = response.into_parts();
        ServiceResponse::new(request, self.into_response())
    }

    pub(super) fn retry_after_seconds(&self) -> u64 {
        self.retry_after_seconds
    }

    fn into_response(self) -> HttpResponse {
        let Self { left, retry_after_seconds } = self;
        counter!(RATE_LIMITED, "limit" => left.name).increment(1);
        let mut response = HttpResponse::from_error(ApiError::RateLimited { retry_after_seconds });
        left.write(response.headers_mut());
        response
    }
}

impl Quotas {
    pub(super) fn new(
        name: &'static str,
        quota: NonZeroU32,
        window: Window,
        is_shared: bool,
    ) -> Self {
        describe_counter!(RATE_LIMITED, "Requests rejected by a rate limit, by limit.");
        counter!(RATE_LIMITED, "limit" => name).increment(0);
        let buckets = RateLimiter::keyed(window.quota(quota)).with_middleware();
        let unshared = is_shared.then(Mutex::default);
        Self { name, quota, window, buckets, checks: AtomicU32::new(0), unshared }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Takes from the quota of a key, or returns the seconds until there is enough. More than the
    /// whole quota counts as all of it.
    pub(super) fn take(
        &self,
        who: Counted,
        count: NonZeroU32,
    ) -> Result<RemainingQuota, QuotaExceeded> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.buckets.retain_recent();
        }
        let count = count.min(self.quota);
        let left = |remaining| RemainingQuota {
            name: self.name,
            quota: self.quota,
            window: self.window,
            remaining,
        };
        match self.buckets.check_key_n(&who, count) {
            Ok(Ok(state)) => {
                if let Some(unshared) = &self.unshared {
                    let mut unshared = lock(unshared);
                    let taken = unshared.entry(who).or_default();
                    *taken = taken.saturating_add(count.get());
                }
                Ok(left(state.remaining_burst_capacity()))
            }
            Ok(Err(refusal)) => {
                let wait = refusal.wait_time_from(DefaultClock::default().now());
                Err(QuotaExceeded { left: left(0), retry_after_seconds: seconds(wait) })
            }
            // Unreachable: at most the whole quota is requested.
            Err(_) => Err(QuotaExceeded {
                left: left(0),
                retry_after_seconds: self.window.seconds().into(),
            }),
        }
    }

    /// Returns the use since the last call.
    pub(super) fn unshared(&self) -> HashMap<Counted, u32> {
        self.unshared
            .as_ref()
            .map(|unshared| std::mem::take(&mut *lock(unshared)))
            .unwrap_or_default()
    }

    /// Takes the use reported by other servers, down to zero.
    pub(super) fn take_for_others(&self, who: Counted, count: u32) {
        let mut left = count.min(self.quota.get());
        let mut step = left;
        // Takes as much as possible at once. If there is not enough, the step is halved.
        while let Some(asked) = NonZeroU32::new(step.min(left)) {
            if matches!(self.buckets.check_key_n(&who, asked), Ok(Ok(_))) {
                left -= asked.get();
            } else {
                step = asked.get() / 2;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The guarded value is consistent after every statement, so a panic elsewhere does not
    // invalidate it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Quotas for each client address and, because an IPv6 client can have many, for each site.
pub(super) struct ClientQuotas {
    pub(super) networks: Quotas,
    pub(super) sites: Quotas,
}

impl ClientQuotas {
    pub(super) fn take(
        &self,
        client: IpAddr,
        key: &CountKey,
        count: NonZeroU32,
    ) -> Result<RemainingQuota, QuotaExceeded> {
        let left = self.networks.take(key.of_address(client_network(client)), count)?;
        match site_of(client) {
            Some(site) => self.sites.take(key.of_address(site), count).map(|_| left),
            None => Ok(left),
        }
    }
}

impl RemainingQuota {
    /// Writes the fields of draft-ietf-httpapi-ratelimit-headers-10.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let Self { name, quota, window, remaining } = self;
        let used = quota.get().saturating_sub(*remaining);
        let window = window.seconds();
        let whole_again = (u64::from(used) * u64::from(window)).div_ceil(u64::from(quota.get()));
        let fields = [
            ("ratelimit-policy", format!("\"{name}\";q={quota};w={window}")),
            ("ratelimit", format!("\"{name}\";r={remaining};t={whole_again}")),
        ];
        for (field, value) in fields {
            // Letters and digits are always a valid header value.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(field), value);
            }
        }
    }
}

/// Rounds up, so that a client that waits exactly this long succeeds.
fn seconds(time: Duration) -> u64 {
    time.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: NonZeroU32 = NonZeroU32::new(3).unwrap();
    const ANN: Counted = Counted([1; 16]);
    const BEN: Counted = Counted([2; 16]);

    fn take(quotas: &Quotas, who: Counted) -> Result<u32, u64> {
        let taken = quotas.take(who, NonZeroU32::MIN).map(|left| left.remaining);
        taken.map_err(|used_up| used_up.retry_after_seconds)
    }

    #[test]
    fn each_key_has_its_own_quota() {
        let quotas = Quotas::new("calls", THREE, Window::Minute, false);
        for remaining in [2, 1, 0] {
            assert_eq!(take(&quotas, ANN), Ok(remaining));
        }
        // One of three refills every 20 seconds.
        let wait = take(&quotas, ANN).unwrap_err();
        assert!((19..=20).contains(&wait), "{wait}");
        assert_eq!(take(&quotas, BEN), Ok(2));
    }

    #[test]
    fn use_on_other_servers_counts_and_is_not_published_again() {
        let quotas = Quotas::new("calls", THREE, Window::Minute, true);
        take(&quotas, ANN).unwrap();
        quotas.take_for_others(ANN, 1);
        assert_eq!(take(&quotas, ANN), Ok(0));
        assert!(take(&quotas, ANN).is_err());
        quotas.take_for_others(BEN, 4_000_000);
        assert!(take(&quotas, BEN).is_err());
        assert_eq!(quotas.unshared(), HashMap::from([(ANN, 2)]));
        assert_eq!(quotas.unshared(), HashMap::new());
    }

    #[test]
    fn all_networks_of_a_site_share_a_quota() {
        let quotas = ClientQuotas {
            networks: Quotas::new("calls", THREE, Window::Minute, false),
            sites: Quotas::new("calls-site", THREE.saturating_mul(THREE), Window::Minute, false),
        };
        let key = CountKey::random();
        let take =
            |address: String| quotas.take(address.parse().unwrap(), &key, NonZeroU32::MIN).is_ok();
        let passed = (0..20).filter(|n| take(format!("2001:db8:1:{n:x}::1"))).count();
        assert_eq!(passed, 9);
        assert!(take("2001:db8:2::1".to_owned()) && take("203.0.113.9".to_owned()));
        let passed = (0..20).filter(|n| take(format!("198.51.100.{n}"))).count();
        assert_eq!(passed, 20);
    }

    #[test]
    fn a_large_amount_is_taken_as_a_whole_or_not_at_all() {
        let most = NonZeroU32::new(1000).unwrap();
        let quotas = Quotas::new("bytes", most, Window::Hour, true);
        let take = |count| {
            let taken = quotas.take(ANN, NonZeroU32::new(count).unwrap());
            taken.map(|left| left.remaining).map_err(|used_up| used_up.retry_after_seconds)
        };
        assert_eq!(take(600), Ok(400));
        // A fifth of an hour refills 200 of 1,000. Until then nothing is taken.
        let wait = take(600).unwrap_err();
        assert!((719..=720).contains(&wait), "{wait}");
        assert_eq!(take(400), Ok(0));
        // A request above the whole quota waits for all of it.
        let wait = take(u32::MAX).unwrap_err();
        assert!((3599..=3600).contains(&wait), "{wait}");
        assert_eq!(quotas.unshared(), HashMap::from([(ANN, 1000)]));
    }

    #[test]
    fn use_on_other_servers_never_exceeds_the_quota() {
        let most = NonZeroU32::new(1000).unwrap();
        for (present, others, left) in [(0, 999, 1), (300, 800, 0), (999, 2, 0), (1, 0, 999)] {
            let quotas = Quotas::new("bytes", most, Window::Hour, false);
            if let Some(present) = NonZeroU32::new(present) {
                assert!(quotas.take(ANN, present).is_ok());
            }
            quotas.take_for_others(ANN, others);
            let all_left = NonZeroU32::new(left).is_none_or(|left| quotas.take(ANN, left).is_ok());
            assert!(all_left && quotas.take(ANN, NonZeroU32::MIN).is_err(), "{present} {others}");
        }
    }

    #[test]
    fn the_remainder_is_written_as_rate_limit_headers() {
        let mut headers = HeaderMap::new();
        RemainingQuota { name: "calls", quota: THREE, window: Window::Minute, remaining: 1 }
            .write(&mut headers);
        assert_eq!(headers.get("ratelimit-policy").unwrap(), "\"calls\";q=3;w=60");
        assert_eq!(headers.get("ratelimit").unwrap(), "\"calls\";r=1;t=40");
    }
}
