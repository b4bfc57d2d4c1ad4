//! Rate limits.

use std::net::IpAddr;
use std::num::NonZeroU32;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web;

use super::network_settings::NetworkSettings;
use super::quotas::{ClientQuotas, QuotaExceeded, Quotas, RemainingQuota, Window};
use super::rate_limits::RateLimits;
use super::shared::CountKey;
use crate::support_page::unsubscribe;

/// Counts requests against the rate limits.
pub(crate) struct Limiter {
    creations: ClientQuotas,
    customer_calls: ClientQuotas,
    failed_tokens: ClientQuotas,
    files: ClientQuotas,
    staff_calls: Quotas,
    key: CountKey,
}

impl Limiter {
    pub(crate) fn new(limits: &RateLimits) -> Self {
        let is_shared = limits.shared.is_some();
        let of_clients = |names: [&'static str; 2], quota: NonZeroU32, window| {
            let [networks, sites] = names;
            let of_site = quota.saturating_mul(limits.site_factor);
            ClientQuotas {
                networks: Quotas::new(networks, quota, window, is_shared),
                sites: Quotas::new(sites, of_site, window, is_shared),
            }
        };
        let minute = Window::Minute;
        Self {
            creations: of_clients(["creations", "creations-site"], limits.creations, minute),
            customer_calls: of_clients(
                ["customer-calls", "customer-calls-site"],
                limits.customer_calls,
                minute,
            ),
            failed_tokens: of_clients(
                ["failed-tokens", "failed-tokens-site"],
                limits.failed_tokens,
                minute,
            ),
            files: of_clients(["files", "files-site"], limits.file_kibibytes, Window::Hour),
            staff_calls: Quotas::new("staff-calls", limits.staff_calls, minute, is_shared),
            key: limits.shared.as_ref().map_or_else(CountKey::random, |shared| shared.key.clone()),
        }
    }

    /// Takes from the upload quota of a client, or returns the seconds until there is enough.
    pub(super) fn take_files(&self, client: IpAddr, kibibytes: NonZeroU32) -> Result<(), u64> {
        let taken = self.files.take(client, &self.key, kibibytes);
        taken.map(|_| ()).map_err(|used_up| used_up.retry_after_seconds())
    }

    /// Returns all quotas.
    pub(super) fn quotas(&self) -> [&Quotas; 9] {
        let Self { creations, customer_calls, failed_tokens, files, staff_calls, key: _ } = self;
        [
            &creations.networks,
            &creations.sites,
            &customer_calls.networks,
            &customer_calls.sites,
            &failed_tokens.networks,
            &failed_tokens.sites,
            &files.networks,
            &files.sites,
            staff_calls,
        ]
    }
}

fn limiter(request: &ServiceRequest) -> Option<web::Data<Limiter>> {
    request.app_data::<web::Data<Limiter>>().cloned()
}

/// Takes one request from the quota of a valid token. Returns `None` if there are no limits.
pub(crate) fn take_for_token(
    request: &ServiceRequest,
    token: &str,
) -> Option<Result<RemainingQuota, QuotaExceeded>> {
    let limiter = limiter(request)?;
    Some(limiter.staff_calls.take(limiter.key.of(token.as_bytes()), NonZeroU32::MIN))
}

/// Enforces the rate limits.
pub(crate) async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let edge = request.app_data::<web::Data<NetworkSettings>>();
    let client = edge.and_then(|edge| edge.proxies.client(request.request()));
    let (Some(limiter), Some(client)) = (limiter(&request), client) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    // Uses the decoded path, as the router does, so that no other spelling bypasses the limits.
    let path = request.match_info().as_str().to_owned();
    if path.starts_with("/api/internal") || path == "/metrics" {
        let shows_a_token = request.headers().contains_key(AUTHORIZATION);
        let response = next.call(request).await?.map_into_boxed_body();
        let is_refused = shows_a_token && response.status() == StatusCode::UNAUTHORIZED;
        return Ok(if is_refused { refused_token(&limiter, client, response) } else { response });
    }
    let unsubscribes = request.method() == Method::POST && path == unsubscribe::PATH;
    if !path.starts_with("/api/support/") && !unsubscribes {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let opens_a_case = request.method() == Method::POST && path == "/api/support/case";
    let quotas = if opens_a_case { &limiter.creations } else { &limiter.customer_calls };
    match quotas.take(client, &limiter.key, NonZeroU32::MIN) {
        Ok(left) => {
            let mut response = next.call(request).await?.map_into_boxed_body();
            // Mail programs and browsers do not act on them.
            if !unsubscribes {
                left.write(response.headers_mut());
            }
            Ok(response)
        }
        Err(used_up) => Ok(used_up.refuse(request)),
    }
}

/// Slows down clients that guess tokens. Only requests with invalid tokens are counted and
/// rejected, so that no client can lock out others behind the same address.
fn refused_token(
    limiter: &Limiter,
    client: IpAddr,
    response: ServiceResponse<BoxBody>,
) -> ServiceResponse<BoxBody> {
    match limiter.failed_tokens.take(client, &limiter.key, NonZeroU32::MIN) {
        Ok(_) => {
            tracing::warn!(%client, "a request with an invalid token was rejected");
            response
        }
        Err(used_up) => used_up.replace(response),
    }
}
